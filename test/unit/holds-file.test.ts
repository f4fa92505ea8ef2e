import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HoldsFile } from '../../src/host/holds-file.ts';
import type { HoldInfo } from '../../src/model/api.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const { O_NONBLOCK, O_RDONLY } = constants;

const HOLD: HoldInfo = { reason: 'magnet work', by: 'anna', since: '2026-11-21T10:00:00.000Z' };
const HOLDS = new Map([
  ['vac-01', HOLD],
  ['constructor', { ...HOLD, until: '2026-11-22T10:00:00.000Z', resume: false }],
  ['__proto__', { ...HOLD, resume: true }],
  ['17', HOLD],
]);

const NO_BOOT = { id: '', uptime: () => 0 };

interface Place {
  readonly folder: string;
  readonly clock: FakeClock;
  readonly troubles: string[];
  readonly file: () => HoldsFile;
  readonly path: (name: string) => string;
}

function place(t: TestContext): Place {
  const folder = temporaryDirectory(t);
  const troubles: string[] = [];
  const clock = new FakeClock();
  return {
    ...{ folder, clock, troubles },
    file: () => new HoldsFile(folder, clock, (text) => troubles.push(text), NO_BOOT),
    path: (name) => join(folder, name),
  };
}

test('the next server of the same boot knows how long the clock has not been set', async (t) => {
  const { clock, folder } = place(t);
  // Programs of one boot share one uptime, whatever each counts by itself.
  const uptime = () => clock.monotonic() + 12_345;
  const file = (id: string) => new HoldsFile(folder, clock, assert.fail, { id, uptime });
  const read = async (boot: string) => (await file(boot).read()).steadySince;
  await file('b1').write(HOLDS);
  const at = clock.monotonic();
  clock.advance(60_000);
  assert.equal(await read('b1'), at);
  assert.equal(await read('b2'), undefined);
  clock.set(5000);
  assert.equal(await read('b1'), undefined);
  await file('').write(HOLDS);
  assert.equal(await read(''), undefined, 'a boot that has no name');
});

test('holds are read as they were written', async (t) => {
  const { file, troubles } = place(t);
  assert.deepEqual(await file().read(), { holds: new Map(), doubtful: false });
  await file().write(HOLDS);
  assert.deepEqual(await file().read(), { holds: HOLDS, doubtful: false });
  assert.deepEqual(troubles, []);
});

const DAMAGE: Readonly<Record<string, (text: string) => string>> = {
  'cut off': (text) => text.slice(0, text.length / 2),
  empty: () => '',
  zeros: (text) => '\0'.repeat(text.length),
  'one letter': (text) => text.replace('vac-01', 'vac-11'),
  'another version': (text) => text.replace(/"version": \d+/, '"version": 999'),
  'no checksum': (text) => text.replace(/"sum": "\w+",/, ''),
  'a list': () => '[]',
};

for (const [name, damage] of Object.entries(DAMAGE)) {
  for (const one of ['holds.json', 'holds.json.copy']) {
    test(`one of the two files is damaged (${name}, ${one}): the other says what is held`, async (t) => {
      const { file, path, troubles } = place(t);
      const writer = file();
      await writer.write(new Map());
      await writer.write(HOLDS);
      const damaged = damage(readFileSync(path(one), 'utf8'));
      writeFileSync(path(one), damaged);
      const next = file();
      assert.deepEqual(await next.read(), { holds: HOLDS, doubtful: false });
      assert.match(troubles.join('\n'), new RegExp(`${one} cannot be read: .*; it is kept as ${one}\\.bad`));
      assert.equal(readFileSync(path(`${one}.bad`), 'utf8'), damaged);
      // The next write repairs it.
      await next.write(new Map([['vac-02', HOLD]]));
      assert.deepEqual((await file().read()).holds, new Map([['vac-02', HOLD]]));
      assert.deepEqual((await file().read()).doubtful, false);
    });
  }

  test(`both are damaged (${name}): anything may be held, until the file is written again`, async (t) => {
    const { file, path, troubles } = place(t);
    await file().write(HOLDS);
    for (const one of ['holds.json', 'holds.json.copy']) {
      writeFileSync(path(one), damage(readFileSync(path(one), 'utf8')));
    }
    assert.deepEqual(await file().read(), { holds: new Map(), doubtful: true });
    assert.match(troubles.join('\n'), /it is unknown what was held/);
    assert.ok(existsSync(path('holds.json.bad')) && existsSync(path('holds.json.copy.bad')));
    const again = file();
    assert.equal((await again.read()).doubtful, true, 'a server that dies before it has written does not forget it');
    await again.write(new Map());
    assert.deepEqual(await file().read(), { holds: new Map(), doubtful: false });
  });
}

