/** A client on a console: its input, its escape commands, its output (spec/conserver.md 2.6 to 2.8, 6). */

import { toBytes } from '../../../codec/byte-string.ts';
import { DEFAULT_ESCAPE, type EscapeSequence, nameCharacter } from '../../../codec/conserver-escape.ts';
import { quoteWire, type WireSignal, wireSignal } from '../../../codec/conserver-wire.ts';
import type { BreakRecord, TaskRecord } from '../../../grammar/conserver/records.ts';
import { CR, LF } from '../../../model/ascii.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { ActingHost } from '../../../model/host-port.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import type { ConsoleRights } from '../model/access.ts';
import { onWire, userAtHost } from '../model/rows.ts';
import type { Seat } from '../model/seat.ts';
import type { SharedConsole } from '../model/shared-console.ts';
import type { Turns } from '../model/turns.ts';
import type { SessionConnection } from './connection.ts';

/** The part of the server that a session needs. */
export interface SessionServices {
  readonly breaks: () => ReadonlyMap<string, BreakRecord>;
  readonly tasks: () => ReadonlyMap<string, TaskRecord>;
  /** Rows of all consoles, with their line ends. */
  readonly rows: (table: 'hosts' | 'group' | 'examine' | 'info', seat: Seat) => string;
  /** Rows of one console, who is on it and since when. */
  readonly who: (entry: SharedConsole, seat: Seat) => string;
  /** The group's own name. */
  readonly groupName: string;
  readonly now: () => number;
  readonly after: Clock['after'];
  readonly turns: Turns;
  /** The action of a byte after the escape sequence, in the session's current state. */
  readonly findKey: (byte: number, session: ConsoleSession) => KeyAction;
}

/** The slow part of an escape command; input waits for it. */
export type KeyResult = undefined | Promise<void>;
/** Acts on the byte that it was found by. */
export type KeyAction = (session: ConsoleSession, byte: number) => KeyResult;
/** Takes the next typed byte. */
export type ByteTaker = (byte: number) => KeyResult;

/** The state of a session between its client and its console. */
type Phase =
  | 'console'
  /** Suspended or asked for another console: the next byte only signals that the client is back. */
  | 'away'
  /** The client was offered to run a command and has not answered. */
  | 'exec-offered'
  /** A command of the client's talks to the console. */
  | 'exec';

/** Debian's console(1) loses what it reads together with `[connected]`: output that is waiting comes so much later. */
const FIRST_OUTPUT_MS = 100;
/** A client with more than this left to read misses what others say. */
const MAX_TOLD_BYTES = 1 << 18;

/** The user, and the current configuration for them. */
export interface Visitor {
  readonly acting: ActingHost;
  readonly rights: () => ConsoleRights;
  readonly limited: () => boolean;
}

export class ConsoleSession {
  readonly console: SharedConsole;
  readonly services: SessionServices;
  escape: EscapeSequence = DEFAULT_ESCAPE;
  /** The client is console(1): it asks for the keyboard after `^Ec;` if it wants it, and with `-s` it does not. */
  asksForKeyboard = false;
  /** Lines that `p` and `r` show. */
  playback = 60;
  replay = 20;
  readonly #who: Visitor;
  /** The offset at which this session's output begins. */
  #from: number | undefined;
  #seat: Seat | undefined;
  #limited = false;
  /** Ends the way in, or the session. */
  #leave = (): void => undefined;
  readonly #connection: SessionConnection;
  #phase: Phase = 'console';
  /** The received part of an escape sequence. */
  #escaped: 0 | 1 | 2 = 0;
  #taker: ByteTaker | undefined;
  /** Waiting input: for a slow command, for the line, for a turn, for the client to read. */
  #held: (Uint8Array | WireSignal)[] = [];
  /** Messages from others that the client missed. */
  #untold = 0;
  #busy = false;
  #closed = false;
  readonly #goOn = (): void => this.#resume();

  constructor(console: SharedConsole, who: Visitor, connection: SessionConnection, services: SessionServices) {
    this.console = console;
    this.#who = who;
    this.services = services;
    this.#connection = connection;
  }

