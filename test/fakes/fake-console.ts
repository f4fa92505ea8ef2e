/** One console of a FakeHost: a real ring, real sessions and one keyboard; the test is its source. */

import assert from 'node:assert/strict';
import { enter } from '../../src/console/session.ts';
import { SessionRegistry } from '../../src/console/session-registry.ts';
import type { ConsoleDetail, ConsoleSummary, SessionInfo } from '../../src/model/api.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import type { Principal } from '../../src/model/principal.ts';
import type { ProcessState } from '../../src/model/process.ts';
import type { EnterOptions, Session, SessionSink } from '../../src/model/session.ts';
import { systemClock } from '../../src/platform/time/clock.ts';

/** For consoles of which nobody asks more than to be entered. */
export const NO_ACTS = (): never => assert.fail('nothing is done to it');

/** Bytes of output that are kept for history and for readers that lag. */
const RING = { keep: 65536, most: 1 << 20 };

export class FakeConsole {
  readonly name: string;
  /** Overrides of the defaults of a running console. */
  overrides: Partial<ConsoleDetail>;
  readonly #watchers = new Set<{ changed(): void }>();
  /** Files of the log, oldest first. */
  logs: string[] = [];
  /** Everything that was typed, as text of bytes. */
  input = '';
  /** Window sizes that sessions sent, such as `80x24`. */
  readonly sizes: string[] = [];
  readonly stream: OutputStream;
  readonly #registry = new SessionRegistry(systemClock, () => undefined);
  #full = false;
  readonly #waiting = new Set<() => void>();

  /** `start`: the offset of the first byte of the source. */
  constructor(name: string, overrides: Partial<ConsoleDetail> = {}, start = 0) {
    this.name = name;
    this.overrides = overrides;
    this.stream = new OutputStream(new OutputRing(RING, undefined, start), systemClock.monotonic);
  }

  /** Offset of the oldest byte still kept. */
  get tail(): number {
    return this.stream.ring.tail;
  }

  get head(): number {
    return this.stream.ring.head;
  }

  get writer(): SessionInfo | undefined {
    return this.#registry.writer;
  }

  get sessions(): readonly SessionInfo[] {
    return this.#registry.list;
  }

  /** Output of the source. */
  say(what: string | Uint8Array): void {
    this.stream.ring.append(typeof what === 'string' ? Buffer.from(what) : what);
    this.stream.advance();
  }

  /** Whether the source reads: while `full`, input must be held back. */
  set full(full: boolean) {
    this.#full = full;
    if (!full) {
      const waiting = [...this.#waiting];
      this.#waiting.clear();
      for (const action of waiting) {
        action();
      }
    }
  }

  get full(): boolean {
    return this.#full;
  }

  get state(): ProcessState {
    return this.detail().state;
  }

  watch(watcher: { changed(): void }): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Another state, which sessions are told. */
  becomes(to: ProcessState): void {
    this.overrides = { ...this.overrides, state: to };
    for (const watcher of this.#watchers) {
      watcher.changed();
    }
  }

  whenRoom(action: () => void): void {
    this.#waiting.add(action);
  }

  forget(action: () => void): void {
    this.#waiting.delete(action);
  }

  type(bytes: Uint8Array): void {
    this.input += Buffer.from(bytes).toString('latin1');
  }

  resize(columns: number, rows: number): void {
    this.sizes.push(`${columns}x${rows}`);
  }

  /** Throws everybody out. */
  close(reason: string): void {
    this.#registry.close(reason);
  }

  summary(): ConsoleSummary {
    const { command: _c, address: _a, chdir: _f, user: _u, restartMode: _r, ...rest } = this.detail();
    const { endpoints: _e, sessionList: _s, deaths: _d, ...summary } = rest;
    return summary;
  }

  detail(): ConsoleDetail {
    return {
      name: this.name,
      kind: 'run',
      state: 'running',
      since: '2026-03-01T02:00:00.000Z',
      pid: 4711,
      restarts: { hour: 0, total: 0 },
      ...(this.writer ? { writer: this.writer } : {}),
      sessions: this.sessions.length,
      lastLine: '',
      groups: [],
      description: '',
      labels: {},
      command: ['./st.cmd'],
      restartMode: 'always',
      endpoints: [],
      sessionList: this.sessions,
      deaths: [],
      ...this.overrides,
    };
  }

  enter(by: Principal, options: EnterOptions, sink: SessionSink): Session {
    const backend = { read: async () => () => undefined };
    return enter({ console: this, source: this, backend, registry: this.#registry, act: NO_ACTS }, by, options, sink);
  }
}
