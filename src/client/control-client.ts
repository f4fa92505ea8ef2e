/** What the commands ask of a host, near or far. */
import type { SessionInfo } from '../model/api.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { HostClient } from '../model/host-port.ts';

/** Where an attachment begins: `lines` of history, or everything from `offset` on that is still there. */
export type AttachFrom = { readonly lines: number } | { readonly offset: number };

export interface LinkHandlers {
  /** `offset`: position of the first byte in the console's output. */
  readonly output: (bytes: Uint8Array, offset: number) => void;
  /** Output that was overwritten before this session read it. */
  readonly missed: (bytes: number) => void;
  /** Who has the keyboard now. */
  readonly writer: (holder: SessionInfo | undefined) => void;
  /** A message to everybody on the console. */
  readonly said: (text: string) => void;
  readonly refused: (code: ErrorCode, detail: string) => void;
  /** The last call. `final`: the server ended the session and says why; else the connection was lost. */
  readonly closed: (reason: string, final: boolean) => void;
  /** Whether `acknowledge` of the link is called: then the server does not send far beyond that. */
  readonly acknowledges?: boolean;
}

/** One open attachment. No method throws; after `closed` every call does nothing. */
export interface Link {
  readonly session: SessionInfo;
  readonly offset: number;
  /** What comes before this offset is history. */
  readonly live: number;
  readonly writer: SessionInfo | undefined;
  input(bytes: Uint8Array): void;
  take(force: boolean): void;
  release(): void;
  resize(columns: number, rows: number): void;
  /** Everything before `offset` has been shown. */
  acknowledge(offset: number): void;
  close(): void;
}

export interface ControlClient extends HostClient {
  /** Handlers are called only after this has resolved. */
  attach(name: string, from: AttachFrom, write: boolean, handlers: LinkHandlers): Promise<Link>;
}
