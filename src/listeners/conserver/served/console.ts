/**
 * One console of this server: its line, its log, its users, and the connections between them (spec/conserver.md 8, 9).
 */

import { toBytes } from '../../../codec/byte-string.ts';
import type { BreakRecord, ConsoleRecord, TaskRecord } from '../../../grammar/conserver/records.ts';
import { unescapeText } from '../../../grammar/conserver/values.ts';
import { exitText } from '../../../model/exit-text.ts';
import { InputRoom } from '../../../model/input-room.ts';
import { OutputRing } from '../../../model/output-ring.ts';
import { OutputStream } from '../../../model/output-stream.ts';
import type { DiskFiles } from '../../../platform/files/disk-files.ts';
import { systemText } from '../../../platform/system-text.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';
import type { HubLine, HubUser, LineState, OpenLog, OpenSource } from '../model/ports.ts';
import { notice, type Remark } from '../model/remark.ts';
import { userAtHost } from '../model/rows.ts';
import type { NewSeat, Seat } from '../model/seat.ts';
import type { SharedConsole } from '../model/shared-console.ts';
import { sendBreak } from '../session/break-player.ts';
import { type RunningCommand, type StartCommand, TaskRunner } from '../session/task-runner.ts';
import { ConsoleLog } from './console-log.ts';
import { LineKeeper } from './line-keeper.ts';
import { Seats } from './seats.ts';
import { ServedStream, type StreamLine } from './stream.ts';

/** What all consoles of a server share. */
export interface ConsoleServices {
  readonly openSource: OpenSource;
  readonly openLog: OpenLog;
  /** The reader of logs. */
  readonly disk: DiskFiles;
  readonly startCommand: StartCommand;
  readonly clock: Clock;
  /** Lines of the server's log: normal ones, errors, and those reported only if verbose. */
  readonly say: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly inform: (text: string) => void;
  /** The console's output for the unified log, with the writer. */
  readonly unified: (name: string, bytes: Uint8Array, written: boolean) => void;
}

/** Bytes of output kept for readers: bytes that all have read are dropped soon, as history comes from the log. */
const RING = { keep: 4096, most: 4 << 20 };

export class ServedConsole implements SharedConsole, StreamLine {
  readonly stream: OutputStream;
  readonly seats: Seats;
  readonly tasks: TaskRunner;
  readonly #services: ConsoleServices;
  #record: ConsoleRecord;
  #log: ConsoleLog;
  #keeper: LineKeeper;
  #flow: boolean;
  #init: RunningCommand | undefined;
  #idle: Timer | undefined;
  readonly #room = new InputRoom();
  /** Clients for whom the line is being prepared. */
  #coming = 0;
  #removed = false;

  constructor(record: ConsoleRecord, services: ConsoleServices) {
    const { clock } = services;
    this.#record = record;
    this.#services = services;
    this.#flow = record.options.ixon;
    this.stream = new OutputStream(new OutputRing(RING, (size) => Buffer.allocUnsafeSlow(size)), clock.monotonic);
    this.#log = this.#newLog();
    this.#keeper = this.#newKeeper();
    this.seats = new Seats({
      log: (text) => this.log.line('activity', text),
      writerLeft: () => this.log.setOn(true, '(logout)'),
      remark: () => this.log.remark,
    });
    this.tasks = new TaskRunner(services.startCommand, {
      log: (text) => this.log.line('tasks', text),
      say: (text) => this.say(text),
      tell: (remark) => this.tellAll(remark),
    });
  }

  get record(): ConsoleRecord {
    return this.#record;
  }

  get log(): ConsoleLog {
    return this.#log;
  }

  /** A changed record that leaves the line alone. */
  configure(record: ConsoleRecord): void {
    this.#record = record;
    this.#keeper.record = record;
    this.#log.configure(record);
  }

  /** A changed record, a line that is down, and the same users; to be opened by the caller. */
  reset(record: ConsoleRecord): void {
    this.#keeper.close();
    void this.#log.close();
    this.#record = record;
    this.#log = this.#newLog();
    this.#keeper = this.#newKeeper();
  }

  get state(): LineState {
    return this.#keeper.state;
  }

