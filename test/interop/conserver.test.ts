/** Our conserver(8) under the real console(1), on real terminals. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OnTerminal, OUR_CONSERVER, type RunningServer, run, startConserver } from './conserver-server.ts';

const CLIENT = '/usr/bin/console';
const CF = `default * { rw *; master localhost; logfile @D@/&.log; timestamp a; }
console alpha { type exec; exec cat; motd "be nice"; }
console beta { type exec; exec cat; }
access * { trusted 127.0.0.0/8; admin root; }
`;
const options = { skip: existsSync(CLIENT) ? false : `${CLIENT} is not installed` };

const words = ({ port }: RunningServer, user: string, ...more: string[]) => [
  ...['-n', '-C', '/dev/null', '-M', '127.0.0.1', '-p', `${port}`, '-E', '-l', user],
  ...more,
];

test('a session: message of the day, typing, a second user who bumps the first, and the log', options, async (t) => {
  const server = await startConserver(t, CF, '', OUR_CONSERVER);
  // -A: the replay is the first output once the client listens to the keyboard.
  const ann = new OnTerminal(t, [CLIENT, ...words(server, 'ann', '-A', 'alpha')].join(' '));
  await ann.expect('[-- MOTD -- be nice]');
  await ann.expect('[replay]');
  ann.type('hello\r');
  await ann.expect('hello\r\nhello\r\n');
  const bob = new OnTerminal(t, [CLIENT, ...words(server, 'bob', '-F', 'alpha')].join(' '));
  await bob.expect(/\[bumped ann@\S+\]\r\n/);
  await ann.expect(/\[forced to `spy' mode by bob@\S+\]\r\n/);
  await bob.expect('[replay]');
  ann.type('lost\r');
  await ann.expect('[read-only -- use ^E c ? for help]');
  bob.type('mine\r');
  await ann.expect('mine\r\nmine\r\n');
  bob.type('\x05c.');
  await bob.expect('[disconnect]');
  assert.equal(await bob.ended, 0);
  await ann.expect('[attached]');
  ann.type('\x05c.');
  assert.equal(await ann.ended, 0);
  await server.stop();
  const log = readFileSync(join(server.folder, 'alpha.log'), 'latin1');
  assert.match(
    log,
    /up -- .*\]\r\n\[-- ann@\S+ attached .*\]\r\nhello\r\nhello\r\n\[-- bob@\S+ bumped ann@\S+ .*\]\r\nmine\r\nmine\r\n/,
  );
  assert.doesNotMatch(log, /lost/);
});

test('status tables, unknown names, commands of administrators', options, async (t) => {
  const server = await startConserver(t, CF, '', OUR_CONSERVER);
  const ask = (user: string, ...more: string[]) => run(CLIENT, words(server, user, ...more));
  const { stdout } = await ask('ann', '-u');
  assert.deepEqual(
    stdout.split('\r\n').sort(),
    ['', ' alpha                      up   <none>', ' beta                       up   <none>'].sort(),
  );
  assert.equal((await ask('ann', 'zz')).stdout, "127.0.0.1: console `zz' not found\r\n");
  assert.equal((await ask('ann', '-q')).stdout, '127.0.0.1: unauthorized command\r\n');
  assert.equal((await ask('root', '-z', 'bringup')).stdout, '127.0.0.1: ok -- bringing up consoles\r\n');
});
