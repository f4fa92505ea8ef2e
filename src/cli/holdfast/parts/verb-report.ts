/** The output of a verb that waits: a line for each console as it is done; on a terminal, those pending below it. */

import type { ConsoleSummary } from '../../../model/api.ts';
import { conditionOf } from '../../../model/condition.ts';
import { someOf } from '../../../model/counted.ts';
import type { WaitedVerb } from '../../../model/verb-progress.ts';
import type { Io } from '../command/command.ts';
import { EXIT, exitCodeOf } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';
import { type LiveLines, liveLinesOn } from '../text/live-lines.ts';
import { pendingLine } from '../text/pending-line.ts';
import { paint } from '../text/styles.ts';
import { withLocalTimes } from '../text/times.ts';
import type { Outcome, Result, VerbWait } from './verb-wait.ts';

const GONE = 'the server is gone; waiting for it';
const BACK = 'the server is back';
/** Consoles done within this time are never shown as pending. Milliseconds. */
const SHOW_AFTER_MS = 300;
/** Names of those that are still waited for, in a message. */
const SHOWN = 8;

const CODE: Readonly<Record<Exclude<Result, 'refused'>, number>> = {
  done: EXIT.ok,
  failed: EXIT.failed,
  timedOut: EXIT.timedOut,
  interrupted: EXIT.interrupted,
};

export function complaint(verb: string, name: string, message: string): string {
  return `holdfast ${verb}: ${clean(name)}: ${clean(withLocalTimes(message))}\n`;
}

export class VerbReport {
  readonly #io: Io;
  readonly #verb: WaitedVerb;
  readonly #json: boolean;
  readonly #live: LiveLines | undefined;
  readonly #outcomes = new Map<string, { readonly outcome: Outcome; readonly code: number }>();
  readonly #begun: number;
  #wasLost = false;

  constructor(io: Io, verb: WaitedVerb, json: boolean) {
    this.#io = io;
    this.#begun = io.now();
    this.#verb = verb;
    this.#json = json;
    this.#live = json ? undefined : liveLinesOn(io);
  }

  /** The server has not accepted it. */
  refused(console: ConsoleSummary, error: Error): void {
    const outcome: Outcome = { ...console, outcome: 'refused', problem: error.message };
    this.#outcomes.set(console.name, { outcome, code: exitCodeOf(error) });
    this.#complain(console.name, error.message);
  }

  settled(outcome: Outcome): void {
    const { name, outcome: result, problem, lastLines = [], state } = outcome;
    this.#outcomes.set(name, { outcome, code: CODE[result as keyof typeof CODE] });
    if (problem !== undefined) {
      this.#complain(name, `${conditionOf(outcome)}: ${problem}`);
      this.#io.err(lastLines.map((line) => `    ${clean(line)}\n`).join(''));
    } else if (result === 'done' && !this.#json) {
      this.#live?.erase();
      this.#io.out(`${clean(name)}: ${state}\n`);
    }
  }

  /** Those that are waited for now. */
  show(wait: VerbWait): void {
    const { lost, open } = wait;
    if (lost !== this.#wasLost && !this.#live) {
      this.#io.err(`holdfast ${this.#verb}: ${lost ? GONE : BACK}\n`);
    }
    this.#wasLost = lost;
    const lines = open.map((each) => pendingLine(each.now, this.#io));
    if (lines.length === 0 || this.#io.now() - this.#begun < SHOW_AFTER_MS) {
      this.#live?.erase();
    } else {
      this.#live?.draw(lost ? [paint(this.#io.color, 'yellow', `-- ${GONE} --`), ...lines] : lines);
    }
  }

  /** The exit code: of the first of `chosen` that has failed. */
  end(chosen: readonly ConsoleSummary[]): number {
    this.#live?.erase();
    const all = chosen.flatMap(({ name }) => this.#outcomes.get(name) ?? []);
    const left = all.filter(({ outcome }) => outcome.outcome === 'interrupted').map(({ outcome }) => outcome.name);
    if (left.length > 0) {
      const names = someOf(left.map(clean), SHOWN);
      this.#io.err(`\nnot waiting any more for ${names}; the ${this.#verb} goes on: 'holdfast ps' shows it\n`);
    }
    if (this.#json) {
      this.#io.out(
        `${JSON.stringify(
          all.map(({ outcome }) => outcome),
          undefined,
          2,
        )}\n`,
      );
    }
    return all.find(({ code }) => code !== EXIT.ok)?.code ?? EXIT.ok;
  }

  #complain(name: string, message: string): void {
    this.#live?.erase();
    this.#io.err(complaint(this.#verb, name, message));
  }
}
