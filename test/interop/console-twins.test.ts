/** The same command with Debian's console and with ours: requests to the server, output and exit status. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { quoteWire } from '../../src/codec/conserver-wire.ts';
import { atEnd } from '../harness/at-end.ts';
import { CONSOLE } from './conserver-server.ts';

const REAL_CONSOLE = '/usr/bin/console';
const skip = existsSync(REAL_CONSOLE) ? false : `${REAL_CONSOLE} is not installed`;

/** Answers by command, without line ends; null hangs up. `PORT` is that of the group. */
type Answers = Readonly<Record<string, string | null>>;

const MASTER: Answers = {
  ...{
    login: 'ok',
    exit: 'goodbye',
    master: '@127.0.0.1',
    groups: 'PORT',
    call: 'PORT',
    pid: '77',
    version: "version `x'",
  },
  ...{ up: 'ok -- bringing up consoles', quit: 'ok -- terminated' },
};
const GROUP: Answers = {
  ...{
    login: 'ok',
    exit: 'goodbye',
    call: '[attached]',
    hosts: ' a  up',
    info: 'a:b',
    disconnect: 'ok -- disconnected 3 users',
  },
  ...{ broadcast: 'ok', textmsg: 'ok' },
};
/** Inside a session: by the key after the escape sequence. */
const KEYS: Answers = { '=': '[up]', '\xd6': '[8002007]', m: '[-- MOTD --]', ';': '[connected]', '.': '[disconnect]' };

interface Case {
  readonly words: readonly string[];
  readonly master?: Answers;
  readonly group?: Answers;
  readonly keys?: Answers;
}

const CASES: Readonly<Record<string, Case>> = {
  'one console: it is called before it is asked about': { words: ['-u', 'a'] },
  'one console that may not be joined': { words: ['-i', 'a'], group: { call: 'a: permission denied' } },
  'all servers, one after the other': { words: ['-d', 'ann'], master: { master: '@127.0.0.1:@127.0.0.1' } },
  'no ports': { words: ['-u'], master: { groups: 'none of your business' } },
  'no masters': { words: ['-P'], master: { master: 'none' } },
  'a message that is refused': { words: ['-t', 'ann', 'hi'], group: { textmsg: 'nobody there' } },
  'the end of a server': { words: ['-q'] },
  'the end of a server, refused': { words: ['-Q'], master: { quit: 'unauthorized command' } },
  'bring up': { words: ['-Z', 'BringUp'] },
  'hung up at the login': { words: ['-R'], master: { login: null } },
  'hung up at a question': { words: ['-u'], master: { master: null } },
  'hung up at the call': { words: ['a'], group: { call: null } },
  'round in circles': { words: ['a'], master: { call: '@127.0.0.1' } },
  'a line that is down, for those who want it up': { words: ['-k', 'a'], keys: { '=': "[`a' -- console is down]" } },
  'a line for readers': { words: ['-f', 'a'], group: { call: '[console is read-only]' } },
  'a verbose spy': { words: ['-vs', 'a'], group: { call: '[spy]' } },
};

/** The text of each connection, in order of the connections. */
async function serve(t: TestContext, { master, group, keys }: Case) {
  const heard: string[] = [];
  let groupPort = 0;
  const listen = async (who: string, answers: Answers): Promise<Server> => {
    const server = createServer((socket) => talk(socket, who, answers));
    atEnd(t, () => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const talk = (socket: Socket, who: string, answers: Answers): void => {
    const index = heard.push(`${who}:`) - 1;
    let text = '';
    const reply = (key: string, answer: string | null | undefined): boolean => {
      heard[index] += ` ${key}`;
      if (answer === null) {
        socket.destroy();
        return false;
      }
      socket.write(`${(answer ?? 'unknown command').replace('PORT', `${groupPort}`)}\r\n`);
      return true;
    };
    let attached = false;
    socket.on('error', () => undefined);
    socket.write('ok\r\n');
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (;;) {
        const [all, key = '', argument = ''] = (attached ? /^.c(.)/s : /^(\w+)(.*)\r\n/).exec(text) ?? [];
        if (all === undefined) {
          return;
        }
        text = text.slice(all.length);
        const answer = attached ? { ...KEYS, ...keys }[key] : answers[key];
        if (!reply(key + argument, answer)) {
          return;
        }
        attached ||= key === 'call' && answer?.startsWith('[') === true;
        if (key === 'exit' || (attached && key === '.')) {
          socket.end();
        }
      }
    });
  };
  groupPort = ((await listen('group', { ...GROUP, ...group })).address() as { port: number }).port;
  const { port } = (await listen('master', { ...MASTER, ...master })).address() as { port: number };
  return { port, heard };
}

async function run(t: TestContext, program: string, given: Case) {
  const { port, heard } = await serve(t, given);
  const words = ['-n', '-C', '/dev/null', '-M', '127.0.0.1', '-p', `${port}`, '-E', '-l', 'joe', ...given.words];
  const child = spawn(program, words, { stdio: 'pipe' });
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes) => {
    said.out += bytes;
  });
  child.stderr.on('data', (bytes) => {
    said.err += bytes;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(quoteWire(Buffer.from('\x05c.')));
  const [status] = await once(child, 'close');
  // A client with an error to show does not always say goodbye.
  return { status, ...said, heard: heard.map((text) => text.replace(/ exit$/, '')) };
}

for (const [name, given] of Object.entries(CASES)) {
  test(name, { skip }, async (t) => {
    const [theirs, ours] = await Promise.all([run(t, REAL_CONSOLE, given), run(t, CONSOLE, given)]);
    assert.deepEqual(ours, theirs);
  });
}
