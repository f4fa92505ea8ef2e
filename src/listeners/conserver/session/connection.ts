/** The connection that a session reads and writes. */

/** The connection below a session. Bytes are sent as they are. */
export interface SessionConnection {
  /** False: it has no room; `ConsoleSession.drained` is called when it has. */
  send(bytes: Uint8Array): boolean;
  /** The client has to read before it gets more answers. */
  readonly full: boolean;
  /** Bytes that it has not read. */
  readonly unread: number;
  /** Resolves when it is not `full`, or gone. */
  room(): Promise<void>;
  /** Stops or resumes reading from the client. */
  pause(paused: boolean): void;
  close(): void;
}
