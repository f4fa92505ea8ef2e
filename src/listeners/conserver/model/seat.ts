import type { ActingHost } from '../../../model/host-port.ts';
import type { Session } from '../../../model/session.ts';
import type { ConsoleRights } from './access.ts';
import { type Remark, remarkText } from './remark.ts';

/** A client that comes to a console: called by the console, never before `enter` has returned. */
export interface NewSeat {
  /** The host as this client uses it. */
  readonly acting: ActingHost;
  /** The rights of the client, looked up when the console is ready: the configuration may have changed meanwhile. */
  readonly rights: () => ConsoleRights;
  /** It has its seat; output begins at offset `from` if a line was opened for it, otherwise when requested. */
  readonly entered: (seat: Seat, from?: number) => void;
  /** In place of `entered`: it has no rights there, or the console is gone. */
  readonly refused: () => void;
  /** Output; false: full, `resume` follows. */
  readonly output: (bytes: Uint8Array) => boolean;
  /** Output that was overwritten before this client read it. */
  readonly missed: (bytes: number) => void;
  /** The line takes input again: the answer to `awaitRoom`. */
  readonly room: () => void;
  /** Says something to this client; a byte string with its line ends. */
  readonly tell: (text: string) => void;
  /** Somebody else has taken the right to write. */
  readonly bumped: () => void;
  /** The console is no longer for this client, which has been told why. */
  readonly closed: () => void;
}

/** The console's stream in both directions, as one client has it (`model/session.ts`). */
export type SeatStream = Pick<
  Session,
  'subscribe' | 'unsubscribe' | 'place' | 'resume' | 'ask' | 'act' | 'write' | 'full' | 'awaitRoom' | 'lastInput'
>;

/** One client's place at a console. */
export interface Seat extends Pick<NewSeat, 'acting' | 'rights' | 'tell' | 'bumped' | 'closed'> {
  /** Says to this client what everybody on the console is told. */
  readonly hear: (remark: Remark) => void;
  readonly stream: SeatStream;
  /** As everybody sees them: of the principal. */
  readonly user: string;
  readonly host: string;
  readonly id: number;
  readonly since: number;
  mayWrite: boolean;
  wantsToWrite: boolean;
  /** Was the writer when it was suspended. */
  wrote: boolean;
  /** Gets output: not before `^Ec;`, and not while suspended. */
  connected: boolean;
}

/** The initial state of a seat: watching. */
export function newSeat(
  { acting, tell, bumped, closed, rights }: NewSeat,
  stream: SeatStream,
  id: number,
  since: number,
): Seat {
  return {
    ...{ acting, rights, tell, bumped, closed, stream, id, since, user: acting.by.user, host: acting.by.from },
    hear: (remark) => tell(remarkText(remark)),
    ...{ mayWrite: rights() === 'write', wantsToWrite: false, wrote: false, connected: false },
  };
}
