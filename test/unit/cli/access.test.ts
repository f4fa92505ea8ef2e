import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { width } from '../../../src/cli/holdfast/text/display.ts';
import { nameRanges } from '../../../src/cli/holdfast/text/name-ranges.ts';
import type { HostClient } from '../../../src/model/host-port.ts';
import type { Principal } from '../../../src/model/principal.ts';
import { clientOf } from '../../fakes/acting-as.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { governed } from '../../fakes/governed.ts';
import { person } from '../../fakes/principals.ts';
import { temporaryDirectory } from '../../harness/machine.ts';
import { runCommand } from '../../harness/run-command.ts';

const VERA = person('vera', { uid: 1000 });
const JO = person('jo', { uid: 1001 });
const RULES = `[access]
contact = "controls on call, 4711"
[[access.rule]]
who = ["everyone"]
may = ["read"]
[[access.rule]]
label = "vacuum operators"
who = ["@vac-operators"]
on = ["vac-*"]
may = ["operate"]
reason = "required"
hours = "mon-sun 00:00-24:00"
[[access.rule]]
who = ["jo"]
may = ["force", "operate", "configure"]
reason = "asked"
[[access.limit]]
who = ["channel:procserv"]
on = ["rf-*"]
may = []
hours = "sat,sun"
`;

function clientAs(by: Principal, rules = RULES, count = 100, event?: string): HostClient {
  const host = new FakeHost();
  for (let n = 1; n <= count; n++) {
    host.add(`vac-${String(n).padStart(3, '0')}`);
    host.add(`rf-${n}`);
  }
  host.add('mps');
  if (event !== undefined) {
    host.emit({ type: 'server', text: event });
  }
  return clientOf(governed(host, rules, { 'vac-operators': ['vera'] }), by);
}

async function shown(by: Principal, words: readonly string[] = [], rules = RULES): Promise<string> {
  const terminal = { columns: 80, rows: 24 };
  const { code, out, err } = await runCommand({ client: clientAs(by, rules), terminal }, 'access', ...words);
  assert.deepEqual([code, err], [0, '']);
  for (const line of out.split('\n')) {
    assert.ok(width(line) <= 80, line);
  }
  return out;
}

test('what one may, at 200 consoles on one screen', async () => {
  assert.equal(
    await shown(VERA),
    `vera may:
vac-001 to vac-100
  read     /etc/h/a.toml:3
  operate  /etc/h/a.toml:6, a reason is required
mps, rf-1 to rf-100
  read  /etc/h/a.toml:3
Ask for a right: controls on call, 4711
`,
  );
});

test('what another user may is told to those who may know', async () => {
  const out = await shown(JO, ['--user', 'vera', 'mps']);
  assert.match(out, /^vera may on mps, by the control socket:\n {2}read {2}\/etc\/h\/a\.toml:3\n/);
  assert.match(
    await shown(JO, ['-u', 'verra']),
    /^This system has no user verra\.\nverra may, by the control socket:\n/,
  );
  const { code, err } = await runCommand({ client: clientAs(VERA) }, 'access', '--user', 'jo');
  assert.equal(code, 77);
  assert.match(err, /^holdfast: access: .*`configure`/);
});

test('who may what on a console', async () => {
  assert.equal(
    await shown(JO, ['rf-7']),
    `jo may on rf-7:
  read            /etc/h/a.toml:3
  operate, force  /etc/h/a.toml:13, a reason is asked for
Who may do what on rf-7:
everyone
  read  /etc/h/a.toml:3
jo
  operate, force, configure  /etc/h/a.toml:13, a reason is asked for
channel:procserv
  nothing  /etc/h/a.toml:17, sat-sun
Root and the user that the server runs as may do everything, whatever the rules
say.
Ask for a right: controls on call, 4711
`,
  );
  const own = await shown(VERA, ['vac-001']);
  assert.match(
    own,
    /^vera may on vac-001:\n {2}read .*\n {2}operate .*\nWho else may do what here is told to those with/,
  );
});

test('nothing, everything, and no rules at all are told plainly', async () => {
  const none = '[[access.rule]]\nwho = ["jo"]\nmay = ["see"]';
  assert.equal(await shown(VERA, [], none), 'vera may do nothing.\n');
  const hidden = await shown(VERA, ['mps'], none);
  assert.match(hidden, /^vera may do nothing on mps\.\n/, 'a console that may not be seen is no secret');
  const root = person('root', { uid: 0 });
  assert.match(await shown(root), /^root may do everything: no rule is about root and/);
  assert.match(await shown(root, ['mps']), /\nWho may do what on mps:\neveryone\n/);
  const ungoverned =
    /^There is no \[access\] in the configuration: whoever may open the control socket\nmay do everything\.\n$/;
  assert.match(await shown(VERA, [], ''), ungoverned);
  assert.match(await shown(VERA, ['mps'], ''), ungoverned);
  const bound = await shown({ ...VERA, bound: ['read'] });
  assert.match(bound, /^This way in leaves vera at most: read\.\nvera may:\n/);
});

