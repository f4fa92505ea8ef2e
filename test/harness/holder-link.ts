/** A real holder of this process behind a socket of its own, and links to it. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Holder, type HolderParts } from '../../src/holder/holder.ts';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { atEnd } from './at-end.ts';
import { temporaryDirectory } from './machine.ts';

// The bundler's constant, for sources that run as they are.
Object.assign(globalThis, { HOLDFAST_VERSION: 'test' });
const { holderAt } = await import('../../src/remote/holder-access.ts');
const { HolderLink } = await import('../../src/remote/holder-link.ts');

export { HolderLink, holderAt };

export async function holderUnderTest(t: TestContext, cgroups: HolderParts['cgroups'] = { missing: '' }) {
  const socket = join(temporaryDirectory(t), 'holder');
  const holder = new Holder({
    version: 'test',
    writer: new LogWriter(clock),
    clock,
    cgroups,
    finished: () => undefined,
  });
  /** Messages of the holder. */
  let told = '';
  const connections = new Set<Socket>();
  const server = createServer((connection) => {
    connections.add(connection);
    const write = connection.write.bind(connection);
    connection.write = (frame: Uint8Array) => {
      told += Buffer.from(frame).toString('latin1');
      return write(frame);
    };
    holder.serve(connection);
  }).listen(socket);
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const link = async (found = (): void => undefined) => {
    const made = new HolderLink({
      ...{ holder: holderAt(socket), logDelay: 0, clock },
      ...{ lost: () => undefined, found, trouble: () => undefined },
    });
    atEnd(t, () => made.close());
    await made.open();
    return made;
  };
  /** Ends all connections to it. */
  const loseAll = () => {
    for (const connection of connections) {
      connection.destroy();
    }
    connections.clear();
  };
  return { socket, link, loseAll, told: () => told };
}

/** A console of the holder, and the calls of its handlers. */
export async function opened(link: InstanceType<typeof HolderLink>) {
  const { backend, kept } = link.openBackend('a', undefined, () => undefined);
  const heard: string[] = [];
  backend.handlers = {
    started: (pid) => void heard.push(`started ${pid}`),
    notStarted: ({ message }) => void heard.push(`not started: ${message}`),
    ended: ({ pid }) => void heard.push(`ended ${pid}`),
    advanced: () => undefined,
    drained: () => void heard.push('room'),
  };
  return { backend, kept: await kept, heard };
}

export const SLEEP = { file: '/bin/sleep', argv: ['sleep', '1000'] };