  get line(): HubLine {
    const source = this.#keeper.source;
    return {
      ...{ pid: source?.pid ?? 0, tty: source?.tty ?? '', fd: source?.fd ?? -1 },
      ...{ logFd: source === undefined ? -1 : this.log.fd, logging: this.log.on },
      ...{ autoUp: this.#keeper.autoUp, readOnly: false },
    };
  }

  users(): readonly HubUser[] {
    return this.seats.users();
  }

  say(text: string): void {
    this.#services.say(`[${this.record.name}] ${text}`);
  }

  #complain(text: string): void {
    this.#services.complain(`[${this.record.name}] ${text}`);
  }

  /** Sends a message to all connected users except `except`. */
  tellAll(remark: Remark, except?: Seat): void {
    for (const seat of this.seats.all()) {
      if (seat !== except && seat.connected) {
        seat.hear(remark);
      }
    }
  }

  // --- the line

  open(): Promise<LineState> {
    return this.#keeper.open();
  }

  close(): void {
    this.#keeper.close();
  }

  async reopen(): Promise<LineState> {
    this.#keeper.close();
    return await this.#keeper.open();
  }

  /** Typed input. Nothing is dropped while the line is up. */
  write(bytes: Uint8Array): void {
    if (this.state === 'up') {
      this.#room.full = this.#keeper.source?.write(bytes) === false;
      this.#idleLater();
    }
  }

  /** The line takes no more for now: senders should wait until `whenRoom` calls back. */
  get full(): boolean {
    return this.#room.full;
  }

  whenRoom(action: () => void): void {
    this.#room.whenRoom(action);
  }

  forget(action: () => void): void {
    this.#room.forget(action);
  }

  /** Toggles XON/XOFF; undefined if the line has none. */
  toggleFlow(): boolean | undefined {
    const setFlow = this.#keeper.source?.setFlow;
    if (setFlow === undefined) {
      return undefined;
    }
    setFlow(!this.#flow);
    this.#flow = !this.#flow;
    return this.#flow;
  }

  /** Sends a break, `shown` in the log as its number. */
  async sendBreak(shown: string, { string, delay }: BreakRecord): Promise<string | undefined> {
    this.log.line('breaks', `break #${shown} sent -- \`${string}'`);
    const source = this.#keeper.source;
    const why =
      source === undefined
        ? `the line is ${this.state}`
        : await sendBreak(string, delay, source, this.#services.clock).then(
            (missing) => missing && `${this.record.type} consoles have none`,
            (error: Error) => systemText(error),
          );
    if (why !== undefined) {
      this.say(`break #${shown}: ${why}`);
    }
    return why;
  }

  startTask(task: TaskRecord): boolean {
    return this.tasks.start(task, this.record);
  }

  // --- people

  enter(fresh: NewSeat): () => void {
    const stream = new ServedStream(this, fresh, this.#services.clock.now());
    let leave = (): void => stream.end();
    let over = false;
    const { head } = this.stream.ring;
    this.#coming++;
    void this.#wake().then((woken) => {
      this.#coming--;
      if (over || this.#removed || fresh.rights() === 'none') {
        this.#closeUnwanted();
        fresh.refused();
        return;
      }
      const seat = this.seats.join(fresh, stream);
      this.say(`login ${userAtHost(seat)}`);
      leave = () => {
        stream.end();
        this.#left(seat);
      };
      fresh.entered(seat, woken ? head : undefined);
    });
    return () => {
      if (!over) {
        over = true;
        leave();
      }
    };
  }

