/** What is asked of the holder for a console and must not get lost with it: the next holder is asked again. */
import type { ChildSpec } from '../model/runner.ts';
import type { CurrentLine } from './holder-line.ts';

export class Outbox {
  readonly #line: CurrentLine;
  /** A start that was asked for, and neither came about nor was refused. */
  #start: { readonly spec: ChildSpec; readonly refused: (error: Error) => void } | undefined;
  /** Sent, and taken by no holder yet. */
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

  /** It came about, or will not. Whether one was asked for. */
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

  /** What an earlier server has left: the next holder is to have it too, even if nothing changes until then. */
  inherit(memo: string): void {
    if (memo !== '') {
      this.#memo ??= memo;
    }
  }

  /** To the holder that is there now. */
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
