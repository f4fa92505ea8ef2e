/** Serial consoles of our conserver over a pair of terminals that socat(1) makes. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { CONSOLE, OnTerminal, OUR_CONSERVER, type RunningServer, run, startConserver } from './conserver-server.ts';

const SOCAT = '/usr/bin/socat';
const skip = existsSync(SOCAT) ? false : `${SOCAT} is not installed`;

interface Line {
  /** The configured end, and its settings as stty shows them. */
  readonly device: string;
  readonly settings: () => Promise<string>;
  /** The instrument at the other end. */
  readonly send: (text: string) => void;
  readonly expect: (text: string) => Promise<void>;
  readonly hangUp: () => void;
}

async function serialLine(t: TestContext): Promise<Line> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-serial-'));
  const device = join(folder, 'tty');
  const socat = spawn(SOCAT, ['-d', '-d', `pty,raw,echo=0,link=${device}`, '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const gone = new Promise((resolve) => socat.once('exit', resolve));
  atEnd(t, async () => {
    socat.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });
  let seen = '';
  let wake = (): void => undefined;
  socat.stdout.setEncoding('latin1').on('data', (text: string) => {
    seen += text;
    wake();
  });
  await new Promise<void>((resolve) =>
    socat.stderr.on('data', (text: Buffer) => {
      if (text.includes('starting data transfer loop')) {
        resolve();
      }
    }),
  );
  return {
    device,
    settings: async () => (await run('stty', ['-F', device, '-a'])).stdout,
    send: (text) => void socat.stdin.write(text, 'latin1'),
    expect: async (text) => {
      while (!seen.includes(text)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      seen = seen.slice(seen.indexOf(text) + text.length);
    },
    hangUp: () => void socat.kill('SIGTERM'),
  };
}

const words = ({ port }: RunningServer, ...more: string[]) => [
  ...['-n', '-C', '/dev/null', '-M', '127.0.0.1', '-p', `${port}`, '-E', '-l', 'ann'],
  ...more,
];

test('a device: settings, bytes both ways, breaks, flow control, a line that hangs up', { skip }, async (t) => {
  const line = await serialLine(t);
  const cf = `console lab { master localhost; type device; device ${line.device}; baud 19200; parity even; rw *;
  options cstopb, crtscts, hupcl, !ixon, ixoff; break 5; logfile @D@/&.log; timestamp b; }
break 5 { string "<\\z>\\d#"; delay 10; }
access * { trusted 127.0.0.1; }
`;
  const server = await startConserver(t, cf, '', OUR_CONSERVER);
  const rows = await run(CONSOLE, words(server, '-x'));
  assert.equal(rows.stdout, ` lab                      on ${`${line.device}@localhost`.slice(0, 32)} at   19200e\r\n`);
  assert.match((await run(CONSOLE, words(server, '-i', 'lab'))).stdout, /^lab:[^:]+:\/:[^:]*,19200e,\d+:/);
  const settings = await line.settings();
  assert.match(settings, /speed 19200 baud/);
  // A pseudo terminal always has eight bits; the other settings are kept.
  for (const word of ['cstopb', 'crtscts', 'hupcl', '-ixon', 'ixoff', '-icanon', '-echo', '-opost']) {
    assert.match(settings, new RegExp(`(^|\\s)${word}\\b`), word);
  }
  const terminal = new OnTerminal(t, [CONSOLE, ...words(server, '-A', 'lab')].join(' '));
  await terminal.expect('[replay]');
  line.send('ready> \xff\xfe');
  await terminal.expect('ready> \xff\xfe');
  terminal.type('*IDN?\r');
  await line.expect('*IDN?\r');
  terminal.type('\x05cl0');
  await terminal.expect('[halt sent]');
  await line.expect('<>#');
  terminal.type('\x05cc');
  await terminal.expect('[ixon ON]');
  assert.match(await line.settings(), /(^|\s)ixon\b/);
  terminal.type('\x05cc');
  await terminal.expect('[ixon OFF]');
  line.hangUp();
  do {
    terminal.type('\x05cu');
  } while (!/ down /.test(await terminal.expect(/ lab +\* (up|down) .*\r\n/)));
  terminal.type('\r');
  await terminal.expect('[down -- use ^E c ? for help]');
  terminal.type('\x05c.');
  assert.equal(await terminal.ended, 0);
});

test('a path that is not a device, and a device that is missing, are down with a reason', { skip }, async (t) => {
  const cf = `default any { master localhost; type device; baud 9600; parity none; rw *; }
console file { include any; device @D@/cf; }
console missing { include any; device @D@/nothing; }
access * { trusted 127.0.0.1; }
`;
  const server = await startConserver(t, cf, '', OUR_CONSERVER);
  const { stdout } = await run(CONSOLE, words(server, '-u'));
  assert.match(stdout, / missing +down <none>\r\n file +down <none>\r\n/);
});
