import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tokens } from '../../../src/access/tokens.ts';
import { tokenLines } from '../../../src/cli/holdfast/commands/token.ts';
import type { NewToken, TokenInfo } from '../../../src/model/api.ts';
import { systemClock } from '../../../src/platform/time/clock.ts';
import { clientOf } from '../../fakes/acting-as.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { GOOD_ACCOUNTS } from '../../fakes/good-accounts.ts';
import { openParts } from '../../fakes/open-door.ts';
import { person } from '../../fakes/principals.ts';
import { runCommand } from '../../harness/run-command.ts';

const tokens = () =>
  new Tokens({
    file: { read: async () => [], write: async () => undefined },
    clock: systemClock,
    event: () => undefined,
    accounts: GOOD_ACCOUNTS,
  });
const AT = Date.parse('2026-03-01T03:00:00.000Z');

test('token create prints the token alone on standard output; list and revoke know it by its id', async () => {
  const client = clientOf({ ...openParts(new FakeHost()), tokens: tokens() }, person('ada'));
  const runs = (...words: string[]) => runCommand({ client }, ...words);
  const made = await runs('token', 'create', '--for', '30d', '--may', 'read,restart', '--label', 'pump script');
  assert.deepEqual([made.code, /^hft_[\w-]{43}\n$/.test(made.out)], [0, true]);
  assert.match(made.err, /^token [0-9a-f]{8} of ada: at most read, restart, until 20.*; it is shown this once\n$/);
  const other = JSON.parse((await runs('token', 'create', '--for=1h', '-u', 'robot', '--json')).out) as NewToken;
  assert.deepEqual([other.user, other.createdBy, other.may], ['robot', 'ada', undefined]);
  const listed = await runs('token', 'list');
  assert.match(
    listed.out,
    /^ID .*\n[0-9a-f]{8} +ada +read,restart +all +29d23h +never +ada +pump script\n.* robot +all +all /,
  );
  assert.equal(listed.out.includes('hft_'), false);
  const [mine] = JSON.parse((await runs('token', 'list', '-u', 'ada', '--json')).out) as TokenInfo[];
  assert.match(
    (await runs('token', 'revoke', mine?.id ?? '', other.id)).err,
    /of ada is revoked\n.*of robot is revoked/,
  );
  assert.deepEqual(await runs('token', 'list'), { code: 0, out: '', err: 'no tokens\n', asked: [] });
  assert.deepEqual((await runs('token', 'revoke', other.id)).code, 1);
});

test('what makes no sense is refused before anybody is asked', async () => {
  const client = clientOf({ ...openParts(new FakeHost()), tokens: tokens() }, person('ada'));
  for (const [words, message] of [
    [['create'], /say with --for/],
    [['create', '--for', '3y'], /--for: '3y' is not a duration/],
    [['create', '--for', '400d'], /valid for 1s to 366d/],
    [['create', '--for', '1d', '--may', 'raed'], /--may: 'raed' is not a right; there are see, read,/],
    [['create', 'ada', '--for', '1d'], /'ada' is one word too many/],
    [['revoke'], /name the ids/],
    [['drop'], /'drop' is not one of create, list, revoke/],
  ] as const) {
    const { code, err } = await runCommand({ client }, 'token', ...words);
    assert.deepEqual([code, message.test(err)], [64, true], err);
  }
});

test('the list has an end in sight, and what has ended', () => {
  const info = { user: 'vera', createdBy: 'root', createdAt: '2026-02-01T00:00:00.000Z' };
  const lines = tokenLines(
    [
      { ...info, id: '0a', until: '2026-03-01T05:00:00.000Z', may: ['read'], lastUsed: '2026-02-28' },
      { ...info, id: '0b', until: '2026-03-01T02:00:00.000Z' },
    ],
    { columns: 80, color: false, now: () => AT },
  );
  assert.deepEqual(
    lines.slice(1).map((line) => line.split(/ +/).slice(0, 6)),
    [
      ['0a', 'vera', 'read', 'all', '2h', '2026-02-28'],
      ['0b', 'vera', 'all', 'all', 'expired', 'never'],
    ],
  );
});
