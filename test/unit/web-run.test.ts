// A verb on several consoles, as the page follows it: what the server refuses, what comes of the others, and when it is left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { type ErrorCode, HoldfastError } from '../../src/model/errors.ts';
import type { WaitedVerb } from '../../src/model/verb-progress.ts';
import { Run, type StepState } from '../../web/acts/run.ts';
import { consoleSummary } from '../harness/top-world.ts';

const T0 = Date.parse('2026-03-01T03:00:00.000Z');
const at = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();

/** Consoles whose rows come when the test says so, and a server that answers when it says so. */
class World {
  readonly news = signal(0);
  readonly rows = new Map<string, ConsoleSummary>();
  readonly asked = new Map<string, PromiseWithResolvers<ConsoleSummary>>();
  forbidden = 0;
  now = 0;

  constructor(...names: string[]) {
    for (const name of names) {
      this.row(name, { state: 'running', since: at(0) });
    }
  }

  run(verb: WaitedVerb, names = [...this.rows.keys()]): Run {
    const run = new Run(
      { verb, names },
      {
        act: (name) => {
          const answer = Promise.withResolvers<ConsoleSummary>();
          this.asked.set(name, answer);
          return answer.promise;
        },
        news: this.news,
        rowOf: (name) => this.rows.get(name),
        forbidden: () => this.forbidden++,
        now: () => this.now,
      },
    );
    run.begin();
    return run;
  }

  row(name: string, overrides: Partial<ConsoleSummary>): void {
    this.rows.set(name, consoleSummary(name, overrides));
    this.news.value++;
  }

  async accept(name: string, overrides: Partial<ConsoleSummary>): Promise<void> {
    this.asked.get(name)?.resolve(consoleSummary(name, overrides));
    await this.#settled();
  }

  async refuse(name: string, code: ErrorCode, detail: string): Promise<void> {
    this.asked.get(name)?.reject(new HoldfastError(code, detail));
    await this.#settled();
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

const told = (run: Run): string[] => run.steps.map(({ name, state }) => `${name} ${textOf(state.value)}`);
const textOf = (state: StepState): string => ('why' in state ? `${state.is}: ${state.why}` : state.is);

test('each is told apart: refused, done, ended', async () => {
  const world = new World('a', 'b', 'c');
  const run = world.run('restart');
  assert.deepEqual(told(run), ['a asked', 'b asked', 'c asked']);
  await world.refuse('a', 'HF_FORBIDDEN', 'ada may not restart a');
  await world.accept('b', { state: 'stopping', since: at(1) });
  await world.accept('c', { state: 'stopping', since: at(1) });
  assert.deepEqual(told(run), ['a refused: ada may not restart a', 'b under way', 'c under way']);
  assert.equal(world.forbidden, 1, 'rights are asked for again');
  // Between the two processes it waits, too.
  world.row('b', { state: 'waiting', since: at(2) });
  world.row('c', { state: 'waiting', since: at(2) });
  assert.equal(run.isOver, false);
  world.row('b', { state: 'running', since: at(3) });
  world.row('c', { state: 'failed', since: at(3) });
  assert.deepEqual(told(run).slice(1), ['b done', 'c failed: ended again, now failed']);
  assert.deepEqual(
    [run.isOver, run.counts.value.done, run.counts.value.failed, run.counts.value.refused],
    [true, 1, 1, 1],
  );
  assert.deepEqual(
    run.shown(2).map(({ name }) => name),
    ['a', 'c'],
    'what went wrong is read first',
  );
});

test('a row from before the answer says nothing, unless it stays', async () => {
  const world = new World('a');
  const run = world.run('restart');
  await world.accept('a', { state: 'stopping', since: at(1) });
  world.row('a', { state: 'running', since: at(0), lastLine: 'something else' });
  assert.deepEqual(told(run), ['a under way']);
  world.now = 3001;
  world.row('a', { state: 'running', since: at(0) });
  assert.deepEqual(told(run), ['a done'], 'the clock of the server was set back');
});

test('a hold of what is stopping already is not taken for released by a row from before', async () => {
  const world = new World('a');
  world.row('a', { state: 'stopping', since: at(1) });
  const run = world.run('hold');
  const hold = { by: 'ada', reason: 'x', since: at(2) };
  await world.accept('a', { state: 'stopping', since: at(1), hold });
  world.row('a', { state: 'stopping', since: at(1), lastLine: 'bye' });
  assert.deepEqual(told(run), ['a under way']);
  world.row('a', { state: 'stopping', since: at(1), hold });
  world.row('a', { state: 'held', since: at(3), hold });
  assert.deepEqual(told(run), ['a done']);
});

test('a few are asked at once; who leaves asks for no more, and those that are asked go on', async () => {
  const names = Array.from({ length: 10 }, (_, n) => `c${n}`);
  const world = new World(...names);
  const run = world.run('stop');
  assert.equal(world.asked.size, 4);
  await world.accept('c0', { state: 'stopping', since: at(1) });
  assert.equal(world.asked.size, 5);
  run.stop();
  await world.accept('c1', { state: 'stopped', since: at(1) });
  world.row('c0', { state: 'stopped', since: at(2) });
  assert.equal(world.asked.size, 5);
  assert.deepEqual(told(run).slice(0, 3), ['c0 done', 'c1 done', 'c2 asked']);
  assert.deepEqual([run.counts.value.left, run.isAsking], [5, true]);
  assert.deepEqual(run.undone, names.slice(2));
});

test('what somebody else has stopped or held meanwhile is not started by a restart', async () => {
  const world = new World('a', 'b', 'c', 'd', 'e', 'f', 'g');
  const run = world.run('restart');
  world.row('e', { state: 'stopped', since: at(1) });
  world.row('f', { state: 'stopping', since: at(1), hold: { by: 'otto', reason: 'x', since: at(1) } });
  await world.accept('a', { state: 'stopping', since: at(2) });
  assert.deepEqual(told(run).slice(4), [
    'e late: skipped: it is stopped now',
    'f late: skipped: it is held now',
    'g asked',
  ]);
  assert.deepEqual([...world.asked.keys()], ['a', 'b', 'c', 'd', 'g']);
});

test('without a server nothing more is asked of it', async () => {
  const world = new World('a', 'b', 'c', 'd', 'e');
  const run = world.run('stop');
  await world.refuse('a', 'HF_NO_SERVER', 'The server does not answer');
  assert.deepEqual(
    [told(run)[0], told(run)[4]],
    ['a failed: the server has not answered: it may still have been done', 'e left'],
  );
});

test('who closes it follows nothing any more', async () => {
  const world = new World('a', 'b');
  const run = world.run('hold');
  const hold = { by: 'ada', reason: 'x', since: at(1) };
  await world.accept('a', { state: 'stopping', since: at(1), hold });
  run.close();
  world.row('a', { state: 'held', since: at(2), hold });
  assert.equal(told(run)[0], 'a under way');
  await world.accept('b', { state: 'held', since: at(2), hold });
  assert.equal(told(run)[1], 'b asked');
});

test('one that is removed meanwhile is told to be gone', async () => {
  const world = new World('a');
  const run = world.run('stop');
  await world.accept('a', { state: 'stopping', since: at(1) });
  world.rows.delete('a');
  world.news.value++;
  assert.deepEqual(told(run), ['a under way']);
  world.now = 3001;
  world.news.value++;
  assert.deepEqual(told(run), ['a failed: the console was removed']);
});
