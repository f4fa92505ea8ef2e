/** The interfaces of the conserver protocol to the rest of the program. */
import type { ConsoleRecord, ConsoleType } from '../../../grammar/conserver/records.ts';
import type { ActingHost } from '../../../model/host-port.ts';

/** States as the prompt shows them; the tables of the protocol know only `up`, `down` and `init`. */
export type LineState = 'up' | 'down' | 'initializing' | 'connecting' | 'disconnected' | 'flushing';

/** The users of a console, as the protocol distinguishes them. */
export interface HubUser {
  /** Unique in the process. */
  readonly id: number;
  readonly user: string;
  /** Host name or address of the peer: `user@host` is what everybody sees. */
  readonly host: string;
  readonly mode: 'write' | 'read' | 'suspended';
  /** Whether this one may write, and would when the writer leaves. */
  readonly wantsToWrite: boolean;
  readonly mayWrite: boolean;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly lastInput: number;
}

/** What `console -i` shows beyond the configuration; -1 for a descriptor that is not open. */
export interface HubLine {
  /** Process number of an exec console; 0 without one. */
  readonly pid: number;
  /** Path of the pty of an exec console. */
  readonly tty: string;
  readonly fd: number;
  readonly logFd: number;
  readonly logging: boolean;
  /** Whether the console, being down, comes up by itself again. */
  readonly autoUp: boolean;
  readonly readOnly: boolean;
}

/** A console in the tables. */
export interface HubConsole {
  readonly record: ConsoleRecord;
  readonly state: LineState;
  readonly line: HubLine;
  /** In the order of `who`. */
  users(): readonly HubUser[];
}

/** Administrative operations on the server. Reject with what is missing; their consequences are not awaited. */
export interface ConsoleHub {
  bringUp(acting: ActingHost): Promise<void>;
  reopenLogs(acting: ActingHost): Promise<void>;
  reconfigure(acting: ActingHost): Promise<void>;
  terminate(acting: ActingHost): Promise<void>;
}

/** Marks of the types in `console -i`. */
export const TYPE_MARKS: Readonly<Record<ConsoleType, string>> = {
  exec: '|',
  device: '/',
  host: '!',
  uds: '%',
  noop: '#',
};
