// Any sequence of events on consoles: one child for each that is wanted, no end lost or told twice, everybody who asks is
// answered, no byte is shown twice or skipped unsaid, who watches the table has what a list says, and nothing is left when all have gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { EnterOptions } from '../../src/model/session.ts';
import { OPERATOR } from '../fakes/memory-host.ts';
import { CONFIGS, HostWorld, NAMES, type Name } from '../harness/host-world.ts';

/** Turns of the event loop after which nothing is under way that does not wait for time. */
const QUIET = 40;

type Mode = EnterOptions['mode'];

interface Model {
  readonly commands: number;
}

/** One thing that happens, and how many turns of the loop pass before the next one. */
class Step implements fc.AsyncCommand<Model, HostWorld> {
  readonly #name: string;
  readonly #turns: number;
  readonly #act: (world: HostWorld) => unknown;

  constructor(name: string, turns: number, act: (world: HostWorld) => unknown) {
    this.#name = name;
    this.#turns = turns;
    this.#act = act;
  }

  check(): boolean {
    return true;
  }

  async run(_model: Model, world: HostWorld): Promise<void> {
    await this.#act(world);
    for (let n = 0; n < this.#turns; n++) {
      await turn();
    }
    if (this.#turns >= QUIET) {
      world.check();
    }
  }

  toString(): string {
    return `${this.#name}+${this.#turns}`;
  }
}

const name = fc.constantFrom<Name>(...NAMES);
const turns = fc.oneof(fc.constant(QUIET), fc.nat(3), fc.nat(QUIET));
const nth = fc.nat(7);

function step<Arguments extends readonly unknown[]>(
  what: string,
  given: { [At in keyof Arguments]: fc.Arbitrary<Arguments[At]> },
  act: (world: HostWorld, ...given: Arguments) => unknown,
): fc.Arbitrary<Step> {
  return fc
    .tuple(turns, fc.tuple(...given))
    .map(
      ([pause, values]) =>
        new Step(`${what}(${values.join(',')})`, pause, (world) => act(world, ...(values as unknown as Arguments))),
    );
}

function readerAt(world: HostWorld, at: number) {
  return world.readers[at % Math.max(1, world.readers.length)];
}

