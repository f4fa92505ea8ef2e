/**
 * A console of the host server in terms of the conserver protocol; process, keyboard and log are the same for every
 * channel.
 */

import { textOfCf } from '../../grammar/conserver/console.ts';
import type { BreakRecord, ConsoleRecord, TaskRecord } from '../../grammar/conserver/records.ts';
import type { ConsolePort } from '../../model/console-port.ts';
import { HoldfastError } from '../../model/errors.ts';
import type { ActingHost } from '../../model/host-port.ts';
import type { OutputStream } from '../../model/output-stream.ts';
import { isUp, NO_PID, type ProcessState } from '../../model/process.ts';
import { terminalBehind, terminalOf } from '../../platform/process/proc.ts';
import { systemText } from '../../platform/system-text.ts';
import type { Clock } from '../../platform/time/clock.ts';
import { ConsoleLog } from './console-log.ts';
import type { HubLine, HubUser, LineState } from './model/ports.ts';
import { notice, type Remark, said } from './model/remark.ts';
import type { NewSeat, Seat } from './model/seat.ts';
import type { SharedConsole } from './model/shared-console.ts';
import { Seats } from './seat-table.ts';
import { sendBreak } from './session/break-player.ts';
import { type StartCommand, TaskRunner } from './session/task-runner.ts';

export interface ConsoleServices {
  readonly startCommand: StartCommand;
  readonly clock: Clock;
  /** Where conserver is the whole program. */
  readonly program?: ConsoleProgram | undefined;
}

/** Differences where conserver is the whole program (`bin/conserver`). */
export interface ConsoleProgram {
  /** A line of the server's log about a console. */
  readonly say: (record: ConsoleRecord, text: string) => void;
}

/** How long `^Eco` waits for the process to be up again before it reports its state. */
const REOPEN_TIMEOUT_MS = 15_000;

const STATES: Readonly<Record<ProcessState, LineState>> = {
  ...{ starting: 'initializing', running: 'up', ready: 'up', stopping: 'flushing', waiting: 'down' },
  ...{ stopped: 'down', held: 'down', 'crash-looping': 'down', failed: 'down' },
};

/** A line that was told to close is closed for those who look. */
const PROGRAM_STATES: typeof STATES = { ...STATES, stopping: 'down' };

const DENIED = said('Conserver reconfigured - access denied');

export class ConserverConsole implements SharedConsole {
  record: ConsoleRecord;
  readonly seats: Seats;
  readonly tasks: TaskRunner;
  readonly log: ConsoleLog;
  readonly #console: ConsolePort;
  readonly #services: ConsoleServices;
  /** Refuses clients that are still entering. */
  readonly #coming = new Set<() => void>();
  /** An attempt to open it failed, and it is tried again without anybody seeing that. */
  #retried = false;
  /** Reports on the newest task to log and history, in the name of whoever started it. */
  #report: (text: string) => void = () => undefined;

  constructor(console: ConsolePort, record: ConsoleRecord, services: ConsoleServices) {
    this.#console = console;
    this.record = record;
    this.#services = services;
    const { program } = services;
    this.log = new ConsoleLog(console, program);
    this.seats = new Seats(console, this.log);
    if (program) {
      console.supervised.watch({
        started: () => {
          this.#retried = false;
        },
        notStarted: () => {
          this.#retried = true;
        },
        changed: ({ by }) => {
          this.#retried &&= by === undefined;
        },
      });
    }
    this.tasks = new TaskRunner(services.startCommand, {
      log: (text) => this.#report(textOfCf(text)),
      say: (text) => program?.say(this.record, text),
      tell: (remark) => this.tellAll(remark),
    });
  }

  get name(): string {
    return this.#console.name;
  }

  /** False: another console has taken its name. */
  isOf(console: ConsolePort): boolean {
    return this.#console === console;
  }

  get stream(): OutputStream {
    return this.#console.supervised.stream;
  }

  get state(): LineState {
    const { initializing, state: now } = this.#console.supervised;
    const { program } = this.#services;
    if (program && now === 'starting') {
      // Of a network connection they see that it is being made, unless it is a retry.
      return this.record.type === 'host' && !this.#retried ? 'connecting' : 'down';
    }
    const state = (program ? PROGRAM_STATES : STATES)[now];
    if (initializing && state === 'up') {
      return 'initializing';
    }
    return state === 'initializing' && this.#console.config.source.kind !== 'run' ? 'connecting' : state;
  }

