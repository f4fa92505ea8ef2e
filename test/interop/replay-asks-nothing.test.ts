// Every way in that replays: no terminal answers what it shows of the past, whatever the program has printed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answersTo } from '../fakes/answering-terminal.ts';
import { ConserverHost, noConsole } from '../harness/conserver-host.ts';
import { HOLDFAST, perl } from '../harness/host.ts';
import { Terminal } from '../harness/terminal.ts';
import { until } from '../harness/until.ts';

/** Queries of all kinds, and those that hide. */
const QUERIES =
  '\\x05\\e[c\\e[6n\\e[?6n\\e[>0q\\eZ\\eP\\$qm\\e\\\\\\eP+q544e\\e\\\\\\e]11;?\\x07\\e]4;1;?\\e\\\\\\e[18t' +
  '\\xc2\\x9b6n\\e]0;a\\xc2\\x9b6nb\\x07\\x9b\\e[6n6n\\xc2\\e[6n\\x9d11;?\\x07\\eP\\n\\$q\\e\\\\';
const PRINT = perl(
  `$| = 1; system("stty raw -echo"); print "begin${QUERIES}" . "x" x 4000 . "end\\r\\n" for 1..80; print "ready\\r\\n"; sleep 1000`,
);

test('attach, endpoint, console and logs replay no query', { skip: noConsole }, async (t) => {
  const site = await ConserverHost.start(
    t,
    'trusted = ["127.0.0.0/8"]',
    `ioc = { ${PRINT}, history = 20, endpoints = ["unix:{name}.sock"] }\n`,
  );
  await site.host.said('ioc', /ready/);
  const env = Object.entries({ ...process.env, TERM: 'xterm', HOLDFAST_SOCKET: site.host.control });
  const request = { env: env.map(([key, value]) => `${key}=${value}`) };
  const ways: Readonly<Record<string, () => Promise<Terminal>>> = {
    attach: () => Terminal.run(t, [HOLDFAST, 'attach', 'ioc'], request),
    'logs --raw': () => Terminal.run(t, [HOLDFAST, 'logs', 'ioc', '--raw'], request),
    logs: () => Terminal.run(t, [HOLDFAST, 'logs', 'ioc'], request),
    endpoint: () => Terminal.run(t, ['/usr/bin/socat', '-', `UNIX-CONNECT:${site.host.runtimeDir}/ioc.sock`], request),
    console: () => site.console('ann', '-A', 'ioc'),
  };
  for (const [name, start] of Object.entries(ways)) {
    const terminal = await start();
    await terminal.expect(/ready/);
    if (name === 'console') {
      // 20 lines are in memory, 60 only in the log.
      for (const key of ['r', 'p']) {
        const before = terminal.said.text.length;
        terminal.type(`\x05c${key}`);
        await until(`the replay of ${key}`, () => /ready/.test(terminal.said.text.slice(before)));
      }
    }
    const { text } = terminal.said;
    assert.ok(/begin.*end/s.test(text), `${name}: the text is there`);
    for (const view of ['letters', 'unknown', 'nothing'] as const) {
      assert.deepEqual(answersTo(Buffer.from(text, 'latin1'), view), [], `${name}: ${JSON.stringify(text)}`);
    }
  }
  assert.ok(answersTo(Buffer.from(site.host.log('ioc'), 'latin1'), 'letters').length > 10, 'the log has all of them');
});