const STEPS = [
  step<[Name]>('start', [name], (world, of) => world.verb('start', of)),
  step<[Name]>('stop', [name], (world, of) => world.verb('stop', of)),
  step<[Name]>('restart', [name], (world, of) => world.verb('restart', of)),
  step<[Name]>('hold', [name], (world, of) => world.hold(of)),
  step<[Name, number]>('hold until', [name, fc.integer({ min: 1, max: 600_000 })], (world, of, after) =>
    world.hold(of, world.memory.clock.now() + after),
  ),
  step<[Name]>('release', [name], (world, of) => world.release(of)),
  step<[Name, number]>('signal', [name, fc.constantFrom(1, 2, 9, 15)], (world, of, signal) => {
    if (of !== 'a') {
      world.unsure(of);
    }
    world.ask(`signal ${of}`, () => world.memory.host.signal(of, signal, OPERATOR));
  }),
  step<[Name, string]>('key', [name, fc.constantFrom('^X', '^T', '^R', '^Q', 'text')], (world, of, key) => {
    world.unsure(of);
    world.memory.strike(of, key.startsWith('^') ? Buffer.of(key.charCodeAt(1) & 31) : Buffer.from(key));
  }),
  step<[Name, number]>('say', [name, fc.oneof(fc.nat(50), fc.nat(5000))], (world, of, size) => world.say(of, size)),
  step<[Name]>('flood', [name], (world, of) => world.say(of, 400_000)),
  step<[Name]>('say ready', [name], (world, of) => world.child(of)?.say('ready\r\n')),
  step<[Name, number]>('exit', [name, fc.constantFrom(0, 0, 1)], (world, of, code) => {
    if (of !== 'a') {
      world.unsure(of);
    }
    world.child(of)?.exit(code);
  }),
  step<[Name]>('crash', [name], (world, of) => {
    if (of !== 'a') {
      world.unsure(of);
    }
    world.child(of)?.exit(null, { signal: 11, coreDumped: true });
  }),
  step<[Name]>('end of file', [name], (world, of) => world.child(of)?.closeTerminal()),
  step<[Name]>('terminal again', [name], (world, of) => world.child(of)?.openTerminal()),
  step<[Name]>('exit, terminal kept', [name], (world, of) => {
    if (of !== 'a') {
      world.unsure(of);
    }
    world.child(of)?.exit(0, { keepsTerminal: true });
  }),
  step<[Name]>('ignores TERM', [name], (world, of) => world.child(of)?.ignores.add(15)),
  step<[Name]>('reads no input', [name], (world, of) => {
    const child = world.child(of);
    if (child) {
      child.room = 3;
    }
  }),
  step<[Name]>('reads input', [name], (world, of) => world.child(of)?.read()),
  step('starts are slow', [], ({ memory }) => {
    memory.holder.kernel.slow = true;
  }),
  step('starts are done', [], ({ memory }) => {
    memory.holder.kernel.slow = false;
    memory.holder.kernel.finishStarts();
  }),
  step('lookups are slow', [], ({ memory }) => {
    memory.slowLookups = true;
  }),
  step('lookups are done', [], ({ memory }) => {
    memory.slowLookups = false;
    memory.finishLookups();
  }),
  step('next start is refused', [], (world) => {
    world.memory.holder.kernel.refuseNext = 'EAGAIN';
    world.unsure('b');
    world.unsure('c');
  }),
  step('next start fails', [], (world) => {
    world.memory.holder.kernel.failNext = { step: 'exec', errno: 2, code: 'ENOENT', message: 'No such file' };
    world.unsure('b');
    world.unsure('c');
  }),
  step<[number]>('wait', [fc.oneof(fc.nat(2000), fc.nat(20_000), fc.constant(400_000))], ({ memory }, time) =>
    memory.clock.advance(time),
  ),
  step<[Name, number, Mode]>(
    'enter',
    [name, fc.nat(3), fc.constantFrom<Mode>('read', 'write', 'always')],
    (world, of, lines, mode) => world.enter(of, { mode, from: { lines } }),
  ),
  step<[Name, number]>('enter at offset', [name, fc.nat(200_000)], (world, of, back) => {
    const console = world.memory.host.consoles.find((each) => each.name === of);
    const head = console?.backend.stream.ring.head ?? 0;
    world.enter(of, { mode: 'read', from: { offset: Math.max(0, head - back) } });
  }),
  step<[number, boolean]>('take', [nth, fc.boolean()], (world, at, force) => readerAt(world, at)?.session?.take(force)),
  step<[number]>('type', [nth], (world, at) => readerAt(world, at)?.session?.write(Buffer.from('typed'))),
  step<[number]>('release keyboard', [nth], (world, at) => readerAt(world, at)?.session?.release()),
  step<[number]>('leave', [nth], (world, at) => {
    const reader = readerAt(world, at);
    if (reader) {
      world.leave(reader);
    }
  }),
  step<[number]>('read no more', [nth], (world, at) => {
    const reader = readerAt(world, at);
    if (reader) {
      reader.full = true;
    }
  }),
  step<[number]>('read on', [nth], (world, at) => {
    const reader = readerAt(world, at);
    if (reader) {
      reader.full = false;
      reader.session?.resume();
    }
  }),
  step<[number]>('watch', [fc.nat(1)], (world, at) => world.watchers[at]?.watch(world.memory.host)),
  step<[number]>('watch no more', [fc.nat(1)], (world, at) => world.watchers[at]?.leave()),
  step<[number]>('watch without reading', [fc.nat(1)], (world, at) => world.watchers[at]?.readNoMore()),
  step<[number]>('watch and read on', [fc.nat(1)], (world, at) => world.watchers[at]?.readOn()),
  step<[Name, string]>(
    'reload',
    [name, fc.constantFrom('remove', 'original', 'always', 'never', 'stop', 'argv', 'ignore', 'ready', 'start')],
    (world, of, change) => {
      const { memory } = world;
      const before = memory.config.consoles.find((each) => each.name === of) ?? CONFIGS[of];
      const others = memory.config.consoles.filter((each) => each.name !== of);
      const { restart } = before;
      const changes = {
        ...{ remove: [], original: [CONFIGS[of]] },
        always: [{ ...before, restart: { mode: 'always' as const, holdoff: 100 } }],
        never: [{ ...before, restart: { ...restart, mode: 'never' as const } }],
        stop: [{ ...before, stop: [{ send: 'exit\n' }, { wait: 100 }, { signal: 2 }, { wait: 100 }] }],
        argv: [{ ...before, source: { kind: 'run' as const, argv: [of, `${memory.clock.now()}`] } }],
        ignore: [{ ...before, ignore: '^C' }],
        ready: [{ ...before, ready: { pattern: 'ready', within: 1000 } }],
        start: [{ ...before, start: !before.start }],
      };
      world.unsure(of);
      memory.config = { ...memory.config, consoles: [...others, ...changes[change as keyof typeof changes]] };
      world.ask(`apply ${change}`, () => memory.host.apply(OPERATOR));
    },
  ),
  step('the server dies', [], (world) => world.nextServer(false)),
  step('the holder dies', [], (world) => world.loseHolder(false)),
  step('both die', [], (world) => world.nextServer(true)),
  step('calm', [], (world) => world.calm()),
];

const RUNS = Number(process.env.HOLDFAST_PROPERTY_RUNS ?? 60);
const SEED = Number(process.env.HOLDFAST_PROPERTY_SEED ?? 20261129);

test('whatever happens: one child, every end once, every asker answered, no byte lost or doubled, nothing left', async () => {
  let commands = 0;
  await fc.assert(
    fc.asyncProperty(fc.commands(STEPS, { maxCommands: 60, size: 'max' }), async (steps) => {
      commands += [...steps].length;
      let world: HostWorld | undefined;
      await fc.asyncModelRun(async () => {
        world = await HostWorld.started();
        return { model: { commands: 0 }, real: world };
      }, steps);
      await world?.end();
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: process.env.HOLDFAST_PROPERTY_RAW === '1' },
  );
  assert.ok(commands > RUNS);
});
