import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants, mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { endEveryChild, inOwnProcess, TerminalChild } from '../terminal-child.ts';

after(endEveryChild);

const folder = mkdtempSync(join(tmpdir(), 'hf-pty-'));
const MEGABYTE = 1 << 20;

/**
 * A FIFO that a child can wait on. Opened here for both ways, and never closed: so nobody waits for the other to open it,
 * and what is written before the other has opened it is not lost.
 */
function gate(name: string): { path: string; open: () => void } {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return { path, open: () => writeSync(fd, '\n') };
}

test('a terminal may end before its child', async () => {
  const { path, open } = gate('closes');
  const child = await TerminalChild.start(['sh', '-c', `echo bye; exec <${path} >/dev/null 2>&1; read line; exit 7`]);
  await child.closed;
  assert.equal(child.text, 'bye\r\n');
  process.kill(child.pid, 0);
  open();
  assert.equal((await child.ended).code, 7);
});

test('a child may end before its terminal: what a grandchild writes still comes', async () => {
  const { path, open } = gate('grandchild');
  const child = await TerminalChild.start(['sh', '-c', `trap '' HUP; (read line <${path}; echo late) & exit 3`]);
  assert.equal((await child.ended).code, 3);
  assert.equal(child.text, '');
  open();
  await child.closed;
  assert.equal(child.text, 'late\r\n');
});

test('nothing is lost of the last megabyte before the end, whatever its bytes', async () => {
  const path = join(folder, 'random');
  for (let i = 0; i < 10; i++) {
    const bytes = randomBytes(MEGABYTE);
    writeFileSync(path, bytes);
    const child = await TerminalChild.start(['sh', '-c', `stty raw -echo; cat ${path}`]);
    await Promise.all([child.closed, child.ended]);
    assert.ok(child.output.equals(bytes), `${child.output.length} of ${bytes.length} bytes, or others`);
  }
});

test('a terminal that is full says so, and takes the rest when its child reads', async () => {
  const { path, open } = gate('backpressure');
  const bytes = randomBytes(MEGABYTE);
  const command = `stty raw -echo; echo ready; read line <${path}; head -c ${MEGABYTE} | sha256sum`;
  const child = await TerminalChild.start(['sh', '-c', command]);
  await child.until('ready');
  let at = child.terminal.write(bytes);
  assert.ok(at > 0 && at < bytes.length, `${at} bytes were taken while the child reads nothing`);
  // The kernel moves bytes on in its own time, and so finds room for a few more.
  for (let taken = 1; taken > 0; at += taken) {
    taken = child.terminal.write(bytes.subarray(at, at + 1));
  }
  let drains = 0;
  child.onDrain = () => {
    drains++;
    at += child.terminal.write(bytes.subarray(at));
  };
  open();
  await child.closed;
  assert.equal(at, bytes.length);
  assert.ok(drains > 0);
  assert.ok(child.text.includes(createHash('sha256').update(bytes).digest('hex')), child.text);
});

test('a paused terminal delivers nothing and loses nothing', async () => {
  const child = await TerminalChild.start(['sh', '-c', `stty raw; head -c ${MEGABYTE} /dev/zero`]);
  const { promise, resolve } = Promise.withResolvers<void>();
  child.onData = () => {
    child.terminal.pause();
    resolve();
  };
  await promise;
  const before = child.output.length;
  while (!child.terminal.readable) {
    await turn();
  }
  for (let i = 0; i < 100; i++) {
    await turn();
  }
  assert.equal(child.output.length, before);
  assert.ok(before < MEGABYTE);
  child.onData = () => undefined;
  child.terminal.resume();
  await child.closed;
  assert.equal(child.output.length, MEGABYTE);
  assert.equal((await child.ended).code, 0);
});

test('a terminal that is paused in its drain handler delivers nothing behind it', async () => {
  const { path, open } = gate('drain');
  const child = await TerminalChild.start([
    'sh',
    '-c',
    `stty raw -echo; echo ready; read line <${path}; printf x; cat`,
  ]);
  await child.until('ready');
  child.terminal.write(Buffer.alloc(MEGABYTE));
  const { promise, resolve } = Promise.withResolvers<void>();
  let paused = false;
  child.onDrain = () => {
    child.terminal.pause();
    paused = true;
    setImmediate(resolve);
  };
  child.onData = () => assert.equal(paused, false, 'data came after pause()');
  open();
  // No turn of the event loop until there is both something to read and room to write: one wake-up gets both.
  while (!child.terminal.readable || child.terminal.write(Buffer.alloc(1)) === 0) {}
  await promise;
  paused = false;
  await child.kill();
});

