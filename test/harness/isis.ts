/** A real `bin/isis` for a test, and its output. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';
import { temporaryDirectory } from './machine.ts';
import { ROOT } from './systemd.ts';

export const ISIS = join(ROOT, 'bin/isis');

/** A folder that is removed with the test. */
export function folderFor(t: TestContext): string {
  const folder = temporaryDirectory(t);
  return folder;
}

/**
 * An isis.ini of these lines, of which the last win, on any port of 127.0.0.1; without presets there is no handshake.
 */
export function writeIni(folder: string, lines: readonly string[]): string {
  const ini = join(folder, 'isis.ini');
  writeFileSync(ini, `${['ServerPort 0', 'Listen 127.0.0.1', ...lines].join('\n')}\n`);
  return ini;
}

export class IsisProcess {
  readonly child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
  }

  /** Starts `isis -d` and waits until its port is bound. It ends with the test. */
  static async start(t: TestContext, ini: string): Promise<IsisProcess> {
    const child = spawn(ISIS, ['-d', `-f${ini}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(t, () => child.kill('SIGKILL'));
    // Not `for await`: leaving it would close the server's stdout.
    const lines = createInterface(child.stdout);
    const opened = new Promise<number>((resolve) => {
      lines.on('line', (line) => {
        const port = /started as host \S+ on port (\d+)/.exec(line)?.[1];
        if (port !== undefined) {
          resolve(Number(port));
        }
      });
      lines.once('close', () => resolve(0));
    });
    const port = await opened;
    assert.ok(port > 0, 'isis ended before it was open');
    return new IsisProcess(child, port);
  }

  /** Ends it as systemd does, and waits for its exit status. */
  async stop(): Promise<number | null> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [status] = await ended;
    return status as number | null;
  }
}