  /** Opens a line that is opened for clients; returns whether it was. */
  async #wake(): Promise<boolean> {
    const { type, options } = this.record;
    if (this.state !== 'down' || !(options.ondemand || options.reinitoncc)) {
      return false;
    }
    const opened = this.open();
    // A connection over the net may take its time; the client is told its state.
    await (type === 'host' ? undefined : opened);
    return true;
  }

  /** A user is there, or arrives. */
  get wanted(): boolean {
    return this.seats.all().length > 0 || this.#coming > 0;
  }

  #left(seat: Seat): void {
    this.seats.leave(seat);
    this.say(`logout ${userAtHost(seat)}`);
    if (this.seats.all().length === 0) {
      this.log.setOn(true, '(logout)');
      this.#closeUnwanted();
    }
  }

  #closeUnwanted(): void {
    if (this.record.options.ondemand && !this.wanted) {
      this.close();
    }
  }

  /** Ends everything, and writes pending output. */
  async shutDown(): Promise<void> {
    this.#removed = true;
    this.tasks.stop();
    this.close();
    await this.log.close();
  }

  #newLog(): ConsoleLog {
    return new ConsoleLog(this.#record, this.#services, (text) => this.#complain(text));
  }

  #newKeeper(): LineKeeper {
    const events = {
      output: (bytes: Uint8Array) => this.#output(bytes),
      drained: () => this.#room.drained(),
      opening: () => this.#openLog(),
      up: () => this.#up(),
      down: () => this.#down(),
      say: (text: string) => this.say(text),
      complain: (text: string) => this.#complain(text),
    };
    return new LineKeeper(this.#record, this.#services.openSource, events, this.#services.clock);
  }

  // --- events of the line

  #openLog(): void {
    try {
      this.log.open();
    } catch (error) {
      throw new Error(`FileOpen(${this.log.path}): ${systemText(error)}`);
    }
  }

  #up(): void {
    this.say('console up');
    this.#services.inform(`[${this.record.name}] ${this.#whereabouts()}`);
    this.log.line('always', 'Console up');
    const { writer } = this.seats;
    if (writer !== undefined) {
      this.log.line('activity', `${userAtHost(writer)} attached`);
    }
    this.#flow = this.record.options.ixon;
    const { initcmd, initrunas } = this.record;
    if (initcmd !== undefined) {
      this.#initialize(initcmd, initrunas);
    }
    this.#idleLater();
  }

  #whereabouts(): string {
    const { host, port, uds, device } = this.record;
    const { pid, tty } = this.line;
    return pid > 0 ? `pid ${pid} on ${tty}` : port === undefined ? `on ${uds ?? device}` : `port ${port} on ${host}`;
  }

  #down(): void {
    this.#idle?.cancel();
    this.#init?.kill(1);
    this.log.setOn(true);
    this.log.line('always', 'Console down');
    void this.log.close();
    // Last, as a key that waited may open the line again.
    this.#room.drained();
  }

  /** The command talks to the line exclusively until it is done. */
  #initialize(cmd: string, runas: ConsoleRecord['initrunas']): void {
    const source = this.#keeper.source;
    try {
      const command = this.#services.startCommand({ cmd, ...(runas && { runas }), input: true }, this.record, {
        output: (bytes) => void (this.#init === command && source?.write(bytes)),
        ended: (status) => {
          this.say(`initcmd terminated: pid ${command.pid}: ${exitText(status)}`);
          this.log.line('activity', 'initcmd terminated');
          if (this.#init === command) {
            this.#init = undefined;
            this.#keeper.initializing = false;
          }
        },
      });
      this.#init = command;
      this.#keeper.initializing = true;
      this.log.line('activity', 'initcmd started');
      this.say(`initcmd started: pid ${command.pid}`);
    } catch (error) {
      this.say(`initcmd: ${(error as Error).message}`);
    }
  }

  #output(bytes: Uint8Array): void {
    const { ring } = this.stream;
    const from = ring.head;
    ring.append(this.record.options.striphigh ? bytes.map((byte) => byte & 0x7f) : bytes);
    for (let at = from; at < ring.head; ) {
      const view = ring.read(at);
      this.log.data(view);
      this.#services.unified(this.record.name, view, this.seats.writer !== undefined);
      this.#init?.write(view);
      at += view.length;
    }
    this.log.settle(bytes.length);
    this.stream.advance();
    this.#idleLater();
  }

  /** Sent down a line that is silent in both directions. */
  #idleLater(): void {
    const { idletimeout, idlestring } = this.record;
    this.#idle?.cancel();
    if (idletimeout > 0 && this.state === 'up') {
      this.#idle = this.#services.clock.after(idletimeout * 1000, () => {
        this.tellAll(notice('idle timeout'));
        this.log.line('activity', 'idle timeout');
        this.write(toBytes(unescapeText(idlestring)));
      });
    }
  }
}
