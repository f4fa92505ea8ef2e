import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWire } from '../../src/client/http-wire.ts';
import type { Wire } from '../../src/client/transport.ts';
import { UnixWay } from '../../src/client/unix-way.ts';
import { temporaryDirectory } from '../harness/machine.ts';

test('a connection that fails may be paused, resumed and closed by whoever hears of it', async (t) => {
  const error = await new Promise<NodeJS.ErrnoException>((resolve, reject) => {
    const wire: Wire = openWire(new UnixWay(join(temporaryDirectory(t), 'none')), '/v1/watch', ['v1'], {
      text: reject,
      bytes: reject,
      failed(error) {
        wire.pause();
        wire.resume();
        wire.close();
        resolve(error);
      },
      closed: reject,
    });
  });
  assert.equal(error.code, 'HF_NO_SERVER');
});
