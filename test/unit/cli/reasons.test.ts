import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { HoldfastError } from '../../../src/model/errors.ts';
import type { HostClient } from '../../../src/model/host-port.ts';
import { clientOf } from '../../fakes/acting-as.ts';
import { FakeHost } from '../../fakes/fake-host.ts';
import { governed } from '../../fakes/governed.ts';
import { person } from '../../fakes/principals.ts';
import { runCommand, type Site } from '../../harness/run-command.ts';

const VERA = person('vera', { uid: 1000 });
const RULES = `[[access.rule]]
who = ["everyone"]
may = ["read"]
[[access.rule]]
who = ["vera"]
on = ["vac-*"]
may = ["operate"]
reason = "required"
[[access.rule]]
who = ["vera"]
on = ["vac-02"]
may = ["restart"]
[[access.rule]]
who = ["vera"]
on = ["rf-01"]
may = ["operate"]
reason = "asked"
[[access.rule]]
who = ["jo"]
may = ["operate", "configure", "admin"]
reason = "asked"
`;
const ASKED = 'reason (shown in the events; may be empty):';
const REQUIRED = 'reason (shown in the events):';

let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
  for (const name of ['vac-01', 'vac-02', 'vac-03', 'rf-01', 'mps']) {
    host.add(name);
  }
});

/** `words`: what a person answers; undefined: there is nobody to ask. */
async function runs(words: string | undefined, by: typeof VERA, ...command: string[]) {
  const site: Site = {
    client: clientOf(governed(host, RULES), by),
    ...(words === undefined ? {} : { words, answer: true }),
  };
  host.calls.length = 0;
  const { code, err, asked } = await runCommand(site, ...command);
  return { code, err, asked, done: host.calls.map(({ verb, name = '', by: { reason } }) => [verb, name, reason]) };
}

test('at a terminal, a reason that a rule asks for is asked for before anything is done', async () => {
  assert.deepEqual(await runs(' HV card ', VERA, 'restart', 'vac-01'), {
    ...{ code: 0, err: '', asked: [REQUIRED] },
    done: [['restart', 'vac-01', 'HV card']],
  });
  assert.deepEqual(await runs('', VERA, 'restart', 'vac-01'), {
    ...{ code: 64, err: 'holdfast: restart vac-01: it takes a reason; nothing was done\n', asked: [REQUIRED] },
    done: [],
  });
  assert.deepEqual(await runs('', VERA, 'stop', 'rf-01'), {
    ...{ code: 0, err: '', asked: [ASKED] },
    done: [['stop', 'rf-01', undefined]],
  });
});

test('it is asked for once, for all consoles of the command', async () => {
  const { asked, done } = await runs('HV card', VERA, 'restart', 'vac-01', 'vac-03', 'rf-01');
  assert.deepEqual(asked, ['restart 3 consoles (vac-01, vac-03, rf-01)?', REQUIRED]);
  assert.deepEqual(
    done.map(([verb, , reason]) => [verb, reason]),
    Array(3).fill(['restart', 'HV card']),
  );
});

test('nobody is asked where no rule wants it, one that gives the right does not, or it is given', async () => {
  for (const [by, ...command] of [
    [VERA, 'restart', 'vac-02'],
    [VERA, 'restart', 'vac-01', '-r', 'x'],
    [VERA, 'hold', 'vac-01', '-r', 'x'],
    [person('root', { uid: 0 }), 'restart', 'vac-01'],
  ] as const) {
    const { code, asked } = await runs('never read', by, ...command);
    assert.deepEqual([code, asked], [0, []], command.join(' '));
  }
  const { code, asked } = await runs('never read', VERA, 'stop', 'mps');
  assert.deepEqual([code, asked], [77, []], 'what is refused anyway needs no reason');
});

test('without a terminal, or with --yes, a reason that is required is missing', async () => {
  for (const result of [
    await runs(undefined, VERA, 'restart', 'vac-01'),
    await runs('never read', VERA, 'restart', 'vac-01', '--yes'),
  ]) {
    const { code, asked, done, err } = result;
    assert.deepEqual([code, asked, done], [64, [], []]);
    assert.match(err, /^holdfast restart: vac-01: .*reason/);
  }
  assert.equal((await runs(undefined, VERA, 'restart', 'rf-01')).code, 0, 'one that is asked for is not');
});

test('what is done to the server takes a reason as well', async () => {
  const jo = person('jo', { uid: 1001 });
  assert.deepEqual((await runs('new rack', jo, 'reload')).done, [['apply', '', 'new rack']]);
  host.emit({ type: 'note', text: 'x' });
  host.fail('down', 'HF_BUSY', 'later');
  const { asked, done } = await runs('new kernel', jo, 'down');
  assert.deepEqual([asked, done], [[ASKED], [['down', '', 'new kernel']]]);
});

test('a server that knows no rules is asked for none', async () => {
  const client: HostClient = Object.assign(clientOf(governed(host, ''), VERA), {
    access: async () => {
      throw new HoldfastError('HF_NO_ROUTE', 'There is no GET /v1/access');
    },
  });
  assert.equal((await runCommand({ client, answer: true }, 'restart', 'vac-01')).code, 0);
});

test('whoever may end a hold is told how, once', async () => {
  for (const name of ['vac-01', 'vac-02', 'rf-01']) {
    await host.hold(name, 'HV card', undefined, person('ada'));
  }
  const hints = async (rules: string, by: typeof VERA, ...words: string[]) => {
    const { err } = await runCommand({ client: clientOf(governed(host, rules), by) }, ...words);
    return err.split('\n').filter((line) => line.includes('release'));
  };
  const starts = ['start', 'vac-01', 'vac-02', 'vac-03', '-r', 'x'];
  const told = ["holdfast start: 'holdfast release vac-01 vac-02' ends the holds"];
  assert.deepEqual(await hints(RULES, VERA, ...starts), told);
  assert.deepEqual(await hints(RULES, VERA, ...starts, '--no-wait'), told);
  assert.deepEqual(await hints(RULES, VERA, 'send', 'rf-01', 'dbl'), [
    "holdfast send: 'holdfast release rf-01' ends the hold",
  ]);
  const only = `[[access.rule]]\nwho = ["everyone"]\nmay = ["read", "start", "write"]\n`;
  assert.deepEqual(await hints(only, VERA, ...starts), []);
  assert.deepEqual(await hints(only, VERA, 'send', 'rf-01', 'dbl'), []);
});
