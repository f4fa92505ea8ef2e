// The host evaluates a console as a person sees it; and old output sends no queries to a new terminal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { ConserverHost, noConsole } from '../harness/conserver-host.ts';
import { HOLDFAST, HostUnderTest } from '../harness/host.ts';
import { PtyProgram } from '../harness/pty-program.ts';
import { until } from '../harness/until.ts';

const prints = (text: string) => `run = ["/bin/sh", "-c", ${JSON.stringify(`printf '${text}'; exec cat`)}]`;

test('ready.pattern and the last line see what a person sees: no sequences, titles or overwritten text', async (t) => {
  const prompts = {
    plain: 'epics> ',
    colour: '\\033[1;32mepics> \\033[0m',
    readline: '\\033[?2004hepics> ',
    title: '\\033]0;ioc@host: ~\\007epics> ',
    'title-st': '\\033]2;ioc@host: ~\\033\\\\epics> ',
    charset: '\\033(B\\033[m\\017epics> ',
    progress: '\\rloading 1 %%\\rloading 100 %%\\r\\033[Kepics> ',
    backspace: 'epicz\\bs> ',
  };
  const tables = Object.entries(prompts).map(([name, prompt]) => `[console.${name}]\n${prints(prompt)}\n`);
  const host = await HostUnderTest.start(
    t,
    `[defaults]\nready = { pattern = "^epics> $", within = "1h" }\n${tables.join('')}`,
  );
  for (const name of Object.keys(prompts)) {
    await host.state(name, 'ready');
    assert.equal((await host.client.detail(name)).lastLine, 'epics> ', name);
  }
});

test('the last line is the last non-empty one, even if it was erased since', async (t) => {
  const host = await HostUnderTest.start(t, `[console.a]\n${prints('tune 0.31\\r\\nbusy...\\r\\033[K')}\n`);
  await host.said('a', 'busy');
  assert.equal((await host.client.detail('a')).lastLine, 'tune 0.31');
});

test('the last words of a process are kept as a person saw them', async (t) => {
  const last = "printf '\\033]0;t\\007\\033[31mno motor\\033[0m\\r\\n50 %%\\r100 %%\\r\\n'";
  const host = await HostUnderTest.start(
    t,
    `[console.a]\nrun = ["/bin/sh", "-c", ${JSON.stringify(last)}]\nrestart = "never"\n`,
  );
  await host.event('a to end', ({ console, death }) => console === 'a' && death !== undefined);
  assert.deepEqual((await host.client.detail('a')).deaths[0]?.lastLines, ['no motor', '100 %']);
});

test('attach passes no old query to the terminal, and every new one', async (t) => {
  const asks =
    "printf 'old \\033[6n\\033]11;?\\007one\\n'; read x; printf 'new \\033[6n\\033]11;?\\007one\\n'; exec cat";
  const host = await HostUnderTest.start(t, `[console.py]\nrun = ["/bin/sh", "-c", ${JSON.stringify(asks)}]\n`);
  await host.said('py', 'one');
  const program = await PtyProgram.start([HOLDFAST, 'attach', 'py', '--write'], { HOLDFAST_SOCKET: host.control });
  atEnd(t, async () => {
    program.close();
    await program.ended;
  });
  await program.until('live from here');
  assert.match(program.shown, /old one/);
  program.type('go\r');
  await program.until('new \x1b[6n\x1b]11;?\x07one');
});

test('history that ends with a query still ends; a client that continues at an offset gets every byte', async (t) => {
  const host = await HostUnderTest.start(t, `[console.a]\n${prints('prompt\\033[6n')}\n`);
  await host.said('a', '\x1b[6n');
  let shown = '';
  let from = -1;
  let live = false;
  const session = await host.attach(
    'a',
    { lines: 10 },
    {
      output: (bytes, offset) => {
        from = from < 0 ? offset : from;
        shown += Buffer.from(bytes).toString('latin1');
      },
      live: () => {
        live = true;
      },
    },
  );
  await until('the end of the history', () => live);
  assert.equal(shown, 'prompt');
  session.close();
  let again = '';
  await host.attach('a', { offset: from }, { output: (bytes) => (again += Buffer.from(bytes).toString('latin1')) });
  await until('every byte', () => again.includes('\x1b[6n'));
});

test('a replay of conserver sends the terminal no query', { skip: noConsole }, async (t) => {
  const hub = await ConserverHost.start(t, 'trusted = ["127.0.0.0/8"]', `a = { ${prints('old \\033[6none\\n')} }\n`);
  await hub.host.said('a', 'one');
  const console = await hub.console('ann', 'a');
  await console.expect(/\[Enter `\^Ec\?' for help\]/);
  console.type('\x05cr');
  await console.expect(/\[replay\]\r\nold one/);
});
