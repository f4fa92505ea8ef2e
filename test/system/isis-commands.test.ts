// isisCmd, execISIS and the console of isis, as a user has them: real programs, a real server, real terminals.

import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { IsisClient } from '../../src/isis/client/index.ts';
import { atEnd } from '../harness/at-end.ts';
import { folderFor, ISIS, IsisProcess, writeIni } from '../harness/isis.ts';
import { ROOT } from '../harness/systemd.ts';
import { endEveryChild, TerminalChild } from '../harness/terminal-child.ts';

after(endEveryChild);

const EXEC_ISIS = join(ROOT, 'bin/execISIS');

/** The text that the line editor writes between the expected words depends on the terminal. */
const XTERM: NodeJS.ProcessEnv = { ...process.env, TERM: 'xterm' };

interface Bench {
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  /** Commands that the agent FW received. */
  readonly asked: string[];
  script(text: string): string;
  run(program: string, ...words: string[]): Promise<{ readonly code: number; readonly out: string }>;
}

/** A server with an agent FW: `filter N` moves, `jam` fails the first time, `die` is fatal. */
async function bench(t: TestContext): Promise<Bench> {
  const folder = folderFor(t);
  const { port } = await IsisProcess.start(t, writeIni(folder, ['NoLog']));
  const agent = await IsisClient.open({ id: 'FW', host: '127.0.0.1', port });
  atEnd(t, () => agent.close());
  const asked: string[] = [];
  let jams = 0;
  agent.handle('filter', ({ args, status }) => {
    asked.push(args);
    status('moving');
    return `Filter=${args}`;
  });
  agent.handle('jam', () => {
    jams += 1;
    asked.push(`jam ${jams}`);
    if (jams < 2) {
      throw new Error('stuck');
    }
    return 'free';
  });
  await agent.request('IS', 'PING');
  const env: NodeJS.ProcessEnv = { ...XTERM, ISIS_HOST: '127.0.0.1', ISIS_PORT: String(port) };
  return {
    port,
    env,
    asked,
    script: (text) => {
      const file = join(folder, 'script');
      writeFileSync(file, text);
      return file;
    },
    run: (program, ...words) =>
      new Promise((resolve) =>
        execFile(join(ROOT, 'bin', program), words, { env, timeout: 30_000 }, (error, out) =>
          resolve({ code: error === null ? 0 : Number(error.code), out }),
        ),
      ),
  };
}

test('isisCmd: the answer in cyan, intermediate steps, failures in red, and the exit codes', async (t) => {
  const { run } = await bench(t);
  assert.deepEqual(await run('isisCmd', '--mods1', 'fw', 'filter=3'), {
    code: 0,
    out: '\u001b[2KSTATUS: filter moving\r\u001b[36mDONE: filter Filter=3\n\u001b[0m',
  });
  assert.deepEqual(await run('isisCmd', '-m', '2', 'is', 'quit'), {
    code: 2,
    out: '\u001b[31m*** ERROR: QUIT can only be executed as an executive override command\n\u001b[0m',
  });
  assert.match(
    (await run('isisCmd', '-m', '1', 'is', 'hosts')).out,
    /DONE: HOST numHosts=3 maxHosts=32 host0=FW host1=IPC1 host2=IPC2/,
  );
  assert.deepEqual(await run('isisCmd', '-m', '1', 'is', 'ping'), { code: 0, out: '\u001b[36mPONG\n\u001b[0m' });
  assert.equal((await run('isisCmd', 'is', 'ping')).code, 2);
  const bad = await run('isisCmd', '-m1', 'is', 'ping');
  assert.equal(bad.code, 1);
  assert.ok(bad.out.startsWith('\u001b[31m*** ERROR: isisCmd terminated with errors\n\u001b[0m'), bad.out);
  assert.deepEqual(await run('isisCmd', '-m', '1', 'filterwheel', 'x'), {
    code: 2,
    out: "\u001b[31m*** ERROR: Command 'x' was not sent: 'filterwheel' is not a host ID: 1 to 8 characters\n\u001b[0m",
  });
  assert.match(
    (await run('isisCmd', '-m', '1', 'fw', 'x'.repeat(5000))).out,
    /was not sent: the message would have more/,
  );
  assert.match((await run('isisCmd', '-t', '-1', '-m', '3')).out, /Invalid timeout '-1', must be 0 or positive/);
});