  /**
   * Enters the console. Resolves with whether it did: the client may leave or lose its rights, and the console may
   * disappear.
   */
  enter(): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#closed) {
        resolve(false);
        return;
      }
      const { acting, rights, limited } = this.#who;
      const leave = this.console.enter({
        ...{ acting, rights },
        entered: (seat, from) => {
          this.#seat = seat;
          this.#from = from;
          this.#limited = limited();
          resolve(true);
        },
        refused: () => resolve(false),
        output: (bytes) => this.#connection.send(quoteWire(bytes)),
        missed: (bytes) => this.say(`\r\n[-- ${bytes} bytes of output missed: this client was too slow --]\r\n`),
        room: this.#goOn,
        tell: (text) => this.#tell(text),
        bumped: () => this.#endCommand(),
        closed: () => this.#hangUp(),
      });
      this.#leave = () => {
        leave();
        resolve(false);
      };
    });
  }

  /** Only once it has entered. */
  get seat(): Seat {
    if (!this.#seat) {
      throw new Error('this session has not entered its console');
    }
    return this.#seat;
  }

  get limited(): boolean {
    return this.#limited;
  }

  get writing(): boolean {
    return this.#seat !== undefined && this.console.seats.writer === this.#seat;
  }

  /** Whether `^Ec;` was given: output flows. */
  get connected(): boolean {
    return this.#seat?.connected ?? false;
  }

  /** Not everything the client has sent is answered yet. */
  get busy(): boolean {
    return this.#busy || this.#held.length > 0;
  }

  // --- from the client

  /** Bytes without their quoting. */
  input(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#resume();
  }

  signal(signal: WireSignal): void {
    this.#held.push(signal);
    this.#resume();
  }

  #obey(signal: WireSignal): void {
    if (signal === 'exec' && this.#phase === 'exec-offered') {
      this.#phase = 'exec';
      this.say(this.writing ? '[rw]\r\n' : '[ro]\r\n');
    } else if (signal === 'abort' && (this.#phase === 'exec' || this.#phase === 'exec-offered')) {
      this.#phase = 'console';
    }
  }

  /** The client takes output again. */
  drained(): void {
    if (this.#untold > 0) {
      this.say(`\r\n[-- ${this.#untold} messages missed: this client was too slow --]\r\n`);
      this.#untold = 0;
    }
    // First: a flood of output would leave no room for answers.
    this.#resume();
    this.#seat?.stream.resume();
  }

  /** The connection is gone, or about to be. */
  end(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.services.turns.forget(this.#goOn);
      this.#leave();
    }
  }

  // --- to the client

  /** A byte string. */
  say(text: string): void {
    this.#connection.send(quoteWire(toBytes(text)));
  }

  /** Messages of other users. */
  #tell(text: string): void {
    if (this.#connection.unread > MAX_TOLD_BYTES) {
      this.#untold++;
    } else {
      this.say(text);
    }
  }

  /** Ends the session from our side. */
  disconnect(): void {
    this.say('disconnect]\r\n');
    this.#hangUp();
  }

  connect(): void {
    if (this.asksForKeyboard && !this.writing) {
      this.console.seats.spy(this.seat);
    }
    if (this.#from === undefined || !this.asksForKeyboard) {
      this.#subscribe();
    } else {
      this.services.after(FIRST_OUTPUT_MS, () => this.connected && !this.#closed && this.#subscribe());
    }
    this.console.seats.connect(this.seat);
  }

  /** The client does something else, and returns with its next byte. */
  sendAway(signal: 'suspend' | 'goto'): void {
    this.console.seats.suspend(this.seat);
    this.seat.stream.unsubscribe();
    this.#phase = 'away';
    this.#connection.send(wireSignal(signal));
  }

  offerCommand(): void {
    this.#phase = 'exec-offered';
    this.#connection.send(wireSignal('exec'));
  }

  /** Output waits meanwhile, so that it does not land in the middle of an answer. */
  async undisturbed(answer: () => Promise<void>): Promise<void> {
    const from = this.seat.stream.unsubscribe();
    await answer();
    if (from !== undefined && this.connected && !this.#closed) {
      this.#from = from;
      this.#subscribe();
    }
  }

  /** The next bytes go to this handler, one at a time, until it is replaced. */
  ask(taker: ByteTaker | undefined): void {
    this.#taker = taker;
  }

  #resume(): void {
    while (!this.#busy && !this.#closed && this.#held.length > 0) {
      if (this.#lineFull()) {
        break;
      }
      const next = this.#held.shift() as Uint8Array | WireSignal;
      if (typeof next === 'string') {
        this.#obey(next);
        continue;
      }
      const taken = this.#take(next);
      if (taken < next.length) {
        this.#held.unshift(next.subarray(taken));
        break;
      }
    }
    this.#connection.pause(this.#held.length > 0 && !this.#closed);
  }

  /** Consumes bytes until one starts something slow, or has to wait; returns how many. */
  #take(bytes: Uint8Array): number {
    this.seat.stream.lastInput = this.services.now();
    for (let at = 0; at < bytes.length; ) {
      if (this.#plain()) {
        const end = this.#plainEnd(bytes, at);
        if (end > at) {
          // The keyboard may have been taken by a byte before these.
          if (this.#lineFull()) {
            return at;
          }
          at += this.#typed(bytes.subarray(at, end));
          if (at < end) {
            return at;
          }
          continue;
        }
      }
      if (this.#mustWait()) {
        return at;
      }
      const result = this.#unlessRefused(bytes[at++] as number);
      if (result !== undefined) {
        this.#busy = true;
        void result.catch(this.#refused).finally(() => {
          this.#busy = false;
          this.#resume();
        });
        return at;
      }
      if (this.#closed) {
        return bytes.length;
      }
    }
    return bytes.length;
  }

  #unlessRefused(byte: number): KeyResult {
    try {
      return this.#takeByte(byte);
    } catch (error) {
      this.#refused(error);
      return undefined;
    }
  }

  /** The host refuses what was asked for. */
  readonly #refused = (error: unknown): void => {
    if (!(error instanceof HoldfastError)) {
      throw error;
    }
    this.say(`${onWire(error.message)}]\r\n`);
  };

  /**
   * Whether a writer has to wait until the line takes more; `#resume` follows. Somebody who joins or watches does not:
   * a writer who floods the line would take the room each time.
   */
  #lineFull(): boolean {
    if (this.#reachesLine && this.seat.stream.full) {
      this.seat.stream.awaitRoom();
      return true;
    }
    return false;
  }

  /** Whether a request has to wait until earlier answers are read and others have had their turn; `#resume` follows. */
  #mustWait(): boolean {
    if (this.#connection.full) {
      return true;
    }
    const { turns } = this.services;
    if (turns.over) {
      turns.wait(this.#goOn);
      return true;
    }
    return false;
  }

  #plain(): boolean {
    return this.#taker === undefined && (this.#phase === 'exec' || (this.#phase === 'console' && this.#escaped === 0));
  }

  #plainEnd(bytes: Uint8Array, from: number): number {
    if (this.#phase === 'exec') {
      return bytes.length;
    }
    const end = bytes.indexOf(this.escape.first, from);
    return end < 0 ? bytes.length : end;
  }

  #takeByte(byte: number): KeyResult {
    if (this.#taker !== undefined) {
      return this.#taker(byte);
    }
    switch (this.#phase) {
      case 'away':
        this.#back();
        return undefined;
      case 'exec-offered':
        return undefined;
    }
    const { first, second } = this.escape;
    switch (this.#escaped) {
      case 0:
        this.#escaped = 1;
        return undefined;
      case 1:
        if (byte === second) {
          this.#escaped = 2;
          this.say('[');
        } else if (byte === first) {
          // Passed on; this byte may still start the sequence.
          this.#typed(Uint8Array.of(first));
        } else {
          this.#escaped = 0;
          this.#typed(Uint8Array.of(first, byte));
        }
        return undefined;
      case 2:
        this.#escaped = 0;
        return this.services.findKey(byte, this)(this, byte);
    }
  }

  /** Whether input for the console is typed there. */
  get #reachesLine(): boolean {
    return this.connected && this.writing && this.console.state === 'up';
  }

  /** Input for the console itself; returns how much of it was taken. */
  #typed(bytes: Uint8Array): number {
    const { state, record } = this.console;
    if (this.#reachesLine) {
      this.seat.stream.write(record.options.striphigh ? bytes.map((byte) => byte & 0x7f) : bytes);
      return bytes.length;
    }
    if (!this.connected) {
      return bytes.length;
    }
    const { first, second } = this.escape;
    const hint = `use ${nameCharacter(first)} ${nameCharacter(second)} ? for help`;
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] === CR || bytes[at] === LF) {
        if (this.#mustWait()) {
          return at;
        }
        this.say(`[${this.writing ? state : 'read-only'} -- ${hint}]\r\n`);
      }
    }
    return bytes.length;
  }

  #back(): void {
    this.#phase = 'console';
    this.#subscribe();
    this.console.seats.back(this.seat);
    const mode = this.writing ? `attached${this.console.log.remark}` : 'spy mode';
    this.say(` -- ${this.console.state === 'up' ? mode : 'line down'}]\r\n`);
  }

  #endCommand(): void {
    if (this.#phase === 'exec' || this.#phase === 'exec-offered') {
      this.#connection.send(wireSignal('abort'));
      this.#phase = 'console';
    }
  }

  #subscribe(): void {
    const { stream } = this.seat;
    if (!stream.place) {
      stream.subscribe(this.#from);
    }
    this.#from = undefined;
  }

  #hangUp(): void {
    this.#endCommand();
    this.end();
    this.#connection.close();
  }

  /** `user@host`. */
  get userAtHost(): string {
    return userAtHost(this.seat);
  }

  /** Log lines as in the file, except for terminal queries, as fast as the client reads them. */
  async showLog(lines: number): Promise<void> {
    const pieces = await this.console.log.replay(lines, this.seat);
    if (pieces === undefined) {
      this.say('[no log file on this console]\r\n');
      return;
    }
    await this.undisturbed(async () => {
      for await (const piece of pieces) {
        if (this.#closed) {
          return;
        }
        this.#connection.send(quoteWire(piece));
        await this.#connection.room();
      }
    });
  }
}
