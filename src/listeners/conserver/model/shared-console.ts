/** A console as its sessions and the group commands use it. Implemented by `ConserverConsole`, a console of the host. */
import type { BreakRecord, TaskRecord } from '../../../grammar/conserver/records.ts';
import type { OutputStream } from '../../../model/output-stream.ts';
import type { Replayed } from '../../../model/terminal-questions.ts';
import type { HubConsole, HubUser, LineState } from './ports.ts';
import type { Remark } from './remark.ts';
import type { NewSeat, Seat } from './seat.ts';

/** A user of the console, whatever the channel. */
export interface Occupant {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  /** Hears what is said. */
  readonly connected: boolean;
  readonly hear: (remark: Remark) => void;
}

/** The users of a console and its writer, as seen by one session. */
export interface SeatTable {
  readonly writer: Pick<HubUser, 'user' | 'host'> | undefined;
  all(): readonly Occupant[];
  /** Requests to write, at the end of the queue. Returns whether it may now. */
  want(seat: Seat): boolean;
  /** Takes the right to write; who had it. */
  force(seat: Seat): Pick<HubUser, 'user' | 'host'> | undefined;
  spy(seat: Seat): void;
  suspend(seat: Seat): void;
  connect(seat: Seat): void;
  /** A suspended user is back, and writes if nobody else does. */
  back(seat: Seat): void;
}

/** Lines with their line ends, cut anywhere. Consume all of them, or abandon the rest with `return`. */
export type LogPieces = AsyncIterable<Replayed>;

export interface SharedLog {
  readonly path: string | undefined;
  readonly on: boolean;
  /** ` (nologging)` where it is off: people should know. */
  readonly remark: string;
  /** Somebody switches it off or on again. */
  toggle(by: Seat): void;
  /** Somebody's note. */
  note(text: string, by: Seat): void;
  /** The last lines; undefined where nothing is kept. */
  replay(lines: number, by: Seat): Promise<LogPieces | undefined>;
}

export interface SharedConsole extends HubConsole {
  /** As the host knows it. */
  readonly name: string;
  readonly stream: OutputStream;
  readonly seats: SeatTable;
  readonly log: SharedLog;
  readonly tasks: { readonly pid: number | undefined; stop(): void };

  /**
   * A client arrives: first its line is prepared. It leaves, whether it has entered yet or not, when the returned
   * function is called.
   */
  enter(fresh: NewSeat): () => void;
  /** Says something to everybody who is connected, but not to `except`. */
  tellAll(remark: Remark, except?: Seat): void;

  close(by: Seat): void;
  reopen(by: Seat): Promise<LineState>;
  /** Toggles XON/XOFF; undefined if the line has none. */
  toggleFlow(by: Seat): boolean | undefined;
  /** Resolves when it is over, with the reason if it was not sent completely. */
  sendBreak(shown: string, sequence: BreakRecord, by: Seat): Promise<string | undefined>;
  /** False: it could not be started. */
  startTask(task: TaskRecord, by: Seat): boolean;
}
