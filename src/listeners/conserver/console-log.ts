/** The log of a console as conserver shows it: switched off and on, noted in, replayed. */
import { textOfCf } from '../../grammar/conserver/console.ts';
import type { ConsolePort } from '../../model/console-port.ts';
import { replay } from '../../model/terminal-questions.ts';
import { noteText, userAtHost } from './model/rows.ts';
import type { Seat } from './model/seat.ts';
import type { LogPieces, SharedLog } from './model/shared-console.ts';
import { lastLogLines } from './session/replay.ts';

export class ConsoleLog implements SharedLog {
  readonly #console: ConsolePort;
  readonly #program: object | undefined;

  /** `program`: given where conserver is the whole program. */
  constructor(console: ConsolePort, program: object | undefined) {
    this.#console = console;
    this.#program = program;
  }

  get path(): string | undefined {
    return this.#console.config.log?.path;
  }

  get on(): boolean {
    return this.#console.log.on;
  }

  get remark(): string {
    return this.on ? '' : ' (nologging)';
  }

  toggle(by: Seat): void {
    by.stream.act('switchLog', `by ${textOfCf(userAtHost(by))}`);
  }

  note(text: string, by: Seat): void {
    by.stream.act('note', textOfCf(text), textOfCf(noteText(text, by)));
  }

  /** From memory if that has enough lines, since it is never behind; otherwise, and where it has marks, from the log. */
  async replay(lines: number, { acting }: Seat): Promise<LogPieces | undefined> {
    const { config, name, supervised } = this.#console;
    const { stream } = supervised;
    if (this.#program && !config.log) {
      return undefined;
    }
    const whole = !this.#program && stream.startOfLines(lines) > stream.ring.tail;
    const file =
      whole || !config.log
        ? undefined
        : await acting
            .logFiles(name)
            .open('')
            .catch(() => undefined);
    const logged = file && (await lastLogLines(file, lines).catch(() => undefined));
    return logged ?? replay(stream.recall(lines));
  }
}
