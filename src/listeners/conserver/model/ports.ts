/**
 * The interfaces of the conserver protocol to the rest of the program. Two worlds implement them: consoles of a
 * conserver.cf (`served-console.ts`), and the consoles of a host server.
 */
import type { ConsoleRecord, ConsoleType } from '../../../grammar/conserver/records.ts';
import type { Principal } from '../../../model/principal.ts';
import type { ExitStatus } from '../../../model/process.ts';

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

/** What an administrator may do to the server. */
export interface ConsoleHub {
  bringUp(by: Principal): void;
  reopenLogs(by: Principal): void;
  reconfigure(by: Principal): void;
  terminate(by: Principal): void;
}

/** An open line to what a console shows. */
export interface Source {
  /** Process number, 0 without one; path of the terminal; descriptor. */
  readonly pid: number;
  readonly tty: string;
  readonly fd: number;
  /** False: no room, `drained` follows. Nothing is dropped. */
  write(bytes: Uint8Array): boolean;
  /** Ends it; no handler is called any more. */
  close(): void;
  /** A break as the line knows it, resolved when it is over; absent where there is none. */
  readonly sendBreak?: () => void | Promise<void>;
  /** XON/XOFF; absent where there is none. */
  readonly setFlow?: (on: boolean) => void;
}

export interface SourceHandlers {
  /** Valid until the handler returns. */
  readonly output: (bytes: Uint8Array) => void;
  readonly drained: () => void;
  /** By itself, after its last output; of a process with its status. Last call. */
  readonly ended: (status?: ExitStatus) => void;
}

/** Opens the line of a console; rejects with an Error whose message says why there is none. */
export type OpenSource = (record: ConsoleRecord, handlers: SourceHandlers) => Promise<Source>;

/** A file that grows at its end. */
export interface LogSink {
  readonly fd: number;
  /** `data` must not change any more; `time` in milliseconds since the epoch. */
  append(data: Uint8Array, time: number): void;
  /** Waits briefly for appended data to be written: readers never get ahead of the log. */
  settle?(): void;
  reopen(): void;
  /** Moves a file of `limit` bytes aside: its name gets the suffix, its last lines, at most `tail` bytes, begin the new one. */
  moveAside(limit: number, suffix: string, tail: number): void;
  close(milliseconds: number): Promise<void>;
}

/** Opens a log; throws what the system says. `complain` gets later errors. */
export type OpenLog = (path: string, complain: (text: string) => void) => LogSink;

/** Marks of the types in `console -i`. */
export const TYPE_MARKS: Readonly<Record<ConsoleType, string>> = {
  exec: '|',
  device: '/',
  host: '!',
  uds: '%',
  noop: '#',
};
