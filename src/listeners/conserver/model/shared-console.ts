/**
 * A console as its sessions and the group commands use it. Two stand behind this: `ServedConsole`, which opens a line of a
 * conserver.cf itself, and `HostedConsole`, a console of the host server.
 */
import type { BreakRecord, TaskRecord } from '../../../grammar/conserver/records.ts';
import type { OutputStream } from '../../../model/output-stream.ts';
import type { HubConsole, HubUser, LineState } from './ports.ts';
import type { NewSeat, Seat } from './seat.ts';

/** Somebody on the console, whatever the way in. */
export interface Occupant {
  readonly user: string;
  readonly host: string;
  /** Hears what is said. */
  readonly connected: boolean;
  readonly tell: (text: string) => void;
  readonly closed: () => void;
}

/** Who is on a console and who writes, as one session has a say in it. */
export interface SeatTable {
  readonly writer: Pick<HubUser, 'user' | 'host'> | undefined;
  all(): readonly Occupant[];
  /** Marks the wish to write, at the end of the queue; whether it came true. */
  want(seat: Seat): boolean;
  /** Takes the right to write; who had it. */
  force(seat: Seat): Pick<HubUser, 'user' | 'host'> | undefined;
  spy(seat: Seat): void;
  suspend(seat: Seat): void;
  connect(seat: Seat): void;
  /** Who was suspended is here again, and writes if nobody else does. */
  back(seat: Seat): void;
}

/** Lines with their line ends, cut anywhere. All of them are taken, or the rest is given up with `return`. */
export type LogPieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface SharedLog {
  readonly path: string | undefined;
  readonly on: boolean;
  /** ` (nologging)` where it is off: people should know. */
  readonly remark: string;
  setOn(on: boolean, why: string): void;
  /** Somebody's note. */
  note(text: string, by: Seat): void;
  /** The last lines; undefined where nothing is kept. */
  replay(lines: number): Promise<LogPieces | undefined>;
}

export interface SharedConsole extends HubConsole {
  readonly stream: OutputStream;
  readonly seats: SeatTable;
  readonly log: SharedLog;
  readonly tasks: { readonly pid: number | undefined; stop(): void };

  /** A client comes: what its line needs is done first. It leaves, there already or not yet, when the returned function is called. */
  enter(fresh: NewSeat): () => void;
  /** Says something to everybody who is connected, but not to `except`. */
  tellAll(text: string, except?: Seat): void;

  close(by: Seat): void;
  reopen(by: Seat): Promise<LineState>;
  /** Turns XON/XOFF round; undefined where the line has none. */
  toggleFlow(): boolean | undefined;
  /** Resolves when it is over, with why it was not sent, or not all of it. */
  sendBreak(shown: string, sequence: BreakRecord, by: Seat): Promise<string | undefined>;
  /** False: it could not be started. */
  startTask(task: TaskRecord, by: Seat): boolean;
}