test('isisCmd and execISIS find the server in the file of the site; a mistake in it is reported with its line', async (t) => {
  const { run, script, env, port } = await bench(t);
  const file = join(folderFor(t), 'servers');
  writeFileSync(file, `# ours\n1 127.0.0.1:${port}   # MODS1\n`);
  delete env.ISIS_HOST;
  delete env.ISIS_PORT;
  env.ISIS_SERVERS = file;
  assert.equal((await run('isisCmd', '-m', '1', 'is', 'ping')).code, 0);
  assert.equal((await run('execISIS', '-m', '1', script('fw filter 1\n'))).code, 0);
  writeFileSync(file, '1 127.0.0.1:66000\n');
  for (const [program, ...words] of [
    ['isisCmd', 'is', 'ping'],
    ['execISIS', script('fw filter 1\n')],
  ] as const) {
    const { code, out } = await run(program, '-m', '1', ...words);
    assert.equal(code, 2);
    assert.ok(
      out.includes(`*** ERROR: ${file}:1: expected '1 HOST:PORT' or '2 HOST:PORT', not '1 127.0.0.1:66000'`),
      out,
    );
  }
  env.ISIS_SERVERS = '/no/such/file';
  assert.match((await run('isisCmd', '-m', '1', 'is', 'ping')).out, /\/no\/such\/file: No such file or directory/);
});

test('execISIS: consecutive loops, goto to a label with letters, print, sleep, comments', async (t) => {
  const { run, script, asked } = await bench(t);
  const { code, out } = await run(
    'execISIS',
    '--mods1',
    script(`# two loops, then a jump
print  here   we go
loop 2
  fw filter 1   # first
end_loop
LOOP 3
  fw filter 2
end_loop
goto Done
fw filter 9
done:
sleep 0.01
FW filter 3
end
fw filter 8
`),
  );
  assert.deepEqual(asked, ['1', '1', '2', '2', '2', '3']);
  assert.equal(code, 0);
  const cyan = (text: string) => `\u001b[36m${text}\n\u001b[0m`;
  assert.ok(out.includes(`script\n${cyan('here we go')}>fw filter 1\n`), out);
  assert.ok(out.endsWith(`>FW filter 3\n\u001b[2KSTATUS: filter moving\r${cyan('DONE: filter Filter=3')}`), out);
});

test('execISIS: nested loops, a jump out of one, -n sends nothing, -r begins later', async (t) => {
  const { run, script, asked } = await bench(t);
  const file = script('fw filter 1\nloop 2\nloop 2\nfw filter 2\nend_loop\nfw filter 3\nend_loop\nfw filter 4\n');
  assert.equal((await run('execISIS', '-m', '1', file)).code, 0);
  assert.deepEqual(asked.splice(0), ['1', '2', '2', '3', '2', '2', '3', '4']);
  const dry = await run('execISIS', '-n', '-m', '1', file);
  assert.deepEqual([dry.code, asked.length], [0, 0]);
  assert.deepEqual(
    [...dry.out.matchAll(/^>fw filter (\d)$/gm)].map(([, n]) => n),
    ['1', '2', '2', '3', '2', '2', '3', '4'],
  );
  assert.equal((await run('execISIS', '-r', '8', '-m', '1', file)).code, 0);
  assert.deepEqual(asked, ['4']);
  const endless = await run('execISIS', '--dry', '-m', '1', script('top:\nfw filter 1\npause\nsleep 1000\ngoto top\n'));
  assert.equal(endless.code, 0);
  assert.ok(endless.out.endsWith('>fw filter 1\n>fw filter 1\n** and so on, forever\n'), endless.out);
});

test('execISIS: mistakes are reported with file and line before anything is sent, status 1', async (t) => {
  const { run, script, asked } = await bench(t);
  for (const [text, message] of [
    ['fw filter 1\na:\nA:\n', /script:3: label a stands twice/],
    ['fw filter 1\nloop 1\nend_loop\n', /script:2: loop wants a count of 2 or more/],
    ['fw filter 1\ngoto nowhere\n', /script:2: goto nowhere/],
    ['# nothing\n', /script: the script has no statement/],
    ['a: fw filter 1\n', /script:1: label a: stands alone on its line/],
  ] as const) {
    const { code, out } = await run('execISIS', '--mods1', script(text));
    assert.equal(code, 1);
    assert.match(out, message);
  }
  const beyond = await run('execISIS', '--mods1', '-r', '3', script('fw filter 1\n'));
  assert.equal(beyond.code, 1);
  assert.equal((await run('execISIS', '--mods1', '/no/such/script')).code, 1);
  assert.equal((await run('execISIS')).code, 1);
  assert.equal((await run('execISIS', '--mods1', script('fw filter 1\n'), 'more')).code, 1);
  assert.equal((await run('execISIS', '--mods1', '--nonsense', script('fw filter 1\n'))).code, 1);
  assert.equal((await run('execISIS', script('fw filter 1\n'))).code, 2);
  assert.deepEqual(asked, []);
});

