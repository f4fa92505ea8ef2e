/**
 * A host server in memory with the people on it, and what has to be true of it after whatever happened: the oracle of the
 * property test (test/unit/host-property.test.ts).
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { ConsoleSummary } from '../../src/model/api.ts';
import type { ConsoleConfig } from '../../src/model/config.ts';
import { isUp } from '../../src/model/process.ts';
import type { EnterOptions, Session, SessionSink } from '../../src/model/session.ts';
import type { FakeChild } from '../fakes/fake-kernel.ts';
import { consoleConfig, hostConfig, MemoryHost, OPERATOR } from '../fakes/memory-host.ts';
import { Watcher } from './watcher.ts';

export const NAMES = ['a', 'b', 'c'] as const;
export type Name = (typeof NAMES)[number];

/** The initial configuration of each console. */
export const CONFIGS: Readonly<Record<Name, ConsoleConfig>> = {
  a: consoleConfig('a'),
  b: consoleConfig('b', {
    restart: { mode: 'on-failure', holdoff: 500, limit: { count: 3, within: 60_000 } },
    after: ['a'],
  }),
  c: consoleConfig('c', { start: false, stop: [], ready: { pattern: 'ready', within: 3000 } }),
};

/** Longer than any recipe, back-off, readiness and linger of what is configured here. */
const LONG_MS = 60_000;
const SWEEP_MS = 2250;

