/** The log of a console as conserver shows it: switched off and on, noted in, replayed. */
import { textOfCf } from '../../grammar/conserver/console.ts';
import type { ConsolePort } from '../../model/console-port.ts';
import type { NearHost } from '../../model/host-port.ts';
import { replay } from '../../model/terminal-questions.ts';
import { ctime } from '../../platform/ctime.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { noteText, userAtHost } from './model/rows.ts';
import type { Seat } from './model/seat.ts';
import type { LogPieces, SharedLog } from './model/shared-console.ts';
import { lastLogLines } from './session/replay.ts';

export interface LogServices {
  readonly host: Pick<NearHost, 'logFiles'>;
  readonly clock: Clock;
  /** Given where conserver is the whole program. */
  readonly program?: object | undefined;
}

export class ConsoleLog implements SharedLog {
  readonly #console: ConsolePort;
  readonly #services: LogServices;

  constructor(console: ConsolePort, services: LogServices) {
    this.#console = console;
    this.#services = services;
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
    this.#console.log.setOn(!this.on, `by ${textOfCf(userAtHost(by))}`);
    this.#console.noted({ text: `its log is switched ${this.on ? 'on' : 'off'}` }, by.principal);
  }

  note(text: string, by: Seat): void {
    const { config, log, supervised } = this.#console;
    const note = textOfCf(noteText(text, by));
    if (config.log?.marks) {
      log.mark('always', note);
    } else {
      // Everybody on the console sees it.
      supervised.say(`\r\n[-- ${note} -- ${ctime(this.#services.clock.now())}]\r\n`);
    }
    this.#console.noted({ text: textOfCf(text) }, by.principal);
  }

  /** From memory if that has enough lines, since it is never behind; otherwise, and where it has marks, from the log. */
  async replay(lines: number): Promise<LogPieces | undefined> {
    const { config, name, supervised } = this.#console;
    const { stream } = supervised;
    const { host, program } = this.#services;
    if (program && !config.log) {
      return undefined;
    }
    const whole = !program && stream.startOfLines(lines) > stream.ring.tail;
    const file =
      whole || !config.log
        ? undefined
        : await host
            .logFiles(name)
            .open('')
            .catch(() => undefined);
    const logged = file && (await lastLogLines(file, lines).catch(() => undefined));
    return logged ?? replay(stream.recall(lines));
  }
}
