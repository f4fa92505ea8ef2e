/** The same conversation with Debian's conserver and with ours: every answer, and the log, the same byte for byte. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '../harness/until.ts';
import { noConserver, OUR_CONSERVER, startConserver } from './conserver-server.ts';
import { place, WireClient } from './wire-client.ts';

const REAL_CONSERVER = '/usr/sbin/conserver';
const skip = noConserver;

/** The input, the end of the answer, and the user: the first one by default. */
type Step = readonly [send: string, end: string | RegExp, who?: number];
const key = (command: string, end: string | RegExp = ']\r\n', who = 0): Step => [`\x05c${command}`, end, who];

interface Conversation {
  readonly cf: string;
  readonly options?: readonly string[];
  /** The users that join, in this order. */
  readonly users?: readonly string[];
  readonly steps: readonly Step[];
}

/** Process numbers and times are not promised. */
function plain(text: string): string {
  return text.replace(/\bpid \d+/g, 'pid N').replace(/\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}/g, 'TIME');
}

async function hold(t: TestContext, program: string, { cf, options, users = ['root'], steps }: Conversation) {
  const whole = `${cf}\naccess * { trusted 127.0.0.1; admin root; limited guest; }\n`;
  const server = await startConserver(t, whole, '', program, options);
  const log = () => plain(readFileSync(join(server.folder, 'a.log'), 'latin1'));
  if (cf.includes(QUIET)) {
    await until('the terminal to be quiet', () => log().includes('quiet\n'));
  }
  const { group } = await place(server.port, 'a');
  const clients: WireClient[] = [];
  for (const user of users) {
    clients.push(await WireClient.join(group, user, 'a'));
  }
  const answers: (readonly [string, string])[] = [];
  for (const [send, end, who = 0] of steps) {
    const client = clients[who] as WireClient;
    client.send(send);
    answers.push([send, plain(await client.expect(end))]);
  }
  await server.stop();
  for (const client of clients) {
    client.close();
  }
  // Debian's ends before the processes of its consoles do.
  await until('the last line of the log', () => log().endsWith('[-- Console down -- TIME]\r\n'));
  return { answers, log: log() };
}

/** What is sent before its terminal echoes no more would come back. */
const QUIET = 'stty raw -echo; echo quiet; exec cat';
const A = 'master localhost; type exec; rw *; logfile @D@/&.log;';
const echo = (text: string): Step => [text, text.replace('\r', '\r\n').repeat(2)];

const CONVERSATIONS: Readonly<Record<string, Conversation>> = {
  'breaks: list, confirmation, log': {
    cf: `break 5 { string "a\\d\\141^A"; delay 20; confirm yes; }
console a { ${A} exec "${QUIET}"; timestamp b; breaklist 2,5; break 2; }`,
    steps: [
      key('l?', / 5 - .*\r\n/),
      key('l0', '\x02'),
      key('l5', '[y/N] '),
      ['y', 'aa\x01'],
      key('l5', '[y/N] '),
      ['x', ']\r\n'],
      key('l-'),
    ],
  },
  'a break that is on no list': {
    cf: `console a { ${A} exec "${QUIET}"; breaklist ""; break 2; }`,
    steps: [key('l?', / 0 - .*\r\n/), key('l0', '\x02')],
  },
  // The original loses output of a task that it has reaped before it reads it: these end a moment after their last word.
  'tasks: list, one at a time, end, log': {
    cf: `task a { cmd "echo one; echo two; sleep 0.3; exit 3"; description "first"; }
task b { cmd "exec sleep 100"; confirm yes; }
task c { description "nothing"; }
task d { cmd "echo C-H-Q-q-R; sleep 0.3"; subst C=cs,H=hs,Q=Pd,q=pd,R=rs; }
console a { ${A} exec cat; timestamp t; host hh; port 5; portbase 10; replstring rr; }
`,
    steps: [
      key('!d', 'terminated: exit(0)]\r\n'),
      key('!.'),
      key('!?', / d - .*\r\n/),
      key('!a', 'terminated: exit(3)]\r\n'),
      key('!c'),
      key('!b', '[y/N] '),
      ['n', ']\r\n'],
      key('!b', '[y/N] '),
      ['y', ']\r\n'],
      key('!?'),
      key('!a'),
      key('!.', /terminated: signal\(1\)\]\r\n/),
    ],
  },
  'notes, the log off and on, lengths, quoted bytes, flow': {
    cf: `console a { ${A} exec cat; motd "be nice"; }`,
    steps: [
      key('n', ': '),
      ['my notf\x7fe\r', ']\r\n'],
      key('L'),
      echo('hidden\r'),
      key('L'),
      key('P5\r'),
      key('P\r'),
      key('p', /restored by .*\]\r\n/),
      key('R12345\r'),
      key('\x12', /restored by .*\]\r\n/),
      key('m'),
      key('v'),
      key('\\101', 'A'),
      key('\\477', '?'),
      key('\\09'),
      key('c'),
      key('c'),
      key('\r'),
      key('\x80'),
      key('e\x18q', 'ok]\r\n'),
    ],
  },
  substitution: {
    cf: `default base { ${A} execsubst X=cs,Y=rs,Z=hs; replstring "re pl"; host hh; }
console a { include base; exec "echo X-Y-Z; exec cat"; }`,
    steps: [echo('x\r')],
  },
  'eighth bit': {
    cf: `console a { ${A} exec "${QUIET}"; }`,
    options: ['-7'],
    steps: [['\xe1\xc2', 'aB']],
  },
  'turns: who waits, who is away, who forces': {
    cf: `console a { ${A} exec cat; timestamp a; }`,
    users: ['root', 'ann', 'bob'],
    steps: [
      key('w', / root@.*\r\n/),
      key('a', ']\r\n', 1),
      key('L'),
      key('z', '['),
      ['', '[attached (nologging)]\r\n', 2],
      ['x', 'spy mode]\r\n'],
      key('f', ']\r\n', 1),
      ['', 'by ann@localhost]\r\n', 2],
      key('w', / root@.*\r\n/),
      key('d', ']\r\n', 1),
      ['', 'line down by ann@localhost]\r\n'],
      key('z', '[', 2),
      ['x', 'line down]\r\n', 2],
      key('H', ']\r\n', 2),
      key('.', ']\r\n', 1),
      ['', '[attached]\r\n', 2],
      key('a'),
      key('.', ']\r\n', 2),
      ['', '[attached]\r\n'],
    ],
  },
  'a limited user': {
    cf: `console a { ${A} exec cat; }`,
    users: ['guest'],
    steps: [key('z'), key(';'), key('|'), echo('x\r')],
  },
  'a reader': {
    cf: `console a { master localhost; type exec; exec cat; ro guest; rw root; logfile @D@/&.log; }`,
    users: ['guest'],
    steps: [key('a'), key('f'), key('s'), key('d'), key('o'), key('L'), key('!a'), ['x\r', ']\r\n']],
  },
};

for (const [name, conversation] of Object.entries(CONVERSATIONS)) {
  test(name, { skip }, async (t) => {
    const [theirs, ours] = await Promise.all([
      hold(t, REAL_CONSERVER, conversation),
      hold(t, OUR_CONSERVER, conversation),
    ]);
    assert.deepEqual(ours.answers, theirs.answers);
    assert.equal(ours.log, theirs.log);
  });
}
