/** Tasks of a console: commands that its users may start, one at a time, whose output everybody sees (spec/conserver.md 6). */

import { fromBytes } from '../../../codec/byte-string.ts';
import type { ConsoleRecord, RunAs, TaskRecord } from '../../../grammar/conserver/records.ts';
import { CONSOLE_SUBST } from '../../../grammar/conserver/signals.ts';
import { applySubst, parseSubst } from '../../../grammar/conserver/subst.ts';
import { exitText } from '../../../model/exit-text.ts';
import { fillIn } from '../../../model/fill-in.ts';
import type { ExitStatus } from '../../../model/process.ts';
import { SIGHUP } from '../../../model/signals.ts';
import { type Remark, said, verbatim } from '../model/remark.ts';

export interface CommandRequest {
  /** For `/bin/sh -ce`. */
  readonly cmd: string;
  readonly runas?: RunAs;
  /** Whether it reads what `write` gives it; otherwise it reads nothing. */
  readonly input: boolean;
}

export interface RunningCommand {
  readonly pid: number;
  write(bytes: Uint8Array): void;
  /** A signal to its process group. */
  kill(signal: number): void;
}

export interface CommandHandlers {
  /** Its standard output and error. */
  readonly output: (bytes: Uint8Array) => void;
  /** After its last output. */
  readonly ended: (status: ExitStatus) => void;
}

/** Starts a command beside a console; throws what the system says. */
export type StartCommand = (
  request: CommandRequest,
  record: ConsoleRecord,
  handlers: CommandHandlers,
) => RunningCommand;

export interface TaskEvents {
  readonly log: (text: string) => void;
  /** For the server's log. */
  readonly say: (text: string) => void;
  /** To everybody on the console; byte strings. */
  readonly tell: (remark: Remark) => void;
}

export class TaskRunner {
  readonly #startCommand: StartCommand;
  readonly #events: TaskEvents;
  #running: RunningCommand | undefined;

  constructor(startCommand: StartCommand, events: TaskEvents) {
    this.#startCommand = startCommand;
    this.#events = events;
  }

  /** Process number of the task that runs. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  /** Whether it could be started; to be asked only while none runs. */
  start(task: TaskRecord, record: ConsoleRecord): boolean {
    const cmd = commandOf(task, record);
    try {
      const running = this.#startCommand({ cmd, ...(task.runas && { runas: task.runas }), input: false }, record, {
        output: (bytes) => this.#events.tell(verbatim(fromBytes(bytes).replace(/\r?\n/g, '\r\n'))),
        ended: (status) => this.#ended(running.pid, status),
      });
      this.#running = running;
    } catch {
      return false;
    }
    this.#events.say(`task started: pid ${this.pid}`);
    this.#events.log(`task started: pid ${this.pid} -- \`${cmd}'`);
    return true;
  }

  /** Ends the task that runs, if one does. */
  stop(): void {
    this.#running?.kill(SIGHUP);
  }

  #ended(pid: number, status: ExitStatus): void {
    this.#running = undefined;
    const how = exitText(status);
    this.#events.say(`task terminated: pid ${pid}: ${how}`);
    this.#events.log(`task terminated: pid ${pid}: ${how}`);
    this.#events.tell(said(`task terminated: ${how}`));
  }
}

/** The command with all substitutions. */
export function commandOf({ cmd, named, subst }: TaskRecord, { name, values }: ConsoleRecord): string {
  if (named) {
    return fillIn(cmd, name);
  }
  const rules = parseSubst(subst ?? '', CONSOLE_SUBST);
  return 'fault' in rules ? cmd : applySubst(cmd, rules, values);
}