function byName(consoles: readonly ConsoleSummary[]): readonly ConsoleSummary[] {
  return [...consoles].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One person on a console, who checks what it gets. */
export class Reader implements SessionSink {
  readonly console: Name;
  /** The session, while there is one. */
  session: Session | undefined;
  /** It takes nothing. */
  full = false;
  /** Its notifications: entered or refused, once; then perhaps the end of the session. */
  readonly answers: string[] = [];
  readonly #answered: () => void;
  /** Offset of the next byte. */
  #next = 0;
  #text = '';
  #last: number | undefined;
  /** It was told that something is missing, or that is known. */
  #gap = true;

  constructor(console: Name, answered: () => void) {
    this.console = console;
    this.#answered = answered;
  }

  entered(session: Session): void {
    this.session = session;
    this.#next = session.offset;
    this.#answer('entered');
  }

  refused(): void {
    this.#answer('refused');
  }

  closed(): void {
    assert.equal(this.answers.join(), 'entered', 'a session that was not there is closed');
    this.answers.push('closed');
    this.session = undefined;
  }

  #answer(answer: string): void {
    assert.equal(this.answers.join(), '', `${answer} once more`);
    this.answers.push(answer);
    this.#answered();
  }

  output(bytes: Uint8Array, offset: number): boolean {
    assert.equal(offset, this.#next, `${this.console}: a piece that does not follow the one before it`);
    this.#next += bytes.length;
    this.#text += Buffer.from(bytes).toString('latin1');
    return !this.full;
  }

  missed(bytes: number): void {
    this.#next += bytes;
    this.gap();
  }

  writer(): void {
    assert.ok(this.session, 'told of the keyboard outside of a session');
  }

  said(): void {
    // Nobody here says anything.
  }

  room(): void {
    // It does not hold back what it types.
  }

  /** Something may be missing from here on. */
  gap(): void {
    this.#read();
    this.#text = '';
    this.#gap = true;
  }

  /** Checks that it read the children's words whole, in order, each once. Returns the number of the last one. */
  #read(): number | undefined {
    const said = this.#text.replaceAll(/\r\n@@@ [^\r\n]*\r\n/g, '');
    let end = 0;
    for (const word of said.matchAll(/<(\d+):(\d+):(x*)>/g)) {
      const [whole, number = '', size = '', filling = ''] = word;
      assert.equal(filling.length, Number(size), `${this.console}: bytes are missing within ${number}`);
      const nth = Number(number);
      if (!this.#gap && this.#last !== undefined) {
        assert.equal(nth, this.#last + 1, `${this.console}: after word ${this.#last}`);
      }
      assert.ok(nth > (this.#last ?? -1), `${this.console}: word ${nth} once more, or late`);
      this.#gap = false;
      this.#last = nth;
      end = word.index + whole.length;
    }
    this.#text = said.slice(end);
    return this.#last;
  }

  get last(): number | undefined {
    return this.#read();
  }

  get unsure(): boolean {
    this.#read();
    return this.#gap;
  }
}

export class HostWorld {
  readonly memory = new MemoryHost(NAMES.map((name) => CONFIGS[name]));
  readonly readers: Reader[] = [];
  /** Of the table of all consoles. */
  readonly watchers = [new Watcher(), new Watcher()];
  /** The state of consoles required by the last request of a person; undefined: it depends. */
  readonly wanted = new Map<Name, boolean | undefined>();
  /** Before the hold. */
  readonly #resumes = new Map<Name, boolean | undefined>();
  /** The number of the last output of a console's children. */
  readonly said = new Map<Name, number>();
  /** Children whose end could not be seen. */
  readonly excused = new Set<number>();
  readonly #sessions = new Map<Reader, { readonly session: Session; readonly resolve: () => void }>();
  readonly #asked = new Set<{ readonly what: string; settled: boolean }>();
  #restarting = false;
  #holderDeaths = 0;

  constructor() {
    for (const name of NAMES) {
      this.wanted.set(name, CONFIGS[name].start);
    }
    this.memory.added = (name) => {
      if (!this.#restarting) {
        this.wanted.set(name as Name, undefined);
      }
    };
    this.memory.removed = (name) => void this.wanted.delete(name as Name);
  }

  static async started(): Promise<HostWorld> {
    const world = new HostWorld();
    world.#restarting = true;
    world.memory.up();
    await world.memory.settle();
    world.#restarting = false;
    return world;
  }

  has(name: Name): boolean {
    return this.memory.host.consoles.some((console) => console.name === name);
  }

  stateOf(name: Name): string | undefined {
    return this.memory.host.consoles.find((console) => console.name === name)?.supervised.state;
  }

  /** Otherwise a verb is refused. */
  mayAct(name: Name): boolean {
    return this.memory.host.consoles.some((console) => console.name === name && console.hasBegun);
  }

  isHeld(name: Name): boolean {
    return this.memory.host.consoles.find((console) => console.name === name)?.hold !== undefined;
  }

  child(name: Name): FakeChild | undefined {
    return this.memory.child(name);
  }

  /** Makes a request, and waits for the answer. A refusal is an answer. */
  ask(what: string, action: () => Promise<unknown>): void {
    const asked = { what, settled: false };
    this.#asked.add(asked);
    const answered = () => {
      assert.ok(!asked.settled, `${what} was answered twice`);
      asked.settled = true;
      this.#asked.delete(asked);
    };
    action().then(answered, answered);
  }

  /** A verb that decides whether a console is to be up. */
  verb(what: 'start' | 'stop' | 'restart', name: Name): void {
    this.ask(`${what} ${name}`, () => this.memory.host[what](name, OPERATOR));
    if (this.mayAct(name) && !this.isHeld(name)) {
      this.wanted.set(name, what !== 'stop');
    }
  }

  hold(name: Name, until?: number): void {
    const before = this.isHeld(name);
    this.ask(`hold ${name}`, () => this.memory.host.hold(name, 'work', until, OPERATOR));
    if (this.isHeld(name)) {
      if (!before) {
        this.#resumes.set(name, this.wanted.get(name));
      }
      this.wanted.set(name, until === undefined ? false : undefined);
    }
  }

  release(name: Name): void {
    const before = this.isHeld(name);
    this.ask(`release ${name}`, () => this.memory.host.release(name, OPERATOR));
    if (before && !this.isHeld(name)) {
      this.wanted.set(name, this.#resumes.get(name));
    }
  }

  /** The policy applies to it from now on. */
  unsure(name: Name): void {
    if (this.wanted.has(name)) {
      this.wanted.set(name, undefined);
    }
    this.#resumes.set(name, undefined);
  }

  say(name: Name, size: number): void {
    const child = this.child(name);
    if (child) {
      const nth = (this.said.get(name) ?? 0) + 1;
      this.said.set(name, nth);
      child.say(`<${nth}:${size}:${'x'.repeat(size)}>`);
    }
  }

  enter(name: Name, options: EnterOptions): void {
    this.ask(`enter ${name}`, async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const reader = new Reader(name, resolve);
      const session = this.memory.host.enter(name, OPERATOR, options, reader);
      // It may leave before it has entered.
      this.readers.push(reader);
      this.#sessions.set(reader, { session, resolve });
      await promise;
    });
  }

  leave(reader: Reader): void {
    const { session, resolve } = this.#sessions.get(reader) ?? {};
    session?.leave();
    // A client that leaves waits for no answer.
    resolve?.();
    reader.session = undefined;
    this.#sessions.delete(reader);
    this.readers.splice(this.readers.indexOf(reader), 1);
  }

  /** The server is killed, and the next one comes; with `holder` the holder dies in between. */
  nextServer(holder: boolean): void {
    this.#asked.clear();
    this.readers.length = 0;
    this.#sessions.clear();
    this.memory.killServer();
    if (holder) {
      this.loseHolder(true);
    } else if (this.#recoveries() < this.#holderDeaths) {
      // The dead server had not taken over from the holder that died before it.
      this.#unseen();
    }
    this.#holderDeaths = this.#recoveries();
    const configured = new Set(this.memory.config.consoles.map(({ name }) => name));
    for (const name of NAMES) {
      if (!configured.has(name)) {
        this.#excuse(name);
        this.wanted.delete(name);
      }
    }
    this.#restarting = true;
    this.memory.up();
    this.#restarting = false;
    for (const watcher of this.watchers) {
      if (watcher.watches) {
        watcher.watch(this.memory.host);
      }
    }
  }

  /** `unseen`: nobody is there who could tell of the ends. */
  loseHolder(unseen: boolean): void {
    for (const name of NAMES) {
      if (this.memory.children(name).some(({ waits }) => waits)) {
        // Output left in the terminal was lost with it.
        this.readers.filter((reader) => reader.console === name).forEach((reader) => void reader.gap());
      }
    }
    const { host, config } = this.memory.current ? this.memory : { host: undefined, config: this.memory.config };
    const begun = host?.consoles.filter(({ hasBegun }) => hasBegun).length ?? 0;
    if (unseen || begun < config.consoles.length) {
      this.#unseen();
    }
    this.#holderDeaths++;
    this.memory.holder.die();
  }

  /** How often a server has found the next holder. */
  #recoveries(): number {
    return this.memory.history.events.filter((event) => 'what' in event && event.what === 'found').length;
  }

  /** Nobody can tell how what runs now ends, or what was wanted of it. */
  #unseen(): void {
    for (const name of NAMES) {
      this.#excuse(name);
      this.unsure(name);
    }
  }

  #excuse(name: Name): void {
    for (const { children } of this.memory.holder.kernels) {
      for (const { pid, request } of children) {
        if (request.file === name) {
          this.excused.add(pid);
        }
      }
    }
  }

  /** Invariants whenever nothing is in progress except what waits for time. */
  check(): void {
    if (!this.memory.link.hello) {
      // It waits for a holder, and cannot know yet what has become of the children.
      return;
    }
    for (const console of this.memory.host.consoles) {
      const name = console.name as Name;
      const children = this.memory.present(name);
      const { state, pid } = console.supervised;
      assert.ok(children.length <= 1, `${name} has ${children.length} children`);
      if (state === 'running' || state === 'ready') {
        assert.equal(pid, children[0]?.pid, `${name} is ${state}`);
      } else if (!isUp(state)) {
        assert.equal(children.length, 0, `${name} is ${state}, and a child is there`);
      }
    }
    this.#checkEnds();
  }

  /** Every end is told at most once; returns who has been told of. */
  #checkEnds(): ReadonlySet<number> {
    const told = new Set<number>();
    for (const event of this.memory.history.events) {
      if (event.type === 'ended') {
        const { pid } = event.death;
        assert.ok(!told.has(pid), `the end of ${event.console}'s child ${pid} is told twice`);
        told.add(pid);
      }
    }
    return told;
  }

  /** Everybody reads, every start is done, and time passes until nothing happens any more. */
  async calm(): Promise<void> {
    const { memory } = this;
    memory.holder.kernel.slow = false;
    memory.holder.kernel.finishStarts();
    memory.slowLookups = false;
    memory.finishLookups();
    for (const reader of this.readers) {
      reader.full = false;
      reader.session?.resume();
    }
    for (const kernel of memory.holder.kernels) {
      for (const child of kernel.living) {
        child.read();
      }
    }
    await memory.settle();
    for (let n = 0; n < 8; n++) {
      await memory.pass(LONG_MS / 8);
    }
    this.check();
    assert.deepEqual(
      [...this.#asked].map(({ what }) => what),
      [],
      'nobody has answered',
    );
    this.#checkCalm();
    await this.#checkTables();
  }

  /** Everybody who watches has what a list says. */
  async #checkTables(): Promise<void> {
    const { memory, watchers } = this;
    for (const watcher of watchers) {
      watcher.readOn();
    }
    // Each console is looked at within two seconds. Meanwhile a restart may have become older than an hour.
    await memory.pass(SWEEP_MS);
    const list = await memory.host.list();
    await memory.pass(SWEEP_MS);
    const later = await memory.host.list();
    for (const { table, watches } of watchers) {
      if (watches && isDeepStrictEqual(list, later)) {
        assert.deepEqual(byName(table.consoles), byName(later), 'a watcher sees another table');
      }
    }
  }

  /** Its policy starts it again whatever happens. */
  #staysUp(name: Name): boolean {
    const policy = this.memory.host.consoles.find((console) => console.name === name)?.supervised.supervisor.policy;
    return policy?.mode === 'always' && policy.limit === undefined;
  }

  #checkCalm(): void {
    const { memory } = this;
    const told = this.#checkEnds();
    const started = new Set(memory.history.events.flatMap((event) => (event.type === 'started' ? [event.pid] : [])));
    for (const kernel of memory.holder.kernels) {
      for (const { alive, pid, request } of kernel.children) {
        // Of one that was let go of, or died with its holder, before any server had heard of it, nobody can be told.
        const known = started.has(pid) || (kernel === memory.holder.kernel && this.has(request.file as Name));
        assert.ok(
          alive || !known || told.has(pid) || this.excused.has(pid),
          `the end of ${request.file}'s child ${pid} is lost`,
        );
      }
    }
    for (const [name, wanted] of this.wanted) {
      const state = this.stateOf(name);
      if (wanted === false || (wanted && this.#staysUp(name))) {
        assert.equal(
          memory.children(name).length,
          wanted ? 1 : 0,
          `${name} is ${state}, wanted ${wanted ? 'up' : 'down'}`,
        );
      }
    }
    for (const { last, unsure, session, console } of this.readers) {
      if (session && !unsure) {
        assert.equal(last, this.said.get(console), `a reader of ${console} has not got the last word`);
      }
    }
    for (const { backend, name, registry, supervised } of memory.host.consoles) {
      const here = this.readers.filter(({ session, console }) => session && console === name).length;
      assert.equal(registry.size, here, `sessions of ${name}`);
      // One that is starting may be read by whoever waits for its readiness.
      const probes = supervised.state === 'starting' ? backend.stream.readers - here : 0;
      assert.ok(probes === 0 || probes === 1, `${probes} probes of ${name}`);
      assert.equal(backend.stream.readers - probes, here, `subscriptions of ${name}`);
    }
  }

  /** All go, the consoles too: nothing is left. */
  async end(): Promise<void> {
    const { memory } = this;
    await this.calm();
    for (const reader of [...this.readers]) {
      this.leave(reader);
    }
    for (const watcher of this.watchers) {
      watcher.leave();
    }
    memory.config = hostConfig([]);
    this.ask('removal of all', () => memory.host.apply(OPERATOR));
    await this.calm();
    assert.deepEqual(memory.host.consoles, []);
    assert.deepEqual(await memory.link.orphans(), [], 'consoles in the holder');
    assert.equal(NAMES.flatMap((name) => memory.children(name)).length, 0, 'children');
    assert.equal(memory.budget.figures.used, 0, 'memory of the server');
    assert.equal(memory.holder.budget.figures.used, 0, 'memory of the holder');
    const { link } = memory;
    link.close();
    await memory.settle();
    assert.equal(memory.timers, 0, 'timers of the server');
    assert.equal(memory.holder.timers, 0, 'timers of the holder');
  }
}
