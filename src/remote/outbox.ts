/** Requests to the holder for a console that must not get lost with it: they are repeated to the next holder. */
import type { ChildSpec } from '../model/runner.ts';
import type { CurrentLine } from './holder-line.ts';

export class Outbox {
  readonly #line: CurrentLine;
  /** A requested start that has neither happened nor been refused. */
  #start: { readonly spec: ChildSpec; readonly refused: (error: Error) => void } | undefined;
  /** Sent, but not accepted by a holder yet. */
  readonly #signals = new Set<number>();
  #memo: string | undefined;

  constructor(line: CurrentLine) {
    this.#line = line;
  }

  /** `refused`: the holder does not even try. */
  start(spec: ChildSpec, refused: (error: Error) => void): void {
    this.#start = { spec, refused };
    const line = this.#line();
    line?.client.request({ verb: 'start', console: line.id, spec }).catch((error: Error) => {
      if (this.#line()?.client === line.client) {
        this.#start = undefined;
        refused(error);
      }
    });
  }

  /** It happened, or never will. Returns whether one was requested. */
  startIsOver(): boolean {
    const asked = this.#start !== undefined;
    this.#start = undefined;
    return asked;
  }

  signal(signal: number): void {
    this.#signals.add(signal);
    const line = this.#line();
    line?.client.request({ verb: 'signal', console: line.id, signal }).then(
      () => this.#signals.delete(signal),
      () => undefined,
    );
  }

  /** The child that they were for is gone. */
  forgetSignals(): void {
    this.#signals.clear();
  }

  remember(memo: string): void {
    this.#memo = memo;
    const line = this.#line();
    line?.client.request({ verb: 'memo', console: line.id, memo }).catch(() => undefined);
  }

  /** The memo of an earlier server: the next holder must get it too, even if nothing changes until then. */
  inherit(memo: string): void {
    if (memo !== '') {
      this.#memo ??= memo;
    }
  }

  /** Sends all to the current holder. */
  sendAgain(): void {
    for (const signal of [...this.#signals]) {
      this.signal(signal);
    }
    if (this.#memo !== undefined) {
      this.remember(this.#memo);
    }
    if (this.#start) {
      this.start(this.#start.spec, this.#start.refused);
    }
  }
}
