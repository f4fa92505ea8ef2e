// Logs that cannot be written: neither child nor readers notice, and the loss is recorded with its size.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { HostUnderTest, perl } from '../harness/host.ts';
import { smallDisk, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const MIB = 1 << 20;
const AT_END = /bytes are missing here in the log: [^\r\n]+\r\n$/;
const LINE = 64;

/** Answers a line with a number by that many numbered lines of 64 bytes, and `done`. */
const FLOOD = perl(`system("stty raw -echo"); $| = 1; print "ready\\n"; while (<STDIN>) { my $end = $n + $_;
  while ($n < $end) { my $text = ""; $text .= sprintf("%062d\\r\\n", $n++) for 1 .. 512; print $text; } print "done $n\\r\\n"; }`);

/** A reader, which must get everything. */
class Watched {
  /** Bytes of the whole stream so far. */
  said = 0;
  #tail = '';
  #send: (text: string) => void = () => undefined;

  static async begin(host: HostUnderTest, name: string): Promise<Watched> {
    const watched = new Watched();
    const session = await host.attach(
      name,
      { offset: 0 },
      {
        output: (bytes) => {
          watched.said += bytes.length;
          watched.#tail = (watched.#tail + Buffer.from(bytes).toString('latin1')).slice(-500);
        },
        missed: (bytes) => assert.fail(`the reader missed ${bytes} bytes`),
      },
      { write: true },
    );
    watched.#send = (text) => session.input(Buffer.from(text));
    await until('what is said of the start', () => /ready\n/.test(watched.#tail) && /(@@@ ?){5}/.test(watched.#tail));
    return watched;
  }

  /** The child prints this many bytes (rounded up), and the reader gets them all. */
  async flood(bytes: number): Promise<void> {
    const before = this.said;
    const lines = Math.ceil(bytes / LINE / 512) * 512;
    this.#tail = '';
    this.#send(`${lines}\n`);
    await until('all of it at the reader', () => /done \d+\r\n/.test(this.#tail));
    const [done = ''] = /done \d+\r\n/.exec(this.#tail) ?? [];
    assert.equal(this.said - before, lines * LINE + done.length, 'what the reader got');
  }
}

/**
 * The notes of a log about its gaps, and the rest of it, which may contain the line end with which a gap within a line
 * begins.
 */
function accounted(log: string): { missing: number; bytes: number } {
  const gaps = /@@@ (\d+) bytes are missing here in the log: [^\r\n]+\r\n/g;
  const missing = [...log.matchAll(gaps)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return { missing, bytes: log.replace(gaps, '').length };
}

async function start(t: TestContext, logDir: string, more = ''): Promise<HostUnderTest> {
  const host = await HostUnderTest.start(
    t,
    `[console.a]\n${FLOOD}\nlog.size = "1G"\n${more}[console.b]\nrun = "echo b is here; cat"\n`,
    {
      logDir,
    },
  );
  await host.state('a', 'running');
  return host;
}

async function troubled(host: HostUnderTest, text: RegExp): Promise<void> {
  await host.event(String(text), (event) => event.console === 'a' && event.type === 'log' && text.test(event.text));
}

test('a log that is a FIFO: nobody waits for its reader, and the gap is as large as the log says', async (t) => {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  // For writing too: otherwise it would be at its end until the server opens it.
  const reader = new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true });
  atEnd(t, () => reader.destroy());
  let log = '';
  reader.setEncoding('latin1').on('data', (text: string) => {
    log += text;
  });
  const host = await start(t, folder, `log.path = "${path}"\n`);
  await until('the first line', () => log.includes('ready\n'));
  reader.pause();
  const watched = await Watched.begin(host, 'a');
  await watched.flood(12 * MIB);
  await troubled(host, /log file .*pipe is losing output: the disk does not keep up/);
  await host.said('b', 'b is here');
  reader.resume();
  await until('the line about the gap', () => AT_END.test(log.slice(-200)));
  const { missing, bytes } = accounted(log);
  assert.ok([0, 2].includes(missing + bytes - watched.said), `${missing} + ${bytes} of ${watched.said} bytes`);
  assert.ok(missing > 3 * MIB && missing < 5 * MIB, `${missing} bytes are said to be missing`);
  await troubled(host, new RegExp(`${missing} bytes are missing in log file .*pipe`));
});

test('a full disk: queued output is written when there is room, the rest is recorded as missing', async (t) => {
  const folder = smallDisk(t, 24 * MIB);
  if (folder === undefined) {
    t.skip('a tmpfs may not be mounted here');
    return;
  }
  writeFileSync(join(folder, 'ballast'), Buffer.alloc(22 * MIB));
  const host = await start(t, folder);
  await host.said('a', 'ready');
  const watched = await Watched.begin(host, 'a');
  await watched.flood(5 * MIB);
  await troubled(host, /cannot write log file .*: no space left on device; \d+ bytes wait/);
  // Output that fits into the queue is not lost.
  rmSync(join(folder, 'ballast'));
  await until('all of it', () => /done \d+\r\n$/.test(host.log('a').slice(-200)));
  assert.deepEqual(accounted(host.log('a')), { missing: 0, bytes: watched.said });
  await troubled(host, /is written again/);

  writeFileSync(join(folder, 'ballast'), Buffer.alloc(18 * MIB));
  await watched.flood(12 * MIB);
  rmSync(join(folder, 'ballast'));
  await until('the line about the gap', () => AT_END.test(host.log('a').slice(-200)));
  const { missing, bytes } = accounted(host.log('a'));
  assert.ok([0, 2].includes(missing + bytes - watched.said), `${missing} + ${bytes} of ${watched.said} bytes`);
  assert.ok(missing > 2 * MIB, `${missing} bytes are said to be missing`);
  await troubled(host, new RegExp(`${missing} bytes are missing in log file`));
});

test('a removed log directory: output in the meantime is in the new file, or recorded as missing', async (t) => {
  const folder = join(temporaryDirectory(t), 'logs');
  const host = await start(t, folder);
  await host.said('a', 'ready');
  const watched = await Watched.begin(host, 'a');
  await watched.flood(MIB / 4);
  rmSync(folder, { recursive: true });
  await watched.flood(MIB / 2);
  await troubled(host, /unable to open log file .*: .*no such file or directory/i);
  await watched.flood(10 * MIB);
  mkdirSync(folder);
  await until('the log to come back', () => accounted(host.log('a')).missing > 0);
  await watched.flood(MIB / 4);
  await until('the end of the log', () => /done \d+\r\n$/.test(host.log('a')));
  const log = host.log('a');
  const { missing, bytes } = accounted(log);
  assert.ok(missing > MIB, `${missing} bytes are said to be missing`);
  // Of the output before the removal the new file has the part that was not yet verified in its place.
  const since = watched.said - missing - bytes;
  assert.ok(since >= -2 && since <= MIB / 4 + 1000, `${since} bytes are in no log`);
  await troubled(host, new RegExp(`${missing} bytes are missing in log file`));
});