test('if one file is gone, the other one counts', async (t) => {
  const { file, path } = place(t);
  await file().write(HOLDS);
  rmSync(path('holds.json'));
  assert.deepEqual((await file().read()).holds, HOLDS);
});

test('files of the first servers are read; an entry that cannot be parsed is still a hold', async (t) => {
  const { file, path, troubles } = place(t);
  const old = { 'vac-01': { ...HOLD, until: 'soon' }, 'vac-02': HOLD, 'vac-03': { reason: 1 }, 'vac-04': null };
  writeFileSync(path('holds.json'), JSON.stringify(old));
  const { holds, doubtful } = await file().read();
  assert.equal(doubtful, false);
  assert.deepEqual(holds.get('vac-01'), HOLD);
  assert.deepEqual(holds.get('vac-02'), HOLD);
  assert.match(holds.get('vac-03')?.reason ?? '', /it may have been held/);
  assert.match(holds.get('vac-04')?.reason ?? '', /it may have been held/);
  assert.equal(troubles.length, 3);
  writeFileSync(path('holds.json'), '{"vac-01": ');
  assert.equal((await file().read()).doubtful, true);
});

test('a failed write is refused each time, reported once, and retried', async (t) => {
  const { clock, file, path, troubles } = place(t);
  const kept = file();
  // A folder in place of the file cannot be opened for writing, not even by root.
  mkdirSync(path('holds.json.copy.tmp'));
  await assert.rejects(kept.write(HOLDS), /EISDIR/);
  await assert.rejects(kept.write(HOLDS), /EISDIR/);
  assert.match(troubles.join('\n'), /^holds are not kept over a restart of the machine: EISDIR[^\n]*$/);
  rmSync(path('holds.json.copy.tmp'), { recursive: true });
  clock.advance(10_000);
  await kept.write(HOLDS);
  assert.match(troubles[1] ?? '', /are kept over a restart of the machine again/);
  assert.deepEqual((await file().read()).holds, HOLDS);
});

test('a retry writes the holds of that moment', async (t) => {
  const { clock, file, folder, troubles } = place(t);
  const holds = file();
  rmSync(folder, { recursive: true });
  await assert.rejects(holds.write(HOLDS), /ENOENT/);
  clock.advance(3000);
  const later = new Map([['vac-02', HOLD]]);
  await assert.rejects(holds.write(later), /ENOENT/);
  mkdirSync(folder);
  clock.advance(7000);
  await until('the next try', () => troubles.length > 1);
  assert.deepEqual((await file().read()).holds, later);
});

test('a disk that does not answer is not waited for forever', async (t) => {
  const { clock, folder, troubles } = place(t);
  // Opening a FIFO for writing waits for its reader.
  const fifo = join(folder, 'holds.json.copy.tmp');
  execFileSync('mkfifo', [fifo]);
  const kept = new HoldsFile(folder, clock, (text) => troubles.push(text));
  atEnd(t, async () => {
    const reader = openSync(fifo, O_RDONLY | O_NONBLOCK);
    // The thread that opens it may not have come to it yet, and a reader that has gone by then is none.
    await kept.write(HOLDS).catch(() => undefined);
    closeSync(reader);
  });
  const first = assert.rejects(kept.write(HOLDS), /has not answered for 5 s/);
  const second = assert.rejects(kept.write(new Map()), /has not answered for 5 s/);
  clock.advance(5000);
  await Promise.all([first, second]);
});
