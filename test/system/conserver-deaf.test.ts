/**
 * Clients that send requests and do not read: they are not read either, cost almost nothing, and others are served
 * meanwhile.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { ConserverHost } from '../harness/conserver-host.ts';
import { OUR_CONSERVER, startConserver } from '../interop/conserver-server.ts';
import { place, WireClient } from '../interop/wire-client.ts';

const CONSOLES = 300;
const CF = `default any { master localhost; type exec; rw *; exec "exec cat"; }
default many { master localhost; type noop; rw *; ro *; }
console echo { include any; }
console long { include any; logfile @D@/long; tasklist ""; }
console idle { include any; logfile @D@/idle; }
${Array.from({ length: CONSOLES }, (_, n) => `console a-console-with-a-long-name-${n} { include many; }`).join('\n')}
access * { trusted 127.0.0.1; }
`;
const LONG_LINE = `${'l'.repeat(9998)}\n`;

const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;

/** Every key echoes at once: the longest time in milliseconds. */
async function echoes(session: WireClient, times: number): Promise<number> {
  let longest = 0;
  for (let n = 0; n < times; n++) {
    const sent = performance.now();
    session.send('k\r');
    await session.expect('k\r\nk\r\n');
    longest = Math.max(longest, performance.now() - sent);
  }
  return longest;
}

/** A client that reads nothing, and the number of bytes that it could send until the server stopped reading. */
class Deaf {
  readonly socket: Socket;
  sent = 0;
  #full = false;

  constructor(t: TestContext, port: number) {
    this.socket = connect({ port, host: '127.0.0.1' }).pause();
    this.socket.on('error', () => undefined);
    atEnd(t, () => this.socket.destroy());
  }

  /** Sends this repeatedly until the kernel takes no more for a while, or `most` bytes are sent. */
  async ask(text: string, most: number): Promise<void> {
    const block = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)), 'latin1');
    while (!this.#full && this.sent < most && !this.socket.destroyed) {
      this.sent += block.length;
      if (!this.socket.write(block)) {
        const drained = once(this.socket, 'drain').then(() => true);
        const patience = new Promise<boolean>((resolve) => setTimeout(resolve, 1500, false).unref());
        this.#full = !(await Promise.race([drained, patience]));
      }
    }
  }
}

/** The repeated requests of each of them; after `call` if they need a console. */
const QUESTIONS: readonly (readonly [console: string | undefined, text: string])[] = [
  [undefined, 'info\r\n'],
  [undefined, 'help\r\n'],
  [undefined, '\r\n'],
  ['idle', '\x05cx'],
  ['idle', '\x05ci'],
  ['idle', '\x05cw'],
  ['idle', '\x05c?'],
  ['idle', '\x05cl?'],
  ['idle', '\x05c!?'],
  ['idle', '\r\r\r\r'],
  ['idle', `\x05cb${'m'.repeat(8192)}\x15${'m'.repeat(8192)}\r`],
  ['long', '\x05cR9999\r\x05cr'],
  ['long', '\x05cp'],
  ['long', '\x05c\x12\x05cv\x05cm'],
];

interface Setting {
  readonly group: number;
  readonly pid: number;
}

/** `bin/conserver`, and the folder of its logs. */
async function served(t: TestContext, cf = CF): Promise<Setting> {
  const { port: master, folder } = await startConserver(t, cf, '', OUR_CONSERVER);
  writeFileSync(join(folder, 'long'), LONG_LINE.repeat(3000));
  return await place(master, 'echo');
}

/** The same under `[conserver]` of a host. */
async function hosted(t: TestContext): Promise<Setting> {
  const cat = 'run = ["cat"]';
  const many = Array.from(
    { length: CONSOLES },
    (_, n) => `a-console-with-a-long-name-${n} = { ${cat}, start = false }`,
  );
  const site = await ConserverHost.start(
    t,
    'trusted = ["127.0.0.1"]\n',
    `echo = { ${cat} }\nlong = { ${cat} }\nidle = { ${cat} }\n${many.join('\n')}\n`,
  );
  writeFileSync(join(site.host.logDir, 'long.log'), LONG_LINE.repeat(3000));
  return await place(site.place.port, 'echo');
}

async function neverReads(t: TestContext, { group, pid }: Setting): Promise<void> {
  const typist = await WireClient.join(group, 'ann', 'echo');
  atEnd(t, () => typist.close());
  await echoes(typist, 5);
  const before = residentMegabytes(pid);
  const deaf = QUESTIONS.map(([console, text]) => ({ text, console, client: new Deaf(t, group) }));
  const asked = Promise.all(
    deaf.map(async ({ client, console, text }) => {
      client.socket.write(`login deaf\r\n${console === undefined ? '' : `call ${console}\r\n\x05c;`}`);
      await client.ask(text, 64 << 20);
    }),
  );
  let over = false;
  void asked.then(() => {
    over = true;
  });
  let [longest, most] = [0, 0];
  while (!over) {
    longest = Math.max(longest, await echoes(typist, 3));
    most = Math.max(most, residentMegabytes(pid));
  }
  for (const { client, text, console } of deaf) {
    const what = JSON.stringify(`${console}: ${text}`).slice(0, 40);
    t.diagnostic(`${what}: ${client.sent} bytes taken`);
    assert.ok(client.sent < 32 << 20, `${what}: ${client.sent} bytes taken`);
  }
  t.diagnostic(`an echo took up to ${longest.toFixed(1)} ms; ${before} MB before, at most ${most} MB`);
  assert.ok(most < before + 200, `${before} MB before, ${most} MB`);
}

test('a client that sends requests and never reads is not read: nothing grows, and keys elsewhere echo', async (t) => {
  await neverReads(t, await served(t));
});

test('the same at the conserver listener of a host', async (t) => {
  await neverReads(t, await hosted(t));
});

test('floods of escape commands that are read: others are served in between', async (t) => {
  const { group, pid } = await served(t);
  const typist = await WireClient.join(group, 'ann', 'echo');
  atEnd(t, () => typist.close());
  const before = residentMegabytes(pid);
  const floods = [
    '\x05cx',
    '\x05ci',
    '\x05cl?',
    '\x05cv',
    '\x05co',
    '\x05cd\x05co',
    '\x05cL',
    '\x05cnnote\r',
    '\x05cbhi\r',
    '\r',
    '\x05cr',
  ];
  const running = await Promise.all(
    floods.map(async (text) => {
      const session = await WireClient.join(group, 'flood', text.includes('o') ? 'idle' : 'long');
      atEnd(t, () => session.close());
      let read = 0;
      session.socket.on('data', (packet: Uint8Array) => {
        read += packet.length;
        session.text = '';
      });
      session.send('\x05cf');
      const block = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)), 'latin1');
      const more = (): void => {
        while (!session.socket.destroyed && session.socket.write(block));
      };
      session.socket.on('drain', more);
      more();
      return { text, read: () => read };
    }),
  );
  let longest = 0;
  let most = 0;
  for (let n = 0; n < 15; n++) {
    longest = Math.max(longest, await echoes(typist, 3));
    most = Math.max(most, residentMegabytes(pid));
  }
  for (const { text, read } of running) {
    t.diagnostic(`${JSON.stringify(text)}: ${read()} bytes of answers`);
    assert.ok(read() > 0, JSON.stringify(text));
  }
  t.diagnostic(`an echo took up to ${longest.toFixed(1)} ms; ${before} MB before, at most ${most} MB`);
  assert.ok(most < before + 200, `${before} MB before, ${most} MB`);
});
