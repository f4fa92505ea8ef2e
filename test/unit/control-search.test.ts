// A search through the control API: what it says, what it refuses, and that it costs the server nothing that stays.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { connectControl } from '../../src/client/control-connection.ts';
import type { SearchItem } from '../../src/model/api.ts';
import type { HoldfastError } from '../../src/model/errors.ts';
import type { SearchRequest } from '../../src/model/host-port.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { serveControl } from '../harness/control-server.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

async function site(t: TestContext) {
  const folder = temporaryDirectory(t);
  const host = new FakeHost();
  const log = (name: string, text: string) => {
    const path = join(folder, `${name}.log`);
    writeFileSync(path, text);
    host.add(name).logs = [path];
    return path;
  };
  const server = await serveControl(host, join(folder, 'control'));
  t.after(async () => {
    await server.close();
    assert.deepEqual(server.faults, []);
  });
  const { faults } = server;
  const client = connectControl(join(folder, 'control'));
  /** Without the reports of progress. */
  const search = async (request: SearchRequest): Promise<SearchItem[]> => {
    const items: SearchItem[] = [];
    for await (const item of client.search(request)) {
      if (item.kind !== 'progress') {
        items.push(item);
      }
    }
    return items;
  };
  return { client, faults, host, log, search };
}

/** Our processes that read logs. */
function readers(): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const [, parent] = /\) \S+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? [];
      return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('holdfast-logs');
    } catch {
      return false;
    }
  });
}

test('lines of several logs merged by time, with context, packed ones too; some consoles, a range', async (t) => {
  const { host, log, search } = await site(t);
  log('one', '2026-11-21T10:00:01Z a hit\n2026-11-21T10:00:03Z b\n2026-11-21T10:00:05Z HIT\n');
  const two = log('two', '2026-11-21T10:00:04Z hit é\n');
  writeFileSync(`${two}.1.gz`, gzipSync('2026-11-21T10:00:02Z hit packed\n'));
  host.add('silent');
  const all = await search({ pattern: 'HIT', ignoreCase: true });
  const shown = all.flatMap((item) => (item.kind === 'line' ? [`${item.console} ${item.time?.slice(17)}`] : []));
  assert.deepEqual(shown, ['one 01.000Z', 'two 02.000Z', 'two 04.000Z', 'one 05.000Z']);
  assert.deepEqual(await search({ pattern: 'b', consoles: ['one'], before: 1 }), [
    {
      ...{ kind: 'line', console: 'one', time: '2026-11-21T10:00:01.000Z', line: '2026-11-21T10:00:01Z a hit' },
      ...{ context: true, gap: false },
    },
    {
      ...{ kind: 'line', console: 'one', time: '2026-11-21T10:00:03.000Z', line: '2026-11-21T10:00:03Z b' },
      ...{ context: false, gap: false },
    },
  ]);
  const range = { since: Date.UTC(2026, 10, 21, 10, 0, 2), until: Date.UTC(2026, 10, 21, 10, 0, 4) };
  assert.equal((await search({ pattern: 'hit', ...range })).length, 2);
  assert.deepEqual(await search({ pattern: 'a.hit', fixed: true }), []);
  const refused = (request: SearchRequest, code: string) =>
    assert.rejects(search(request), (error: HoldfastError) => error.code === code);
  await refused({ pattern: '(' }, 'HF_BAD_REQUEST');
  await refused({ pattern: 'a', consoles: ['nobody'] }, 'HF_NO_CONSOLE');
  const [left, found] = await search({ pattern: 'b', consoles: ['nobody', 'one'] });
  assert.deepEqual(
    [left?.kind, left?.kind === 'unsearched' && left.console, found?.kind],
    ['unsearched', 'nobody', 'line'],
  );
});

test('a pattern that takes forever ends the search with a reason, while the server answers', async (t) => {
  const { client, log, search } = await site(t);
  log('one', `${'a'.repeat(50)}!\n`);
  let over = false;
  const found = search({ pattern: '^(a+)+$' }).finally(() => {
    over = true;
  });
  await until('its process', () => readers().length > 0);
  let longest = 0;
  await until('its end', async () => {
    const asked = performance.now();
    await client.list();
    longest = Math.max(longest, performance.now() - asked);
    return over;
  });
  const [failed, ...others] = await found;
  assert.ok(failed?.kind === 'failed' && others.length === 0);
  assert.match(failed.reason, /^the pattern took more than 5 s for a part of a log: write repetitions within/);
  assert.ok(longest < 4000, `an answer took ${longest} ms`);
});

test('a process that reads logs and dies is told of in the log of the server', async (t) => {
  const { faults, log, search } = await site(t);
  log('one', `${'a'.repeat(50)}!\n`);
  const broken = assert.rejects(search({ pattern: '^(a+)+$' }), /could not go on with it: its own log says why$/);
  await until('its process', () => readers().length > 0);
  process.kill(Number(readers()[0]), 'SIGKILL');
  await broken;
  await until('the fault', () => faults.length > 0);
  assert.match(String(faults.splice(0)), /^Error: the process that reads logs ended early: SIGKILL$/);
});

test('a client that leaves ends the process; more than eight at a time are refused', async (t) => {
  const { client, log } = await site(t);
  log('one', `${'a'.repeat(50)}!\n`);
  const searches = Array.from({ length: 8 }, () => new AbortController());
  const begun = searches.map(async ({ signal }) => {
    for await (const item of client.search({ pattern: '^(a+)+$' }, signal)) {
      // How far it is may be told on a busy machine.
      assert.equal(item.kind, 'progress');
    }
  });
  await until('eight processes', () => readers().length === 8);
  const one = client.search({ pattern: 'x' })[Symbol.asyncIterator]();
  await assert.rejects(one.next(), (error: HoldfastError) => error.code === 'HF_BUSY');
  for (const search of searches) {
    search.abort();
  }
  await until('no process', () => readers().length === 0);
  await Promise.all(begun);
});

test('the last lines of what is found, and whether there is more', async (t) => {
  const { log, search } = await site(t);
  log('one', Array.from({ length: 30 }, (_, at) => `2026-11-21T10:00:${10 + at}Z one ${at}\n`).join(''));
  log('two', 'two has no time\n2026-11-21T10:00:38.500Z two\n');
  const last = async (tail: number, pattern = '', timed = false) => {
    const found = await search({ pattern, fixed: true, tail, timed });
    return found.flatMap((item) =>
      item.kind === 'line' ? [`${item.gap ? '... ' : ''}${item.line.replace(/^2026\S+ /, '')}`] : [],
    );
  };
  assert.deepEqual(await last(3), ['... one 28', 'two', 'one 29']);
  assert.deepEqual(await last(2, 'one 0'), ['one 0']);
  assert.deepEqual(await last(1, 'two'), ['... two']);
  assert.deepEqual(await last(0), []);
  assert.deepEqual(await last(1, 'no time', true), [], 'only of a known time');
  const all = await last(32);
  assert.deepEqual([all.length, all[0]], [32, 'two has no time']);
});