test('write says when the other side is gone', async () => {
  const child = await TerminalChild.start(['true']);
  const { terminal } = child;
  assert.ok(terminal.fd > 2);
  await child.closed;
  assert.equal(terminal.write(Buffer.from('x')), -1);
  terminal.close();
  assert.equal(terminal.write(Buffer.from('x')), -1);
  assert.equal(terminal.fd, -1);
  assert.equal(terminal.readable, false);
  terminal.close();
  terminal.pause();
  terminal.resume();
  terminal.resize(1, 1);
});

test('close in a handler is the last of it, and hangs the child up', async () => {
  const child = await TerminalChild.start(['yes']);
  let calls = 0;
  child.onData = () => {
    calls++;
    child.terminal.close();
  };
  const end = await child.ended;
  assert.equal(end.signal, 1);
  assert.equal(calls, 1);
});

test('what a handler throws is an uncaught exception, and the terminal goes on', async () => {
  const { stdout } = await inOwnProcess(`
    const caught = [];
    process.on('uncaughtException', (error) => caught.push(error.message));
    native.spawn({ file: 'sh', argv: ['sh', '-c', 'echo one; read line; echo two'], columns: 0, rows: 0 }, (error, { fd }) => {
      let text = '';
      const pty = native.openPty(fd, {
        data: (count) => {
          const first = text === '';
          text += Buffer.from(native.scratch.subarray(0, count)).toString('latin1');
          if (first) { pty.write(Buffer.from('\\n')); throw new Error('in data'); }
        },
        end: () => { console.log(JSON.stringify({ caught, text })); pty.close(); },
        drain: () => undefined,
      });
      throw new Error('in spawn');
    });`);
  const { caught, text } = JSON.parse(stdout);
  assert.deepEqual(caught, ['in spawn', 'in data']);
  assert.match(text, /one\r\n.*two\r\n/s);
});

test('a terminal that nobody keeps is not collected while it is open, and is when it is closed', async () => {
  const { stdout } = await inOwnProcess(
    `
    const child = await spawnChild({ argv: ['sh', '-c', 'echo one; read line <$GATE; echo two'] });
    let text = '', closed;
    const end = new Promise((resolve) => { closed = resolve; });
    const weak = new WeakRef(native.openPty(child.fd, {
      data: (count) => { text += Buffer.from(native.scratch.subarray(0, count)).toString(); },
      end: () => { weak.deref().close(); closed(); },
      drain: () => undefined,
    }));
    const turn = () => new Promise(setImmediate);
    for (let i = 0; i < 20 || text === ''; i++) { gc(); await turn(); }
    fs.writeFileSync(process.env.GATE, '\\n');
    await end;
    for (let i = 0; i < 20; i++) { gc(); await turn(); }
    console.log(JSON.stringify({ text, collected: weak.deref() === undefined }));`
      .replace('<$GATE', `<${gate('collected').path}`)
      .replace('process.env.GATE', `'${join(folder, 'collected')}'`),
    { flags: ['--expose-gc'] },
  );
  assert.deepEqual(JSON.parse(stdout), { text: 'one\r\ntwo\r\n', collected: true });
});

test('an open terminal that is in nobody’s hands any more does not stop the process from ending', async () => {
  const { stdout } = await inOwnProcess(`
    const child = await TerminalChild.start(['yes']);
    await child.until('y');
    console.log('over');
    process.exit(0);`);
  assert.equal(stdout, 'over\n');
});

test('another thread is told that the addon is taken', async () => {
  const { stdout } = await inOwnProcess(`
    import { Worker } from 'node:worker_threads';
    const path = new URL('../../src/platform/native.ts', '${import.meta.url}');
    new Worker('import(' + JSON.stringify(path.href) + ')', { eval: true }).on('error', (error) => console.log(error.code));`);
  assert.equal(stdout, 'ERR_HOLDFAST_LOADED\n');
});
