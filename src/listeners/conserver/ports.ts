/** What the conserver protocol needs from the rest of the program. The console hub is adapted to these interfaces. */
import type { ConsoleRecord, ConsoleType } from '../../grammar/conserver-records.ts';

/** States as the tables of the protocol know them; the longer words are shown by the prompt only. */
export type LineState = 'up' | 'down' | 'initializing' | 'connecting' | 'disconnected' | 'flushing';

/** Who is on a console, as the protocol tells them apart. */
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
  /** Whether the console comes up by itself again. */
  readonly autoUp: boolean;
  readonly readOnly: boolean;
}

/** A console of this server. Methods that act return at once; what happens is told to the sessions. */
export interface HubConsole {
  readonly record: ConsoleRecord;
  readonly state: LineState;
  readonly line: HubLine;
  /** Oldest first. */
  users(): readonly HubUser[];
  /** Joins with the rights given; `undefined` when this console takes no logins. */
  attach(request: AttachRequest, session: HubSessionEvents): HubSession | undefined;
  down(by: string): void;
  /** Closes and opens the line and its log. */
  reopen(): void;
}

export interface AttachRequest {
  readonly user: string;
  readonly host: string;
  readonly mayWrite: boolean;
}

/** What a session is told. Bytes are the console's; notices are texts without brackets or line ends. */
export interface HubSessionEvents {
  readonly output: (bytes: Uint8Array) => void;
  readonly notice: (text: string) => void;
  /** This session may write now, or no more: `by` is who took it. */
  readonly writing: (may: boolean, by: string | undefined) => void;
  /** The session is over: disconnected, removed, shut down. */
  readonly closed: (reason: string) => void;
}

export interface HubSession {
  readonly self: HubUser;
  readonly writing: boolean;
  /** Nothing is delivered before this (`^Ec;`). */
  connect(): void;
  /** Typed bytes; ignored without the right to write. */
  write(bytes: Uint8Array): void;
  /** `force` bumps the writer. Who writes afterwards. */
  wantToWrite(force: boolean): HubUser;
  spy(): void;
  suspend(): void;
  resume(): void;
  /** Sends a configured break; undefined when there is none of this name. */
  sendBreak(id: string): 'sent' | undefined;
  /** The last lines of the log, at most so many; undefined without a log. */
  replay(lines: number): Promise<Uint8Array | undefined>;
  setLogging(on: boolean): void;
  note(text: string): void;
  broadcast(text: string): void;
  close(): void;
}

/** All consoles of this server and what an administrator may do to it. */
export interface ConsoleHub {
  consoles(): readonly HubConsole[];
  bringUp(): void;
  reopenLogs(): void;
  reconfigure(): void;
  terminate(): void;
}

/** Marks of the types in `console -i`. */
export const TYPE_MARKS: Readonly<Record<ConsoleType, string>> = {
  exec: '|',
  device: '/',
  host: '!',
  uds: '%',
  noop: '#',
};

/** crypt(3) off the event loop: whether the password gives this hash. */
export type CheckCrypt = (password: string, hash: string) => Promise<boolean>;

/** PAM service `conserver`: authentication and account. */
export type CheckSystem = (user: string, password: string) => Promise<boolean>;