test('execISIS -u ends with 2 at the first failure', async (t) => {
  const { run, script, asked } = await bench(t);
  const { code, out } = await run('execISIS', '--mods1', '-u', script('fw jam\nfw filter 1\n'));
  assert.deepEqual([code, asked], [2, ['jam 1']]);
  assert.ok(out.includes('\u001b[31m\u0007*** ERROR: jam stuck\n\u001b[0m'), out);
  assert.ok(!out.includes('Abort'), out);
});

test('execISIS takes its answers from a pipe, one line for each question, and aborts at its end', async (t) => {
  const { env, script, asked } = await bench(t);
  const file = script('fw jam\nfw unheard\npause\nfw filter 1\nfw unheard\nfw filter 2\n');
  const child = spawn(EXEC_ISIS, ['--mods1', file], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end('r\nignore\n\n');
  child.stdout.resume();
  assert.deepEqual(await once(child, 'exit'), [2, null]);
  assert.deepEqual(asked, ['jam 1', 'jam 2', '1']);
});

test('execISIS in a terminal: Retry, Ignore, Abort; pause goes on with Enter and ends with X', async (t) => {
  const { env, script, asked } = await bench(t);
  const start = (text: string) => TerminalChild.start([EXEC_ISIS, '--mods1', script(text)], { env: pairs(env) });
  const retried = await start('fw jam\npause\nfw unheard\nfw filter 1\npause\nfw filter 2\n');
  await retried.until('Abort, Retry, or Ignore?');
  retried.terminal.write(Buffer.from('r\r'));
  await retried.until('Paused');
  assert.deepEqual(asked.splice(0), ['jam 1', 'jam 2']);
  retried.terminal.write(Buffer.from('\r'));
  await retried.until('ERROR: Unknown command - unheard');
  await retried.until('Unknown command - unheard\r\n\u001b[0mAbort');
  retried.terminal.write(Buffer.from('i\r'));
  await retried.until('Filter=1\r\n\u001b[0mPaused');
  retried.terminal.write(Buffer.from('x\r'));
  assert.equal((await retried.ended).code, 1);
  assert.deepEqual(asked.splice(0), ['1']);
  const aborted = await start('fw unheard\nfw filter 2\n');
  await aborted.until('Abort, Retry, or Ignore?');
  aborted.terminal.write(Buffer.from('a\r'));
  assert.equal((await aborted.ended).code, 2);
  assert.deepEqual(asked, []);
});

test('the console: commands, editing, history, messages to hosts, unasked-for lines, quit', async (t) => {
  const folder = folderFor(t);
  const ini = writeIni(folder, [`ServerLog ${folder}/log`, 'Instrument MODS1']);
  const server = await TerminalChild.start([ISIS, `-f${ini}`], { env: pairs(XTERM) });
  const type = (text: string) => server.terminal.write(Buffer.from(text));
  await server.until('Type quit to terminate the server session.');
  await server.until('<< Cold Restart Done >>');
  await server.until('IS% ');
  const port = Number(/server started on port (\d+)/.exec(server.text)?.[1]);
  type('hosts\r');
  await server.until('NumClients=0, No clients currently connected');
  const client = await IsisClient.open({ id: 'FW', host: '127.0.0.1', port, heartbeat: 0.2 });
  atEnd(t, () => client.close());
  await client.request('IS', 'PING');
  await server.until('heartbeat FW (127.0.0.1:');
  type('hosts\r');
  await server.until('  Host0: ID=FW Method=UDP udpAddr=127.0.0.1 udpPort=');
  // Ctrl-A, Ctrl-K and the key upwards belong to the line editor.
  type('rubbish\u0001\u000bport\u007fts\r');
  await server.until('DONE: PORTS No serial ports connected.');
  type('\u001b[A\u001b[A\r');
  type('!po\r');
  type('history\r');
  await server.until('    6   history');
  assert.match(server.text, / 1 {3}hosts\r\n +2 {3}hosts\r\n +3 {3}ports\r\n +4 {3}hosts\r\n +5 {3}ports\r\n/);
  const next = () => new Promise((resolve) => client.once('message', (from, body) => resolve([from, body.text])));
  type('>FW STATUS: from the console\r');
  assert.deepEqual(await next(), ['IS', 'from the console']);
  type('> fw STATUS: more\r');
  assert.deepEqual(await next(), ['IS', 'more']);
  const broadcast = next();
  type('>al STATUS: für alle\r');
  await server.until('broadcast message - STATUS: für alle');
  assert.deepEqual(await broadcast, ['IS', Buffer.from('für alle').toString('latin1')]);
  type('>XX hello\r');
  await server.until('ERROR: unknown client host XX');
  type('__proto__ x\r');
  await server.until('ERROR: Unrecognized ISIS command - __proto__');
  client.send('IS', `DONE: ${Buffer.from('µ').toString('latin1')} \u001b]0;title\u0007`);
  await server.until('FW> DONE: µ ?]0;title?');
  type('verbose on\r');
  await server.until('<< FW>IS >>\r\n');
  type('concise\r');
  client.send('IS', 'STATUS: MODE=x');
  await server.until('FW> STATUS: MODE=x');
  type('info\r');
  await server.until('  Flags        Concise +LOG +HANDSHAKE +CLI\r\n  Instrument   MODS1\r\n');
  const farewell = new Promise((resolve) => client.once('message', (_from, body) => resolve(body.text)));
  type('quit now\r');
  assert.equal(await farewell, 'MODE=OFFLINE IS=DISABLED Server Shutting Down');
  assert.equal((await server.ended).code, 0);
});

test('what isis prints when it cannot start, as a daemon and at a console', async (t) => {
  const folder = folderFor(t);
  const taken = await IsisProcess.start(t, writeIni(folder, ['NoLog']));
  const ini = writeIni(folder, ['NoLog', `ServerPort ${taken.port}`]);
  const starts = (...words: string[]): [number | null, string[]] => {
    const { status, stdout } = spawnSync(ISIS, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    return [
      status,
      stdout
        .replace(/^\S{26} /gm, '')
        .replaceAll(ISIS, 'isis')
        .trimEnd()
        .split('\n')
        .slice(1),
    ];
  };
  assert.deepEqual(starts('-d', '-f/nowhere/isis.ini'), [
    1,
    [
      'ERROR: Cannot open ISIS server runtime config file /nowhere/isis.ini',
      '       No such file or directory',
      'isis: Error parsing ini file /nowhere/isis.ini - aborting',
    ],
  ]);
  assert.deepEqual(starts(`-f${folder}`), [
    1,
    [
      `ERROR: Cannot open ISIS server runtime config file ${folder}`,
      '       Is a directory',
      `Error parsing ini file ${folder} - isis aborting`,
    ],
  ]);
  const busy = `ERROR: port ${taken.port}: Address already in use`;
  assert.deepEqual(starts('-d', `-f${ini}`), [2, [busy, 'isis: server socket startup failure - aborting']]);
  assert.deepEqual(starts(`-f${ini}`), [2, [busy, 'server socket startup failure - isis aborting']]);
  const line = writeIni(folder, ['NoLog', 'TTYPort /dev/nope']);
  assert.deepEqual(starts('-d', `-f${line}`), [
    2,
    ['ERROR: /dev/nope: No such file or directory', 'isis: Error initializing serial port - aborting'],
  ]);
});

test('at the end of input the console ends, and the server goes on', async (t) => {
  const folder = folderFor(t);
  const server = await TerminalChild.start([ISIS, `-f${writeIni(folder, ['NoLog'])}`], { env: pairs(XTERM) });
  await server.until('IS% ');
  const port = Number(/server started on port (\d+)/.exec(server.text)?.[1]);
  server.terminal.write(Buffer.from('\u0004'));
  const client = await IsisClient.open({ id: 'FW', host: '127.0.0.1', port, heartbeat: 0.2 });
  atEnd(t, () => client.close());
  await server.until('heartbeat FW');
  await assert.doesNotReject(client.request('IS', 'EXEC: QUIT'));
  assert.equal((await server.ended).code, 0);
});

test('the reader of the console may go away, and the server goes on', async (t) => {
  const ini = writeIni(folderFor(t), ['NoLog']);
  const server = spawn(ISIS, [`-f${ini}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  atEnd(t, () => server.kill('SIGKILL'));
  const ended = once(server, 'exit');
  let text = '';
  for await (const data of server.stdout.iterator({ destroyOnReturn: false })) {
    text += data;
    if (text.includes('IS% ')) {
      break;
    }
  }
  server.stdout.destroy();
  const port = Number(/server started on port (\d+)/.exec(text)?.[1]);
  const client = await IsisClient.open({ id: 'FW', host: '127.0.0.1', port, heartbeat: 0 });
  atEnd(t, () => client.close());
  for (let times = 0; times < 3; times++) {
    // Shown at the console, above its prompt.
    client.send('IS', '');
    assert.equal((await client.request('IS', 'PING', { timeout: 10 })).text, 'PONG');
  }
  await client.request('IS', 'EXEC: QUIT', { timeout: 10 });
  assert.deepEqual(await ended, [0, null]);
});

/** The environment in the form that the addon expects. */
function pairs(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