test('a line that has no room is told on two', async () => {
  const terminal = { columns: 40, rows: 24 };
  const { out } = await runCommand({ client: clientAs(VERA), terminal }, 'access', 'vac-001');
  assert.match(out, /\n {2}operate\n {4}\/etc\/h\/a\.toml:6, a reason is\n {4}required\n/);
});

test('the answer of the API, for programs', async () => {
  const client = clientAs(JO);
  const { out } = await runCommand({ client }, 'access', 'mps', '--json');
  assert.deepEqual(JSON.parse(out), await client.access({ console: 'mps' }));
});

const REFUSED = `[access]
contact = "the desk, 4711"
[[access.rule]]
label = "vacuum operators"
who = ["@vac-operators"]
on = ["vac-*"]
may = ["operate"]
[[access.rule]]
who = ["nobody", "jo"]
on = ["rf-1"]
may = ["stop"]
hours = "mon 00:00-00:01"
[[access.limit]]
who = ["vera"]
on = ["vac-002"]
may = ["see"]
`;

for (const [user, words, message, code = 77] of [
  [
    'vera',
    ['stop', 'rf-1'],
    'vera may not see rf-1: it takes the right `see`, which is given to user nobody, jo (/etc/h/a.toml:8); ask the desk, 4711',
  ],
  [
    'vera',
    ['stop', 'vac-002'],
    'vera may not stop vac-002: it takes the right `stop`, and /etc/h/a.toml:13 leaves only see; ask the desk, 4711',
  ],
  [
    'vera',
    ['logs', 'vac-001'],
    'vera may not read the log of vac-001: it takes the right `read`, which no rule gives; ask the desk, 4711',
  ],
  [
    'vera',
    ['down'],
    'vera may not end this server: it takes the right `admin`, which no rule gives; ask the desk, 4711',
  ],
  [
    'nobody',
    ['stop', 'rf-1'],
    'user nobody may not see rf-1: it takes the right `see`, which user nobody has mon 00:00-00:01 (/etc/h/a.toml:8); ask the desk, 4711',
  ],
  [
    'nobody',
    ['status', 'vac-001'],
    'user nobody may not see vac-001: it takes the right `see`, which is given to vacuum operators (/etc/h/a.toml:3); ask the desk, 4711',
  ],
  [
    'nobody',
    ['ps'],
    "you may see none of the 201 consoles of this server: 'holdfast access' says what you may, and whom to ask",
    0,
  ],
  [
    'nobody',
    ['status', 'nope'],
    'user nobody may not see nope: it takes the right `see`, which no rule gives; ask the desk, 4711',
  ],
  ['vera', ['status', 'nope-*'], "no console matches 'nope-*'", 66],
] as const) {
  test(`a refusal reads well: ${user}, ${words.join(' ')}`, async () => {
    const result = await runCommand(
      { client: clientAs(person(user, { uid: 1007 }), REFUSED, 100, 'it is up') },
      ...words,
    );
    assert.equal(result.code, code);
    assert.ok(result.err.includes(message), result.err);
  });
}

test('the doctor tells a user without rights what it could not examine', async (t) => {
  const socket = join(temporaryDirectory(t), 'control');
  writeFileSync(socket, '');
  chmodSync(socket, 0o666);
  const { out } = await runCommand({ client: clientAs(VERA), socket }, 'doctor');
  assert.match(out, /^warning {2}configuration: not examined: .*`configure`/m);
  assert.match(out, /^warning {2}access: not examined: .*`configure`/m);
  assert.match(out, /^ok {7}control socket: .* is open to every user \(mode 0666\); \[access\] says/m);
  const ungoverned = await runCommand({ client: clientAs(VERA, ''), socket }, 'doctor');
  assert.match(
    ungoverned.out,
    /^FAILED {3}control socket: .* is open to every user \(mode 0666\), who may do everything/m,
  );
});

test('a name that is no console', async () => {
  for (const [words, message] of [
    [['nope'], /no console/i],
    [['nope-*'], /no console matches 'nope-\*'/],
    [['vac-*'], /matches 100 consoles; this command takes one/],
    [['isis.mods'], /no console/i],
  ] as const) {
    const { code, err } = await runCommand({ client: clientAs(JO) }, 'access', ...words);
    assert.equal(code, 66, words.join());
    assert.match(err, message);
  }
});

for (const [names, ranges] of [
  [
    ['b', 'a'],
    ['a', 'b'],
  ],
  [
    ['vac-02', 'vac-01'],
    ['vac-01', 'vac-02'],
  ],
  [['vac-9', 'vac-10', 'vac-11'], ['vac-9 to vac-11']],
  [['vac-09', 'vac-10', 'vac-11'], ['vac-09 to vac-11']],
  [
    ['vac-1', 'vac-2', 'vac-4'],
    ['vac-1', 'vac-2', 'vac-4'],
  ],
  [
    ['a1', 'a2', 'a3', 'b4', '7', '8', '9'],
    ['7 to 9', 'a1 to a3', 'b4'],
  ],
  [[], []],
] as const) {
  test(`ranges of names: ${names}`, () => {
    assert.deepEqual(nameRanges(names), ranges);
  });
}
