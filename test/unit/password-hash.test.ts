/** Password formats against hashes that other programs made. */

import assert from 'node:assert/strict';
import { argon2Sync, scryptSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { passwordFits } from '../../src/access/password-hash.ts';
import { systemPasswordFits } from '../../src/access/shadow.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { temporaryDirectory } from '../harness/machine.ts';

const raw = (data: Buffer) => data.toString('base64').replace(/=+$/, '');
const salt = Buffer.from('0123456789abcdef');

function argon2Hash(): string {
  const nonce = salt;
  const made = argon2Sync('argon2id', {
    message: 'secret',
    nonce,
    memory: 64,
    passes: 2,
    parallelism: 1,
    tagLength: 32,
  });
  return `$argon2id$v=19$m=64,t=2,p=1$${raw(salt)}$${raw(made)}`;
}

function scryptHash(): string {
  return `$scrypt$ln=10,r=8,p=1$${raw(salt)}$${raw(scryptSync('secret', salt, 32, { N: 1024, r: 8, p: 1 }))}`;
}

test('the correct password matches, another does not', async () => {
  const hashes = [
    'ZkMSqcI9UbOm6',
    '$6$conform$ObiIuW5G6cSndMreaXGN9HveEQ0zjzzMigZGZJAqBMZ3Ft/KTdRO1fxuAHmcpKC0WvEroSawqOOZGD0ZQzUpN/',
    argon2Hash(),
    scryptHash(),
  ];
  for (const hash of hashes) {
    assert.equal(await passwordFits('secret', hash), true, hash);
    assert.equal(await passwordFits('secres', hash), false, hash);
    assert.equal(await passwordFits('', hash), false, hash);
  }
});

test('text that is not a hash matches nothing', async () => {
  for (const hash of [
    '*',
    '!',
    'x',
    '*0',
    '$9$what$ever',
    '$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA',
    '\0',
    'ZkMSqcI9UbOm',
  ]) {
    assert.equal(await passwordFits('secret', hash), false, hash);
    assert.equal(await passwordFits(hash, hash), false, hash);
  }
});

test('also with /etc/shadow: unknown, locked and expired users cost a hash', async (t) => {
  const file = join(temporaryDirectory(t), 'shadow');
  const slow =
    '$6$rounds=200000$conform$ObiIuW5G6cSndMreaXGN9HveEQ0zjzzMigZGZJAqBMZ3Ft/KTdRO1fxuAHmcpKC0WvEroSawqOOZGD0ZQzUpN/';
  writeFileSync(
    file,
    `root:*:1::::::\nann:${slow}:1::::::\nold:${slow}:1:::::2:\ncid:!${slow}:1::::::\ndan::1::::::\n`,
  );
  const timeOf = async (user: string): Promise<number> => {
    const began = performance.now();
    assert.equal(await systemPasswordFits(user, 'guess', systemClock, file), false, user);
    return performance.now() - began;
  };
  const known = await timeOf('ann');
  for (const user of ['root', 'old', 'cid', 'dan', 'nobody-has-this-name']) {
    // Without a hash it is a thousandth of that.
    assert.ok((await timeOf(user)) > known / 20, user);
  }
});
