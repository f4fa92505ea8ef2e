/** `holdfast send`: a line for several real consoles: a prompt, a slow one, a flood, one without an echo, one that is held. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOLDFAST, HostUnderTest, perl } from '../harness/host.ts';
import { PtyProgram } from '../harness/pty-program.ts';
import { until } from '../harness/until.ts';

/** Like an IOC shell: a prompt, an echo by the terminal, an answer. */
const shell = (answer: string, before = '') =>
  perl(`$| = 1; ${before} print "epics> "; while (<STDIN>) { chomp; ${answer} print "epics> "; }`);

const CONSOLES = `
[audit]
input = true
[console.a]
${shell('print "a says $_\\n";')}
[console.b]
${shell('print "b says $_\\nand more\\n";')}
[console.slow]
${shell('select(undef, undef, undef, 2.5); print "at last\\n";')}
[console.flood]
${shell('print "x" x 70, "\\n" for 1 .. 5000;')}
[console.mute]
${shell('print "done\\n";', 'system "stty -echo";')}
[console.silent]
${perl('$| = 1; print "epics> "; sleep 1 while 1')}
[console.asks]
${perl('$| = 1; print "valve? "; while (<STDIN>) { chomp; print "it is $_\\n"; print "valve? "; }')}
ready.pattern = 'valve\\? '
[console.held]
${shell('')}
`;

async function started(t: Parameters<typeof HostUnderTest.start>[0]): Promise<HostUnderTest> {
  const host = await HostUnderTest.start(t, CONSOLES);
  await host.state('asks', 'ready');
  for (const name of ['a', 'b', 'slow', 'flood', 'mute', 'silent', 'held']) {
    await host.said(name, 'epics> ');
  }
  return host;
}

test('each answers by its name; what does not run is told at once; a flood is cut', async (t) => {
  const host = await started(t);
  await host.client.hold('held', 'rack open', undefined);
  const sends = async (...words: string[]) => {
    const { code, stdout, stderr } = await host.command('send', ...words);
    return [code, stdout, stderr];
  };
  assert.deepEqual(await sends('a', 'dbl'), [0, 'a says dbl\n', '']);
  assert.deepEqual(await sends('asks', 'open'), [0, 'it is open\n', '']);
  const asked = JSON.parse(String((await sends('asks', 'shut', '--json'))[1]));
  assert.deepEqual(asked[0].lines, ['it is shut'], 'without its own prompt');
  const [code, out, err] = await sends('a', 'b', 'mute', 'held', 'x y');
  assert.equal(code, 75);
  assert.deepEqual(String(out).trimEnd().split('\n').sort(), [
    'a    | a says x y',
    'b    | and more',
    'b    | b says x y',
    'mute | done',
  ]);
  assert.match(
    String(err),
    /^holdfast send: held: it is held by \S+: rack open\nholdfast send: 'holdfast release held' ends the hold\n$/,
  );
  assert.deepEqual(await sends('slow', 'go', '--prompt', '^epics> $'), [0, 'at last\n', '']);
  const flood = await sends('flood', 'go');
  assert.equal(flood[0], 0);
  assert.ok(String(flood[1]).length <= 128 * 1024, String(String(flood[1]).length));
  assert.equal(flood[2], 'holdfast send: flood: more than 64 KiB; the rest is left out\n');
  const late = 'holdfast send: silent: the line was typed, but no prompt came in time\n';
  const silent = await sends('silent', 'go', '--prompt', 'epics> $', '--timeout', '0.3s');
  assert.deepEqual([silent[0], silent[2]], [4, late]);
  const nothing = 'holdfast send: silent: nothing has come back for 2 s: it is busy, or it hangs\n';
  assert.deepEqual(await sends('silent', 'go'), [0, '', nothing]);
  const json = JSON.parse(String((await sends('a', 'b', 'held', 'z', '--json'))[1]));
  assert.deepEqual(json.slice(0, 2), [
    { name: 'a', outcome: 'done', lines: ['a says z'] },
    { name: 'b', outcome: 'done', lines: ['b says z', 'and more'] },
  ]);
  assert.deepEqual([json[2].outcome, json[2].code], ['failed', 'HF_HELD']);
  // On a busy machine an echo may come too late to tell the line from a password: then it is said to be without one.
  const audit = await until('the line, with its echo', async () => {
    const { stdout } = await host.command('audit', 'a');
    return /type into a: .*x y/.test(stdout) ? stdout : (await sends('a', 'x y')) && undefined;
  });
  assert.match(audit, /type into a: .*x y/);
  // Nobody has the keyboard afterwards.
  const left = (await host.client.list({})).filter(({ sessions, writer }) => sessions > 0 || writer);
  assert.deepEqual(left, []);
});

test('where somebody else has the keyboard nothing is typed, unless by force; a terminal is asked before several', async (t) => {
  const host = await started(t);
  const other = await PtyProgram.start([HOLDFAST, 'attach', 'a', '--write'], { HOLDFAST_SOCKET: host.control });
  t.after(() => other.close());
  await other.until('you have the keyboard');
  const refused = await host.command('send', 'a', 'dbl');
  assert.equal(refused.code, 75);
  assert.match(refused.stderr, /^holdfast send: a: .*keyboard/);
  const forced = await host.command('send', 'a', 'dbl', '--force', '--reason', 'HV card');
  assert.deepEqual([forced.code, forced.stdout], [0, 'a says dbl\n']);
  const asked = await PtyProgram.start([HOLDFAST, 'send', 'b', 'mute', 'dbl'], { HOLDFAST_SOCKET: host.control });
  t.after(() => asked.close());
  await asked.until('send to 2 consoles (b, mute)? [y/N]');
  asked.type('n\r');
  assert.equal((await asked.ended).code, 64);
  assert.doesNotMatch(asked.shown, /says/);
});

test('a line that is none, or a console that is not named, is exit code 64', async (t) => {
  const host = await HostUnderTest.start(t, CONSOLES);
  for (const words of [
    ['dbl'],
    ['a', 'x\ny'],
    ['a', 'x', '--prompt', '('],
    ['a', 'x', '--for', '1s', '--prompt', 'x'],
  ]) {
    assert.equal((await host.command('send', ...words)).code, 64, words.join(' '));
  }
});
