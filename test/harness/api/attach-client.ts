/** The client's end of an attach WebSocket: comes back when the server does, and continues where it stopped. */
import { WebSocket } from 'ws';
import type { SessionInfo } from '../../../src/model/api.ts';
import { HoldfastError } from '../../../src/model/errors.ts';
import { refusal, unreachable } from './remote-error.ts';

const SUBPROTOCOL = 'holdfast.attach.v1';
/** First and longest wait before the next attempt. Milliseconds. */
const FIRST_WAIT = 50;
const LONGEST_WAIT = 1000;

export interface AttachFrom {
  /** Lines of history first. */
  readonly lines?: number;
  /** Continue at this offset; wins over `lines`. */
  readonly offset?: number;
  /** Ask for the keyboard at once. */
  readonly write?: boolean;
}

export interface Hello {
  readonly session: SessionInfo;
  readonly offset: number;
  readonly live: number;
  readonly writer: SessionInfo | null;
}

export interface AttachWatcher {
  /** Once, and again after every return. */
  readonly hello?: (hello: Hello) => void;
  readonly output: (bytes: Uint8Array, offset: number) => void;
  /** Bytes that are gone: the server had no more of them. */
  readonly missed?: (bytes: number) => void;
  readonly writer?: (writer: SessionInfo | null) => void;
  readonly refused?: (code: string, detail: string) => void;
  /** The connection is lost, it is being tried again. */
  readonly lost?: () => void;
  /** The end: the console is gone, the session was thrown out, or `close` was called. */
  readonly closed: (reason: string) => void;
}

export interface AttachedSession {
  write(bytes: Uint8Array): void;
  take(force: boolean): void;
  release(): void;
  resize(columns: number, rows: number): void;
  /** Input that is not yet handed to the kernel. Bytes; while it grows, read less from the keyboard. */
  readonly waiting: number;
  close(): void;
}

type ServerMessage =
  | ({ readonly type: 'hello' } & Hello)
  | { readonly type: 'writer'; readonly writer: SessionInfo | null }
  | { readonly type: 'missed'; readonly bytes: number }
  | { readonly type: 'refused'; readonly code: string; readonly detail: string }
  | { readonly type: 'closed'; readonly reason: string };

/** The words of a server that comes back: the only farewell after which it is worth trying. */
const GOING_AWAY = 1001;

export async function attach(
  socket: string,
  name: string,
  from: AttachFrom,
  watcher: AttachWatcher,
): Promise<AttachedSession> {
  const session = new Session(socket, name, from, watcher);
  await session.open();
  return session;
}

class Session implements AttachedSession {
  readonly #socket: string;
  readonly #name: string;
  readonly #watcher: AttachWatcher;
  readonly #from: AttachFrom;
  #ws: WebSocket | undefined;
  /** Offset behind the last byte that was handed on; undefined before the first greeting. */
  #next: number | undefined;
  #missed = 0;
  #writing: boolean;
  #reason = '';
  #wait = FIRST_WAIT;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(socket: string, name: string, from: AttachFrom, watcher: AttachWatcher) {
    this.#socket = socket;
    this.#name = name;
    this.#from = from;
    this.#watcher = watcher;
    this.#writing = from.write ?? false;
  }

  get waiting(): number {
    return this.#ws?.bufferedAmount ?? 0;
  }

  /** Resolves with the greeting. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const ws = new WebSocket(`ws+unix://${this.#socket}:${this.#path()}`, SUBPROTOCOL, { perMessageDeflate: false });
      this.#ws = ws;
      let greeted = false;
      ws.on('error', (error) => reject(unreachable(this.#socket, error)));
      ws.on('unexpected-response', (_request, response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => reject(refusal(Buffer.concat(parts).toString(), response.statusCode ?? 500)));
      });
      ws.on('message', (data, binary) => {
        if (binary) {
          this.#output(data as Buffer);
        } else {
          greeted = this.#told(JSON.parse(String(data)) as ServerMessage) || greeted;
          resolve();
        }
      });
      ws.on('close', (code) => {
        reject(new HoldfastError('HF_NO_SERVER', `${this.#socket}: the server closed the connection`));
        if (greeted) {
          this.#lost(code);
        }
      });
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#ws?.readyState === WebSocket.OPEN) {
      // Below the largest message that a server takes.
      for (let at = 0; at < bytes.length; at += 32768) {
        this.#ws.send(bytes.subarray(at, at + 32768), { binary: true });
      }
    }
  }

  take(force: boolean): void {
    this.#writing = true;
    this.#tell({ type: 'take', force });
  }

  release(): void {
    this.#writing = false;
    this.#tell({ type: 'release' });
  }

  resize(columns: number, rows: number): void {
    this.#tell({ type: 'resize', columns, rows });
  }

  close(): void {
    this.#end('closed by this client');
    clearTimeout(this.#timer);
    this.#ws?.close(1000);
  }

  #path(): string {
    const query = new URLSearchParams();
    const offset = this.#next ?? this.#from.offset;
    if (offset !== undefined) {
      query.set('offset', String(offset));
    } else if (this.#from.lines !== undefined) {
      query.set('lines', String(this.#from.lines));
    }
    if (this.#writing) {
      query.set('write', '1');
    }
    return `/v1/consoles/${encodeURIComponent(this.#name)}/attach?${query}`;
  }

  #tell(message: object): void {
    if (this.#ws?.readyState === WebSocket.OPEN) {
      this.#ws.send(JSON.stringify(message));
    }
  }

  /** What was missed is told by the server, or seen in the offsets: either way once. */
  #output(message: Buffer): void {
    const offset = Number(message.readBigUInt64BE(0));
    const bytes = message.subarray(8);
    if (this.#next !== undefined && offset > this.#next && this.#missed === 0) {
      this.#watcher.missed?.(offset - this.#next);
    }
    this.#missed = 0;
    this.#next = offset + bytes.length;
    this.#watcher.output(bytes, offset);
  }

  /** Whether this was the greeting. */
  #told(message: ServerMessage): boolean {
    switch (message.type) {
      case 'hello':
        this.#wait = FIRST_WAIT;
        this.#next ??= message.offset;
        this.#watcher.hello?.(message);
        return true;
      case 'writer':
        this.#watcher.writer?.(message.writer);
        return false;
      case 'missed':
        this.#missed += message.bytes;
        this.#watcher.missed?.(message.bytes);
        return false;
      case 'refused':
        this.#watcher.refused?.(message.code, message.detail);
        return false;
      case 'closed':
        this.#reason = message.reason;
        return false;
    }
  }

  #lost(code: number): void {
    if (this.#over) {
      return;
    }
    if (this.#reason !== '' && code !== GOING_AWAY) {
      this.#end(this.#reason);
      return;
    }
    this.#reason = '';
    this.#watcher.lost?.();
    this.#again();
  }

  #again(): void {
    this.#timer = setTimeout(() => {
      this.open().catch((error: HoldfastError) => {
        if (this.#over) {
          return;
        }
        if (error.code === 'HF_NO_SERVER' || error.code === 'HF_GOING_DOWN' || error.code === 'HF_NO_HOLDER') {
          this.#again();
        } else {
          this.#end(error.message);
        }
      });
    }, this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #end(reason: string): void {
    if (!this.#over) {
      this.#over = true;
      this.#watcher.closed(reason);
    }
  }
}
