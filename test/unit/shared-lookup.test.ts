import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedLookup } from '../../src/platform/shared-lookup.ts';

const questions = () => process.getActiveResourcesInfo().filter((name) => name === 'GetAddrInfoReqWrap').length;

test('simultaneous lookups of one host ask once, and all get the answer', async () => {
  const ask = (host: string, family: 0 | 4) =>
    new Promise((resolve) => sharedLookup(host, { family }, (error, address) => resolve(error ? error.code : address)));
  const same = Array.from({ length: 20 }, () => ask('localhost', 4));
  assert.equal(questions(), 1);
  const other = ask('no-such-host.invalid', 0);
  assert.equal(questions(), 2);
  assert.deepEqual(await Promise.all(same), Array(20).fill('127.0.0.1'));
  assert.match(String(await other), /^(?:ENOTFOUND|EAI_AGAIN)$/);
  // The next one asks again.
  assert.equal(await ask('localhost', 4), '127.0.0.1');
});
