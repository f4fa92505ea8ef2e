/** Under systemd no process is lost, whenever holders and servers die: `HOLDFAST_KILLS=200` for as many rounds of each kind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT, World, writing } from '../harness/systemd.ts';

const { HOLDFAST_KILLS } = process.env;
const ROUNDS = Number(HOLDFAST_KILLS ?? 3);
const HOLDFAST = `${ROOT}/bin/holdfast`;
const QUIET = 40;
const FLOODS = 4;

/** Writes down that it begins. */
const BEGIN = `#!/bin/sh
echo $$ >>/run/starts/$1
shift
exec "$@"
`;
/** Some hundred thousand lines a second if it were alone; in a few rounds a hundredth, so that other tests have the processors. */
const FLOOD = `#!/usr/bin/perl
$| = 1;
for ($i = 1; ; $i++) {
  print "line $i of a flood that goes on and on and on\\n" x 20;
  ${HOLDFAST_KILLS === undefined ? 'select undef, undef, undef, 0.01;' : ''}
}
`;

const console = (name: string, words: readonly string[], more = ''): string =>
  `${name} = { run = ${JSON.stringify(['/opt/begin', name, ...words])}${more} }\n`;
const numbered = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

const CONFIG = [
  '[server]\nstart_at_once = 50\n[console]\n',
  ...numbered(QUIET).map((at) => console(`q${at}`, ['/bin/sleep', '100000'])),
  ...numbered(FLOODS).map((at) =>
    console(`f${at}`, ['/opt/flood'], ', log = { size = "1M", keep = 1, compress = false }'),
  ),
].join('');

const PREPARE = [
  'groupadd -r holdfast',
  writing('/opt/begin', BEGIN, '755'),
  writing('/opt/flood', FLOOD, '755'),
  writing('/etc/holdfast/holdfast.toml', CONFIG),
  // The folder of the starts is in /run, which does not exist yet.
  writing('/etc/tmpfiles.d/starts.conf', 'd /run/starts 0777\n'),
  `${HOLDFAST} systemd units --out /etc/systemd/system >/dev/null`,
  'systemctl enable holdfast.service',
].join('\n');

test('every process lives on whenever holder and server die', { timeout: 120_000 + ROUNDS * 60_000 }, async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }
  const count = QUIET + FLOODS;
  await world.until('all are up', 'systemctl show --value -p StatusText holdfast', (text) =>
    text.startsWith(`${count} of ${count} up`),
  );
  const kinds = {
    twice: 'the holder that takes over dies too',
    burst: 'a holder dies while all are started',
    mixed: 'server and holder die in any order',
  };
  for (const [mode, name] of Object.entries(kinds)) {
    await t.test(name, async () => {
      const words = [`${ROOT}/build/node`, '--no-warnings', `${ROOT}/test/harness/kill-holders.ts`, mode, `${ROUNDS}`];
      const { code, stdout, stderr } = await world.long(ROUNDS * 60_000, ...words);
      assert.equal(code, 0, `${stdout}${stderr}`);
      assert.deepEqual(JSON.parse(stdout), { rounds: ROUNDS, lost: [], ended: [] });
    });
  }
});
