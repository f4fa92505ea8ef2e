// Bytes that are no request over the network door. HOLDFAST_SOAK=1: 10,000 of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { SOAK } from '../harness/host.ts';
import { missing } from '../harness/machine.ts';
import { networkDoor } from '../harness/network-door.ts';

const skip = missing('openssl');
const RUNS = SOAK ? 10_000 : 25;

test('bytes that are no request end their connection, and no other', { skip }, async (t) => {
  const network = await networkDoor(t, openDoor(new FakeHost()));
  const head = 'GET /v1/version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n';
  const broken = fc
    .tuple(fc.nat(head.length - 1), fc.uint8Array({ minLength: 1, maxLength: 20 }))
    .map(([at, bytes]) => {
      return Buffer.concat([
        Buffer.from(head.slice(0, at)),
        bytes,
        Buffer.from(head.slice(at)),
        Buffer.from('\r\n\r\n'),
      ]);
    });
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((each) => Buffer.concat([each, Buffer.from('\r\n\r\n')])),
    broken,
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (some) => {
      const answer = await network.exchange(some, true);
      assert.match(answer, /^(HTTP\/1\.1 [24]\d\d [\s\S]*)?$/);
    }),
    { numRuns: RUNS },
  );
  assert.equal((await network.get('/v1/version')).status, 200);
  assert.deepEqual(network.faults, []);
});
