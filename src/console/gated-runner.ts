/** A runner whose starts wait for their turn; everything else is passed on directly. */
import type { LineEnds } from '../model/line-ends.ts';
import type { ChildSpec, Runner, RunnerHandlers } from '../model/runner.ts';

export interface Gate {
  /** Calls `go` when it is its turn. */
  enter(go: () => void): void;
  /** Gives the turn up; returns whether it had not come yet. */
  leave(): boolean;
}

export class GatedRunner implements Runner {
  readonly #host: Runner;
  readonly #gate: Gate;

  constructor(host: Runner, gate: Gate) {
    this.#host = host;
    this.#gate = gate;
  }

  get handlers(): RunnerHandlers {
    return this.#host.handlers;
  }

  set handlers(handlers: RunnerHandlers) {
    this.#host.handlers = handlers;
  }

  start(spec: ChildSpec): void {
    this.#gate.enter(() => this.#host.start(spec));
  }

  abandon(): void {
    if (this.#gate.leave()) {
      this.#host.handlers.notStarted(new Error('stopped before its turn came'));
    } else {
      this.#host.abandon?.();
    }
  }

  write(bytes: Uint8Array, ends?: LineEnds): boolean {
    return this.#host.write(bytes, ends);
  }

  kill(signal: number): boolean {
    return this.#host.kill(signal);
  }

  resize(columns: number, rows: number): void {
    this.#host.resize(columns, rows);
  }

  note(bytes: Uint8Array): void {
    this.#host.note(bytes);
  }
}
