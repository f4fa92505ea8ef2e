// What a peer types before it is served: a console of a host server waits for its holder first.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Door } from '../../src/listeners/procserv/door.ts';
import type { Instance } from '../../src/listeners/procserv/instance.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import { listenOn } from '../../src/platform/listen.ts';
import { native } from '../../src/platform/native.ts';
import { descriptorOf } from '../../src/platform/socket-descriptor.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

test('what was typed while a connection waited keeps its order', async (t) => {
  let typed = '';
  const heard = Promise.withResolvers<void>();
  const ring = new OutputRing({ keep: 1000, most: 1000 }, (size) => Buffer.alloc(size));
  // All that a session uses of it.
  const instance = {
    settings: { history: 0 },
    stream: new OutputStream(ring, clock.monotonic),
    console: { full: false, forget: () => undefined },
    banner: () => 'banner\r\n',
    enter: () => () => undefined,
    input: (data: Uint8Array) => {
      typed += Buffer.from(data).toString();
      if (typed.length === 'first second '.length) {
        heard.resolve();
      }
      return { logout: false };
    },
  } as unknown as Instance;
  const path = join(temporaryDirectory(t), 'control');
  const door = new Door(instance, clock, () => true);
  t.after(() => door.close(0));
  const listening = listenOn({ kind: 'unix', path, mode: 0o600 });
  const client = connect(path);
  t.after(() => client.destroy());
  door.open(
    listening,
    () => ({ logger: false }),
    async (socket) => {
      client.write('first ');
      await until('the stream to read', () => socket.readableLength > 0);
      // In the moment before it is served.
      native.send(descriptorOf(client) as number, Buffer.from('second '));
      return () => undefined;
    },
  );
  await once(client, 'connect');
  await heard.promise;
  assert.equal(typed, 'first second ');
});
