/** Signals to our conserver (spec/conserver.md 7.4): consoles that are down come up, logs are reopened. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wireSignal } from '../../src/codec/conserver-wire.ts';
import { atEnd } from '../harness/at-end.ts';
import { until } from '../harness/until.ts';
import { OUR_CONSERVER, startConserver, within } from './conserver-server.ts';
import { place, WireClient } from './wire-client.ts';

const CF = `console alpha { master localhost; type exec; exec cat; rw *; logfile @D@/alpha.log; }
access * { trusted 127.0.0.1; }
`;

test('SIGUSR1 brings up consoles that were taken down, SIGUSR2 also reopens the logs', async (t) => {
  const { port, folder } = await startConserver(t, CF, '', OUR_CONSERVER);
  const { group, pid } = await place(port, 'alpha');
  const session = await WireClient.join(group, 'ann', 'alpha');
  atEnd(t, () => session.close());
  const up = async (): Promise<void> => {
    do {
      session.send('\x05cu');
    } while (!/ up /.test(await session.expect(/ alpha .*\r\n/)));
  };
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) {
    session.send('\x05cd');
    await session.expect('[line down]\r\n');
    session.send('\x05cu');
    assert.match(await session.expect(/ alpha .*\r\n/), / down /);
    process.kill(pid, signal);
    await within(up(), `the console to come up by ${signal}`);
  }
  const log = join(folder, 'alpha.log');
  renameSync(log, `${log}.old`);
  process.kill(pid, 'SIGUSR2');
  const anew = async (): Promise<void> => {
    while (!existsSync(log)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await within(anew(), 'the log to begin anew');
  session.send('hello\r');
  await session.expect('hello\r\nhello\r\n');
  await until('it is in the new log', () => readFileSync(log, 'latin1').includes('hello'));
});

test('aborting a local command that does not exist leaves a suspended client suspended', async (t) => {
  const { port } = await startConserver(t, CF, '', OUR_CONSERVER);
  const { group } = await place(port, 'alpha');
  const session = await WireClient.join(group, 'ann', 'alpha');
  atEnd(t, () => session.close());
  session.send('\x05cz');
  await session.expect('[');
  session.socket.write(wireSignal('abort'));
  session.send('x');
  await session.expect(' -- attached]\r\n');
  session.send('hello\r');
  await session.expect('hello\r\nhello\r\n');
});

test('SIGHUP: a line starts again when its own settings change, not when those of other lines do', async (t) => {
  const { port, folder } = await startConserver(t, CF, '', OUR_CONSERVER);
  const { group, pid } = await place(port, 'alpha');
  const session = await WireClient.join(group, 'ann', 'alpha');
  atEnd(t, () => session.close());
  const reload = (more: string): void => {
    const cf = CF.replaceAll('@D@', folder).replace('exec cat;', `exec cat; ${more}`);
    writeFileSync(join(folder, 'cf'), cf);
    process.kill(pid, 'SIGHUP');
  };
  reload('protocol raw; host h; port 7; motd new;');
  let seen = '';
  while (!seen.includes('MOTD -- new')) {
    session.send('\x05cm');
    seen += await session.expect(/MOTD .*\r\n/);
  }
  session.send('still there\r');
  assert.doesNotMatch(seen + (await session.expect('still there\r\nstill there\r\n')), /reset/);
  reload('options !ixon;');
  await session.expect('[-- Conserver reconfigured - console reset --]\r\n');
});
