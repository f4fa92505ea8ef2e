/**
 * Runs whatever the configuration names as the source of a console: a process, a link, or nothing. The source is looked
 * up at each start, so that a console may get another one.
 */
import type { Backend } from '../model/backend.ts';
import type { ConsoleConfig, ConsoleSource, LinkSource } from '../model/config.ts';
import type { LineEnds } from '../model/line-ends.ts';
import { NO_PID } from '../model/process.ts';
import type { ChildSpec, Runner, RunnerHandlers } from '../model/runner.ts';
import type { Clock } from '../platform/time/clock.ts';
import { type LinkParts, LinkRunner } from './link-runner.ts';

type SourceConfig = Pick<ConsoleConfig, 'source' | 'stripHigh'>;

export class SourceRunner implements Runner {
  readonly #config: () => SourceConfig;
  readonly #backend: Backend;
  readonly #parts: LinkParts;
  #link: { readonly source: LinkSource; readonly runner: LinkRunner } | undefined;
  /** The one that was started last. */
  #current: Pick<Runner, 'start' | 'abandon' | 'write' | 'kill'>;
  /** Whether XON/XOFF is on; undefined: as the source begins. */
  #flow: boolean | undefined;

  constructor(config: () => SourceConfig, backend: Backend, parts: LinkParts) {
    this.#config = config;
    this.#backend = backend;
    this.#parts = parts;
    this.#current = backend;
  }

  get handlers(): RunnerHandlers {
    return this.#backend.handlers;
  }

  set handlers(handlers: RunnerHandlers) {
    this.#backend.handlers = handlers;
  }

  /** The link that is or was open; undefined if the source is not one. */
  get link(): LinkRunner | undefined {
    return this.#current === this.#link?.runner ? this.#link?.runner : undefined;
  }

  /** Of the link or the terminal of the process; -1 if there is none here. */
  get fd(): number {
    return this.#link && this.#current === this.#link.runner ? this.#link.runner.fd : this.#backend.descriptors.source;
  }

  /** Switches XON/XOFF; returns whether it is on now, undefined where there is none. */
  toggleFlow(): boolean | undefined {
    const on = !(this.#flow ?? flowOf(this.#config().source));
    const isSet = this.#current === this.#backend ? this.#backend.setFlow(on) : this.link?.setFlow(on);
    if (!isSet) {
      return undefined;
    }
    this.#flow = on;
    return on;
  }

  start(spec: ChildSpec): void {
    this.#flow = undefined;
    const { source } = this.#config();
    this.#current =
      source.kind === 'run'
        ? this.#backend
        : source.kind === 'none'
          ? new NoSource(this.handlers, this.#parts.clock)
          : this.#linkTo(source);
    this.#current.start(spec);
  }

  abandon(): void {
    this.#current.abandon?.();
  }

  write(bytes: Uint8Array, ends?: LineEnds): boolean {
    return this.#current.write(bytes, ends);
  }

  kill(signal: number): boolean {
    return this.#current.kill(signal);
  }

  /** Of a link this does nothing: it has no window. */
  resize(columns: number, rows: number): void {
    this.#backend.resize(columns, rows);
  }

  note(bytes: Uint8Array): void {
    this.#backend.note(bytes);
  }

  #linkTo(source: LinkSource): LinkRunner {
    if (this.#link?.source !== source) {
      const stripHigh = () => this.#config().stripHigh === true;
      this.#link = { source, runner: new LinkRunner(source, this.#backend, this.#parts, stripHigh) };
    }
    const { runner } = this.#link;
    runner.handlers = this.handlers;
    return runner;
  }
}

/** A terminal begins with XON/XOFF. */
function flowOf(source: ConsoleSource): boolean {
  switch (source.kind) {
    case 'run':
      return source.modes?.ixon ?? true;
    case 'serial':
      return source.modes?.ixon ?? source.flow === 'software';
    default:
      return false;
  }
}

/** A placeholder: up until it is told to end. */
class NoSource {
  readonly #handlers: RunnerHandlers;
  readonly #clock: Clock;
  #startedAt: number | undefined;

  constructor(handlers: RunnerHandlers, clock: Clock) {
    this.#handlers = handlers;
    this.#clock = clock;
  }

  start(): void {
    this.#startedAt = this.#clock.now();
    this.#handlers.started(NO_PID);
  }

  write(): boolean {
    return true;
  }

  kill(): boolean {
    const startedAt = this.#startedAt;
    this.#startedAt = undefined;
    if (startedAt === undefined) {
      return false;
    }
    const status = { code: 0, signal: null, coreDumped: false };
    const end = { pid: NO_PID, status, startedAt, endedAt: this.#clock.now(), maxRssKib: 0, lastLines: [] };
    // As the ends of all others: not within the call that asks for it.
    queueMicrotask(() => this.#handlers.ended(end));
    return true;
  }
}
