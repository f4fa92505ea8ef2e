/** Signals to our conserver (conserver.md 7.4): what is down comes up, logs begin anew. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { wireSignal } from '../../src/codec/conserver-wire.ts';
import { until } from '../harness/until.ts';
import { OUR_CONSERVER, startConserver, within } from './conserver-server.ts';
import { place, WireClient } from './wire-client.ts';

const CF = `console alpha { master localhost; type exec; exec cat; rw *; logfile @D@/alpha.log; }
access * { trusted 127.0.0.1; }
`;

test('SIGUSR1 brings up what was taken down, SIGUSR2 that too and with new logs', async (t) => {
  const { port, folder } = await startConserver(t, CF, '', OUR_CONSERVER);
  const { group, pid } = await place(port, 'alpha');
  const session = await WireClient.join(group, 'ann', 'alpha');
  t.after(() => session.close());
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

test('an abort of a local command that there is not leaves a suspended client suspended', async (t) => {
  const { port } = await startConserver(t, CF, '', OUR_CONSERVER);
  const { group } = await place(port, 'alpha');
  const session = await WireClient.join(group, 'ann', 'alpha');
  t.after(() => session.close());
  session.send('\x05cz');
  await session.expect('[');
  session.socket.write(wireSignal('abort'));
  session.send('x');
  await session.expect(' -- attached]\r\n');
  session.send('hello\r');
  await session.expect('hello\r\nhello\r\n');
});
