/** A real holder on a socket of its own, ended with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { holderAt } from '../../src/remote/holder-access.ts';
import { HolderClient } from '../../src/remote/holder-client.ts';
import { atEnd } from './at-end.ts';
import { temporaryDirectory } from './machine.ts';

const build = join(import.meta.dirname, '../../build');

export interface HolderUnderTest {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly socket: string;
  readonly folder: string;
}

export async function startHolder(t: TestContext, logDelay = 50): Promise<HolderUnderTest> {
  const folder = temporaryDirectory(t);
  const socket = join(folder, 'holder');
  const holder = spawn(
    join(build, 'node'),
    [join(build, 'holdfast-holder.cjs'), 'holdfast-holder', socket, String(logDelay)],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  atEnd(t, () => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  return { process: holder, pid: holder.pid as number, socket, folder };
}

/** A connection to the holder that listens at `socket`, as a server has it. */
export function holderClient(socket: string, lost = (): void => undefined): Promise<HolderClient> {
  return HolderClient.connect(holderAt(socket), { version: 'test', clock, lost });
}
