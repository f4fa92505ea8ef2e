import type { Principal } from '../../../model/principal.ts';

/** One session's place at a console. */
export interface NewSeat {
  readonly principal: Principal;
  readonly mayWrite: boolean;
  /** Says something to this session; a byte string with its line ends. */
  readonly tell: (text: string) => void;
  /** Somebody else has taken the right to write. */
  readonly bumped: () => void;
  /** The console is no longer for this session, which has been told why. */
  readonly closed: () => void;
}

export interface Seat extends NewSeat {
  /** As everybody sees them: of the principal. */
  readonly user: string;
  readonly host: string;
  readonly id: number;
  readonly since: number;
  lastInput: number;
  mayWrite: boolean;
  wantsToWrite: boolean;
  /** Wrote when it went away. */
  wrote: boolean;
  /** Gets output: not before `^Ec;`, and not while suspended. */
  connected: boolean;
}
