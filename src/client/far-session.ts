/** A session over the WebSocket of the control API (docs/reference/api.md, "Attach"). */
import type { SessionInfo } from '../model/api.ts';
import { type ErrorCode, HoldfastError } from '../model/errors.ts';
import type { ClientEnterOptions, ClientSession } from '../model/host-port.ts';
import type { ProcessState } from '../model/process.ts';
import type { SessionPort, SessionSink } from '../model/session.ts';
import { queryText } from './query-text.ts';
import type { Transport, Wire } from './transport.ts';

const PLAIN = 'holdfast.attach.v1';
/** The same for a client that acknowledges. A server may be older, and choose the other one. */
const ACKNOWLEDGED = 'holdfast.attach.v2';
/** Shown output is acknowledged after this much: a small part of the server's window. */
const ACKNOWLEDGE_BYTES = 32 * 1024;
/** A server that goes down closes with this code (RFC 6455 7.4.1), and is expected back. */
const GOING_AWAY = 1001;
/** Bytes of the offset before the output in a binary message. */
const OFFSET_BYTES = 8;

interface Hello {
  readonly session: SessionInfo;
  readonly offset: number;
  readonly live: number;
  readonly writer: SessionInfo | null;
  /** Absent: the server is older. */
  readonly state?: ProcessState;
  readonly keyboard?: { readonly code: ErrorCode; readonly detail: string };
}

type Message =
  | ({ readonly type: 'hello' } & Hello)
  | { readonly type: 'writer'; readonly writer: SessionInfo | null }
  | { readonly type: 'state'; readonly state: ProcessState }
  | { readonly type: 'missed'; readonly bytes: number }
  | { readonly type: 'said'; readonly text: string }
  | { readonly type: 'refused'; readonly code: ErrorCode; readonly detail: string }
  | { readonly type: 'closed'; readonly reason: string };

export class FarSession implements ClientSession {
  readonly #wire: Wire;
  readonly #sink: SessionSink<SessionPort>;
  #hello: Hello | undefined;
  #writer: SessionInfo | undefined;
  #state: ProcessState | undefined;
  #acknowledged = 0;
  /** The reason for the end, as given by the server. */
  #reason: string | undefined;
  /** The sink hears no more. */
  #over = false;

  constructor(transport: Transport, path: string, options: ClientEnterOptions, sink: SessionSink<SessionPort>) {
    const { from, mode, reason, acknowledges, windowBytes } = options;
    const target = `${path}/attach${queryText({ ...from, write: mode === 'write', reason, window: windowBytes })}`;
    this.#sink = sink;
    this.#wire = transport.open(target, acknowledges ? [ACKNOWLEDGED, PLAIN] : [PLAIN], {
      text: (message) => this.#unlessOver(() => this.#told(JSON.parse(message) as Message)),
      bytes: (message) => this.#unlessOver(() => this.#output(message)),
      failed: (error) => this.#refuse(error),
      closed: (code) => this.#closed(code),
    });
  }

  get info(): SessionInfo {
    return this.#mustBeIn.session;
  }

  get offset(): number {
    return this.#mustBeIn.offset;
  }

  get live(): number {
    return this.#mustBeIn.live;
  }

  get writer(): SessionInfo | undefined {
    return this.#writer;
  }

  get state(): ProcessState | undefined {
    return this.#state;
  }

  get refusal(): HoldfastError | undefined {
    const { keyboard } = this.#mustBeIn;
    return keyboard && new HoldfastError(keyboard.code, keyboard.detail);
  }

  take(force: boolean, reason?: string): void {
    this.#say({ type: 'take', force, reason });
  }

  release(): void {
    this.#say({ type: 'release' });
  }

  write(bytes: Uint8Array): void {
    this.#wire.send(bytes);
  }

  resize(columns: number, rows: number): void {
    this.#say({ type: 'resize', columns, rows });
  }

  acknowledge(offset: number): void {
    if (this.#wire.protocol === ACKNOWLEDGED && offset - this.#acknowledged >= ACKNOWLEDGE_BYTES) {
      this.#acknowledged = offset;
      this.#say({ type: 'ack', offset });
    }
  }

  leave(): void {
    this.#over = true;
    this.#wire.close();
  }

  get #mustBeIn(): Hello {
    if (!this.#hello) {
      throw new Error('this session has not entered its console');
    }
    return this.#hello;
  }

  #unlessOver(action: () => void): void {
    if (!this.#over) {
      action();
    }
  }

  #say(message: object): void {
    this.#wire.send(JSON.stringify(message));
  }

  #told(message: Message): void {
    switch (message.type) {
      case 'hello':
        this.#hello = message;
        this.#writer = message.writer ?? undefined;
        this.#state = message.state;
        this.#acknowledged = message.offset;
        this.#sink.entered(this);
        break;
      case 'writer':
        this.#writer = message.writer ?? undefined;
        this.#sink.writer(this.#writer);
        break;
      case 'state':
        this.#state = message.state;
        this.#sink.state?.(message.state);
        break;
      case 'said':
        this.#sink.said(message.text);
        break;
      case 'missed':
        this.#sink.missed(message.bytes);
        break;
      case 'refused': {
        const error = new HoldfastError(message.code, message.detail);
        if (this.#hello) {
          this.#sink.denied?.(error);
        } else {
          this.#refuse(error);
        }
        break;
      }
      case 'closed':
        this.#reason = message.reason;
    }
  }

  #output(message: Uint8Array): void {
    if (message.length >= OFFSET_BYTES) {
      const offset = new DataView(message.buffer, message.byteOffset).getBigUint64(0);
      this.#sink.output(message.subarray(OFFSET_BYTES), Number(offset));
    }
  }

  #refuse(error: Error): void {
    this.#unlessOver(() => {
      this.#over = true;
      this.#sink.refused(error);
    });
  }

  #closed(code: number): void {
    const reason = this.#reason ?? `the connection was closed (${code})`;
    if (!this.#hello) {
      this.#refuse(new HoldfastError('HF_NO_SERVER', reason));
      return;
    }
    this.#unlessOver(() => {
      this.#over = true;
      this.#sink.closed(reason, this.#reason === undefined || code === GOING_AWAY);
    });
  }
}