  get line(): HubLine {
    const { pid = NO_PID, state, supervisor } = this.#console.supervised;
    const { source: fd, log } = this.#console.descriptors;
    const comesBack = state === 'waiting' || (state === 'crash-looping' && supervisor.policy.line?.retries === true);
    return {
      ...{ pid, tty: pid === NO_PID ? '' : terminalBehind(fd) || terminalOf(pid), fd, logFd: fd < 0 ? -1 : log },
      ...{
        logging:
          (this.#services.program !== undefined || this.#console.config.log !== undefined) && this.#console.log.on,
        autoUp: comesBack,
        readOnly: false,
      },
    };
  }

  users(): readonly HubUser[] {
    return this.seats.users();
  }

  tellAll(remark: Remark, except?: Seat): void {
    for (const occupant of this.seats.all()) {
      if (occupant !== except && occupant.connected) {
        occupant.hear(remark);
      }
    }
  }

  enter(fresh: NewSeat): () => void {
    let seat: Seat | undefined;
    const session = this.#console.enter(
      fresh.acting.by,
      { mode: 'read' },
      {
        entered: (entered) => {
          this.#coming.delete(giveUp);
          if (fresh.rights() === 'none') {
            entered.leave();
            fresh.refused();
            return;
          }
          seat = this.seats.join(fresh, entered);
          fresh.entered(seat, entered.opened ? entered.offset : undefined);
        },
        refused: () => giveUp(),
        output: fresh.output,
        missed: fresh.missed,
        writer: (writer) => seat && this.seats.heard(seat, writer),
        said: (text, isNotice) => seat?.connected && seat.hear(isNotice ? notice(text) : said(text)),
        room: fresh.room,
        reviewed: () => seat && this.#review(seat),
        closed: (reason) => {
          seat?.hear(notice(reason));
          if (seat?.rights() === 'none') {
            seat.hear(DENIED);
          }
          seat?.closed();
        },
      },
    );
    const leave = (): void => {
      this.#coming.delete(giveUp);
      if (seat) {
        this.seats.leave(seat);
      }
      session.leave();
    };
    const giveUp = (): void => {
      leave();
      fresh.refused();
    };
    this.#coming.add(giveUp);
    return leave;
  }

  /** This listener no longer serves the console. */
  remove(): void {
    for (const giveUp of [...this.#coming]) {
      giveUp();
    }
    for (const seat of this.seats.seats) {
      seat.hear(notice('Conserver reconfigured - console has been (re)moved'));
      seat.closed();
    }
    this.tasks.stop();
  }

  /** The lists of the listener have changed. */
  reviewAll(): void {
    for (const seat of this.seats.seats) {
      this.#review(seat);
    }
  }

  #review(seat: Seat): void {
    const now = seat.rights();
    if (now === 'none') {
      seat.hear(DENIED);
      seat.closed();
    } else if ((now === 'write') !== seat.mayWrite) {
      seat.hear(said(`Conserver reconfigured - r/w access ${now === 'write' ? 'granted' : 'removed'}`));
      this.seats.setMayWrite(seat, now === 'write');
    }
  }

  /** A placeholder is always up. */
  close(by: Seat): void {
    if (this.#console.config.source.kind === 'none') {
      return;
    }
    void this.#asked(by, (acting) => acting.stop(this.name));
  }

  /** Restarts the process, or connects the link again. */
  async reopen(by: Seat): Promise<LineState> {
    const settled = this.#settled();
    const done = await this.#asked(by, (acting) =>
      isUp(this.#console.supervised.state) ? acting.restart(this.name) : acting.start(this.name),
    );
    if (done) {
      await settled.promise;
    }
    settled.forget();
    return this.state;
  }

  toggleFlow(by: Seat): boolean | undefined {
    return by.stream.act('flow');
  }

  async sendBreak(shown: string, { string, delay }: BreakRecord, by: Seat): Promise<string | undefined> {
    const why = await this.#tryBreak(shown, string, delay, by);
    if (why !== undefined) {
      this.#services.program?.say(this.record, `break #${shown}: ${why}`);
    }
    return why;
  }

  async #tryBreak(shown: string, string: string, delay: number, by: Seat): Promise<string | undefined> {
    const { state } = this;
    if (state !== 'up') {
      return `the line is ${state}`;
    }
    const { config } = this.#console;
    const kind = this.#services.program ? this.record.type : `\`${config.source.kind}'`;
    return await by.stream.act('break', textOfCf(shown), textOfCf(string), (line) =>
      sendBreak(string, delay, line, this.#services.clock).then(
        (missing) => missing && `${kind} consoles have none`,
        (error: Error) => systemText(error),
      ),
    );
  }

  startTask(task: TaskRecord, by: Seat): boolean {
    return by.stream.act('runTask', (report) => {
      this.#report = report;
      return this.tasks.start(task, this.record);
    });
  }

  /** False: refused, and the user gets the reason. */
  async #asked(by: Seat, action: (acting: ActingHost) => Promise<unknown>): Promise<boolean> {
    try {
      await action(by.acting);
      return true;
    } catch (error) {
      if (!(error instanceof HoldfastError)) {
        throw error;
      }
      by.tell(`${error.message}: `);
      return false;
    }
  }

  /** Resolves when it is up or will not come up by itself soon. */
  #settled(): { readonly promise: Promise<void>; forget(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#services.clock.after(REOPEN_TIMEOUT_MS, resolve);
    const unwatch = this.#console.supervised.watch({
      changed: ({ from, to }) => {
        if (to !== 'starting' && to !== 'stopping' && (to !== 'waiting' || from === 'starting')) {
          resolve();
        }
      },
    });
    return {
      promise,
      forget: () => {
        timer.cancel();
        unwatch();
      },
    };
  }
}
