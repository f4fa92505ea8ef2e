// A serial line as the source of a console; socat's pair of terminals stands for the device and the instrument.

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { Client } from '../harness/client.ts';
import { HostUnderTest } from '../harness/host.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { Transcript } from '../harness/transcript.ts';
import { until } from '../harness/until.ts';

/** The instrument at the other end of the line. */
class Device {
  readonly said = new Transcript();
  readonly #socat: ChildProcess;
  readonly #gone: Promise<void>;

  constructor(t: TestContext, path: string) {
    const words = [`pty,rawer,link=${path}`, 'stdio'];
    this.#socat = spawn('socat', words, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#socat.stdout?.on('data', (data: Buffer) => this.said.add(data));
    this.#gone = new Promise((resolve) => this.#socat.once('exit', () => resolve()));
    atEnd(t, () => this.unplug());
  }

  say(bytes: string | Uint8Array): void {
    this.#socat.stdin?.write(bytes);
  }

  async unplug(): Promise<void> {
    this.#socat.kill('SIGTERM');
    await this.#gone;
  }
}

test('a serial line: settings, lines both ways, and a device that goes and comes back', async (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'ttyUSB0');
  const device = new Device(t, path);
  await until('the device', () => existsSync(path));
  const host = await HostUnderTest.start(
    t,
    `
[console.gauge]
serial = "${path}"
baud = 19200
restart.holdoff = "100ms"
endpoints = ["unix:gauge.sock"]
`,
  );
  const up = await host.state('gauge', 'running');
  assert.equal(up.kind, 'serial');
  assert.equal(up.pid, undefined);
  const settings = execFileSync('stty', ['-F', path, '-a'], { encoding: 'utf8' });
  assert.match(settings, /speed 19200 baud/);
  for (const raw of ['-echo', '-icanon', '-ixon', '-opost', 'cs8', '-parenb', '-crtscts']) {
    assert.ok(settings.split(/[\s;]+/).includes(raw), `${raw} in ${settings}`);
  }

  const all = Buffer.from(Uint8Array.from({ length: 256 }, (_, code) => code));
  let output = Buffer.alloc(0);
  const session = await host.attach(
    'gauge',
    { lines: 0 },
    {
      output: (bytes) => {
        output = Buffer.concat([output, bytes]);
      },
    },
    { write: true },
  );
  session.input(Buffer.from('PR1\r\n'));
  await device.said.expect(/PR1\r\n/);
  device.say('1.3E-07\r\n');
  device.say(all);
  device.say('end\r\n');
  await until('all that the device said', () => output.includes('end\r\n'));
  assert.ok(output.equals(Buffer.concat([Buffer.from('1.3E-07\r\n'), all, Buffer.from('end\r\n')])));
  session.input(all);
  session.input(Buffer.from('end\r\n'));
  await device.said.expect(/end\r\n/);
  assert.ok(device.said.text.endsWith(`PR1\r\n${all.toString('latin1')}end\r\n`));
  const telnet = await Client.connect(join(host.runtimeDir, 'gauge.sock'));
  await telnet.expect(/\(plus you\)\r\n/);
  telnet.send('PR2\r\n');
  await device.said.expect(/PR2\r\n/);

  await device.unplug();
  await host.said('gauge', /@@@ connection ended: .*ttyUSB0\r\n/);
  await until('the link to be gone', () => !existsSync(path));
  await host.event(
    'a vain attempt',
    ({ console, text }) => console === 'gauge' && /could not be started: .*ttyUSB0/.test(text),
  );
  const again = new Device(t, path);
  await host.state('gauge', 'running');
  again.say('hello again\r\n');
  await telnet.expect(/hello again\r\n/);
  session.input(Buffer.from('PR3\r\n'));
  await again.said.expect(/PR3\r\n/);

  // A device needs no holder: a new server opens the same line again, and its output is in the log once.
  await host.kill();
  await host.up();
  await host.state('gauge', 'running');
  again.say('after the server\r\n');
  await host.said('gauge', 'after the server\r\n');
  assert.equal(host.log('gauge').split('hello again\r\n').length, 2);
  session.close();
});
