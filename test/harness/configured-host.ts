/** A host server on what a text configures, with what its keys set for everybody to see: processes and lines are in memory. */
import { readdirSync } from 'node:fs';
import { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { childSpec } from '../../src/config/child-spec.ts';
import type { HostConsole } from '../../src/console/host-console.ts';
import { Events } from '../../src/host/events.ts';
import type { Backend } from '../../src/model/backend.ts';
import type { ConsoleSource, HostConfig } from '../../src/model/config.ts';
import type { HostEvent } from '../../src/model/events.ts';
import type { LogSpec } from '../../src/model/holder-protocol.ts';
import type { ConsoleTarget } from '../../src/model/keys/record.ts';
import type { ChildSpec } from '../../src/model/runner.ts';
import { DescriptorGuard } from '../../src/platform/process/descriptors.ts';
import { LocalBackends } from '../../src/terminal/local-backends.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeKernel } from '../fakes/fake-kernel.ts';
import { FakeSink } from '../fakes/fake-sink.ts';
import { MemoryHistory, OPERATOR } from '../fakes/memory-host.ts';
import { atEnd } from './at-end.ts';
import { temporaryDirectory } from './machine.ts';
import { accepted } from './read-config.ts';
import { until } from './until.ts';

// After the version that the fakes define.
const { ConsoleHost } = await import('../../src/host/console-host.ts');
const { SharedOutput } = await import('../../src/host/shared-output.ts');
const { ProcServService, settingsOf } = await import('../../src/listeners/procserv/service.ts');
type ConsoleHost = InstanceType<typeof ConsoleHost>;

const KEEP_BYTES = 65_536;
/** Longer than a process may take to become ready by default. */
const LONG_MS = 61_000;
/** Turns of the event loop after which everything that only waits for turns has happened. */
const TURNS = 20;
/** Longer than anything that happens every hour. */
const HOURS_MS = 2 * 60 * 60_000;
/** ^C, ^D, a. */
const TYPED = Uint8Array.of(3, 4, 97);
/** With a high bit. */
const SAID = Uint8Array.of(0xe1, 98, 10);

/** The console that is looked at, and its program where it has one. */
export const OBSERVED = 'a';
export const PROGRAM = 'a-program';

export type Observation = Readonly<Record<ConsoleTarget, unknown>>;

export class ConfiguredHost {
  readonly clock = new FakeClock();
  readonly kernel = new FakeKernel();
  readonly #folder: string;
  readonly #history = new MemoryHistory();
  readonly #events = new Events(() => this.clock.now(), 0);
  /** Of the observed console: what it was started with last, or why not. */
  #started: ChildSpec | string | undefined;
  #line: ConsoleSource | undefined;
  #log: LogSpec | undefined;
  #duplex: Duplex | undefined;
  #typed = '';
  /** How its last init command ended. */
  #init: string | undefined;
  /** Lines in the log about it. */
  readonly #marks: string[] = [];
  /** Lines of its output that nobody attends to. */
  readonly #unloved: string[] = [];
  #config: HostConfig;
  readonly #host: ConsoleHost;

  private constructor(t: TestContext, text: string) {
    this.#folder = temporaryDirectory(t);
    this.#config = this.#read(text);
    this.#events.listen((event) => this.#heard(event));
    const { clock, kernel } = this;
    const writer = new LogWriter(clock);
    const backends = new LocalBackends({ clock, kernel, writer, keepBytes: KEEP_BYTES });
    const services = [
      new ProcServService(clock, () => undefined, new DescriptorGuard(clock, () => undefined)),
      new SharedOutput({
        openLog: (path) => {
          throw new Error(`no log of all consoles is wanted here: ${path}`);
        },
        unloved: (line) => void this.#unloved.push(Buffer.from(line).toString('latin1')),
      }),
    ];
    this.#host = new ConsoleHost({
      ...{ config: this.#config, events: this.#events, history: this.#history, clock, childSpec },
      files: { load: async () => ({ config: this.#config, problems: [], warnings: [] }), applied: () => undefined },
      holds: { read: async () => ({ holds: new Map(), doubtful: false }), write: async () => undefined },
      about: { tell: () => Promise.reject(new Error('not asked for here')) },
      openSerial: async (source) => this.#openLine(source),
      makeCodec: () => ({ receive: (bytes) => bytes, encode: (bytes) => bytes }),
      memoryRanOut: () => false,
      backends: Object.assign(Object.create(backends), {
        openBackend: (...[name, log, trouble]: Parameters<LocalBackends['openBackend']>) => {
          const opened = backends.openBackend(name, undefined, trouble);
          return { ...opened, backend: name === OBSERVED ? this.#watched(opened.backend, log) : opened.backend };
        },
      }),
    });
    this.#host.serve(services);
    atEnd(t, async () => {
      await Promise.all([...services.map((service) => service.close()), backends.close()]);
      writer.close();
    });
  }

  /** A host that has just begun: no start is done yet. */
  static async begun(t: TestContext, text: string): Promise<ConfiguredHost> {
    const made = new ConfiguredHost(t, text);
    made.kernel.slow = true;
    await made.#host.open([]);
    await made.#host.openServices('after consoles');
    await made.#settle();
    return made;
  }

  /** Reloads. */
  async apply(text: string): Promise<void> {
    this.#config = this.#read(text);
    await this.#host.apply(OPERATOR);
    await this.#settle();
  }

  /** The observed console stops, and starts again. */
  async restart(): Promise<void> {
    await this.#finishStarts();
    await this.#initialized();
    await this.#host.stop(OBSERVED, OPERATOR);
    await this.#settle();
    this.#started = this.#line = undefined;
    this.clock.advance(LONG_MS);
    await this.#host.start(OBSERVED, OPERATOR);
    await until('the next start', () => this.#started ?? this.#line);
  }

  /** Everything that keys set. It ends with a stop of the console. */
  async observe(): Promise<Observation> {
    const { log, view, supervised } = this.#console;
    this.#marks.length = 0;
    const start = { state: view.summary().state, waits: view.summary().waitsFor?.what };
    await this.#finishStarts();
    const answered = () => supervised.state !== 'starting' || this.#started !== undefined || this.#line !== undefined;
    await until('an answer to what the start needs', answered);
    await this.#settle();
    await this.#initialized();
    const { groups, description, labels, command, address } = view.detail();
    const output = await this.#attend();
    const readiness = [supervised.state, await this.#stateAfter(LONG_MS), await this.#stateAfter(LONG_MS)];
    await this.#say();
    log.mark('breaks', 'a break');
    log.mark('tasks', 'a task');
    await this.#stateAfter(HOURS_MS);
    const spec = typeof this.#started === 'object' ? this.#started : undefined;
    const { stop: _stop, ...child } = spec ?? {};
    const shown = { groups, description, labels };
    return {
      layers: shown,
      labels: shown,
      source: [command, address, this.#line, spec?.argv],
      child: spec ? child : this.#started,
      'restart policy': supervised.supervisor.policy,
      start,
      readiness,
      'init command': this.#init,
      log: [this.#log, this.#marks],
      input: this.#input,
      output,
      // Announcements name pids, which are never the same.
      'shared output': this.#unloved.filter((line) => line.endsWith('b\n')),
      procserv: JSON.parse(JSON.stringify(settingsOf(this.#console))),
      endpoints: readdirSync(this.#folder),
      'stop recipe': await this.#stop(),
    };
  }

  #initialized(): Promise<true> {
    return until('the end of the init command', () => !this.#console.supervised.initializing);
  }

  async #finishStarts(): Promise<void> {
    this.kernel.slow = false;
    this.kernel.finishStarts();
    await this.#settle();
  }

  get #console(): HostConsole {
    return this.#host.consoles.find(({ name }) => name === OBSERVED) as HostConsole;
  }

  #read(text: string): HostConfig {
    return accepted(`[server]\nruntime_dir = ${JSON.stringify(this.#folder)}\n${text}`);
  }

  #heard(event: HostEvent): void {
    if (event.type === 'notStarted' && event.console === OBSERVED) {
      this.#started = event.reason;
    } else if ('what' in event && event.what === 'init') {
      this.#init = event.reason;
    } else if ('text' in event && /init command/.test(event.text)) {
      this.#init = event.text;
    }
  }

  #watched(backend: Backend, log: LogSpec | undefined): Backend {
    this.#log = log;
    const start = backend.start.bind(backend);
    backend.start = (spec) => {
      this.#started = spec;
      start(spec);
    };
    backend.mark = (bytes) => void this.#marks.push(Buffer.from(bytes).toString('latin1'));
    backend.setLog = async (changed) => {
      this.#log = changed;
    };
    return backend;
  }

  #openLine(source: ConsoleSource): Duplex {
    this.#line = source;
    this.#duplex = new Duplex({
      read: () => undefined,
      write: (bytes: Buffer, _, done) => {
        this.#typed += bytes.toString('latin1');
        done();
      },
    });
    return this.#duplex;
  }

  /** Somebody comes, takes the keyboard, types, sees and goes: what was seen. */
  async #attend(): Promise<string> {
    const sink = new FakeSink();
    const session = this.#console.enter(OPERATOR, { mode: 'write', from: { lines: 0 } }, sink);
    await sink.settled;
    await this.#settle();
    session.write(TYPED);
    await this.#say();
    session.leave();
    await this.#settle();
    return sink.text;
  }

  /** The program, or the line, says something. */
  async #say(): Promise<void> {
    const child = this.kernel.living.find(({ request }) => request.file === PROGRAM);
    child?.say(SAID);
    this.#duplex?.push(SAID);
    await this.#settle();
  }

  get #input(): string {
    return this.#typed + this.kernel.children.map(({ input }) => input).join();
  }

  async #stateAfter(milliseconds: number): Promise<string> {
    this.clock.advance(milliseconds);
    await this.#settle();
    return this.#console.state;
  }

  /** The first step, as its child sees it. */
  async #stop(): Promise<unknown> {
    const { children } = this.kernel;
    await this.#host.stop(OBSERVED, OPERATOR);
    await this.#settle();
    return [children.map(({ signals }) => signals), this.#input];
  }

  async #settle(): Promise<void> {
    for (let n = 0; n < TURNS; n++) {
      await turn();
    }
  }
}
