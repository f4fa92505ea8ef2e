/**
 * One attach WebSocket: a session of a console on one side, a client on the other, and limits on what may wait for
 * each.
 */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { SessionInfo } from '../../model/api.ts';
import { type ErrorCode, HoldfastError } from '../../model/errors.ts';
import type { ActingHost } from '../../model/host-port.ts';
import type { ProcessState } from '../../model/process.ts';
import type { EnterOptions, Session, SessionSink } from '../../model/session.ts';
import { isHungUp } from '../../platform/net/hung-up.ts';
import type { Clock, Timer } from '../../platform/time/clock.ts';
import type { ConnectionKeys } from '../../platform/time/key-pace.ts';
import { ACKNOWLEDGED, LARGEST_MESSAGE, outputMessage, readMessage } from './attach-messages.ts';
import { AttachWindow, WINDOW_BYTES } from './attach-window.ts';
import { problemFrom } from './problem.ts';
import { SignOfLife } from './sign-of-life.ts';

/** Bytes that may wait for all clients together, and at least and at most for one of them. */
const ALL_WAITING_BYTES = 64 << 20;
const MIN_WAITING_BYTES = 64 * 1024;
const MAX_WAITING_BYTES = 256 * 1024;
/** A client that was too far behind is served again when no more than this waits. */
const LOW_WATER_BYTES = 32 * 1024;
/** How long a client has to read the closing message. */
const FAREWELL_MS = 2000;
/** How often a client that is not read is checked: a paused socket does not report that its peer is gone. */
const CHECK_INTERVAL_MS = 1000;
/** If window sizes arrive faster than this, the last one counts. */
const RESIZE_INTERVAL_MS = 50;

/** ^C, ^Z and ^\: with these a terminal discards the output that it has not shown. */
const FLUSHING = [0x03, 0x1a, 0x1c];
/** Then the client has shown nearly all that it has, and the last of the output follows that it does not have. */
const NEARLY_ALL_BYTES = (WINDOW_BYTES * 3) / 4;
const KEPT_BYTES = 16 * 1024;

/** WebSocket close codes (RFC 6455 7.4.1; 4000 and above are the subprotocol's own). */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const POLICY = 1008;
const INTERNAL = 1011;
const NOT_LET_IN = 4000;

/** How many bytes may wait for each of so many clients. */
export function mostWaiting(clients: number): number {
  return Math.min(MAX_WAITING_BYTES, Math.max(MIN_WAITING_BYTES, ALL_WAITING_BYTES / clients));
}

export class AttachSession {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #fault: (error: unknown) => void;
  readonly #most: () => number;
  readonly #keys: ConnectionKeys;
  #session: Session | undefined;
  #greeted = false;
  readonly #life: SignOfLife;
  #outputBlocked = false;
  /** Replaced when the session begins. */
  #window = new AttachWindow(0, false);
  /** Output that the window has no room for. */
  #rest: { readonly bytes: Uint8Array; readonly offset: number } | undefined;
  /** The client typed such a key while output waited for it. */
  #flushing = false;
  /** A change of writer that waits for room; only the last one matters. */
  #writerNews: { writer: SessionInfo | undefined } | undefined;
  /** A change of state that waits for room; only the last one matters. */
  #stateNews: ProcessState | undefined;
  /** A refusal that waits for room; only the last one matters. */
  #refusal: { readonly code: ErrorCode; readonly detail: string } | undefined;
  #inputHeld = false;
  #repliesHeld = false;
  /** A window size that waits for its time. */
  #size: { readonly columns: number; readonly rows: number } | undefined;
  #resizing: Timer | undefined;
  #look: Timer | undefined;
  #farewell: Timer | undefined;
  #over = false;

  /**
   * `fault` is called for our own defects; they cost this session only. `most`: while more bytes than that wait for the
   * client, it is neither sent output nor read. `keys`: how fast it may take and release the keyboard.
   */
  constructor(
    ws: WebSocket,
    socket: Socket,
    clock: Clock,
    fault: (error: unknown) => void,
    most: () => number,
    keys: ConnectionKeys,
  ) {
    this.#ws = ws;
    this.#socket = socket;
    this.#clock = clock;
    this.#fault = fault;
    this.#most = most;
    this.#keys = keys;
    // A client that is not being read, since its source is full or not known yet, cannot send one.
    this.#life = new SignOfLife(ws, clock, () => !this.#inputHeld && this.#greeted);
    ws.pause();
    ws.on('ping', () => this.#life.given());
    ws.on('message', (data, binary) => this.#guarded(() => this.#received(data as Buffer, binary)));
    // By then ws has closed the connection with the right code (1002, 1007, 1009).
    ws.on('error', () => undefined);
    ws.once('close', () => this.#gone());
  }

  /** Requests this connection's session from the host. */
  begin(host: Pick<ActingHost, 'enter' | 'refusal'>, name: string, options: EnterOptions, windowBytes?: number): void {
    const sink: SessionSink = {
      entered: (session) => this.#guarded(() => this.#greet(session, host.refusal('take', name), windowBytes)),
      refused: (error) => this.#refuse(error),
      output: (bytes, offset) => this.#output(bytes, offset),
      denied: ({ code, message }) => this.#tellRefused(code, message),
      missed: (bytes) => this.#missed(bytes),
      writer: (writer) => this.#writerChanged(writer),
      state: (state) => this.#stateChanged(state),
      said: (text) => this.#said(text),
      room: () => this.#room(),
      closed: (reason) => this.end(reason, NORMAL),
    };
    try {
      this.#session = host.enter(name, options, sink);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof HoldfastError)) {
      this.#fault(error);
    }
    const { code, detail } = problemFrom(error);
    this.#tellRefused(code as ErrorCode, detail);
    this.end(detail, NOT_LET_IN);
  }

  #greet(session: Session, refusal: HoldfastError | undefined, windowBytes: number | undefined): void {
    const { info, offset, live, state, writer } = session;
    const keyboard = refusal && { code: refusal.code, detail: refusal.message };
    this.#greeted = true;
    this.#window = new AttachWindow(offset, this.#ws.protocol === ACKNOWLEDGED, windowBytes);
    this.#tell({ type: 'hello', session: info, offset, live, writer: writer ?? null, state, keyboard });
    this.#ws.resume();
  }

  /** Sends the closing message, and gives the client some time to read it. */
  end(reason: string, code = GOING_AWAY): void {
    if (this.#over) {
      return;
    }
    this.#tell({ type: 'closed', reason });
    this.#over = true;
    this.#leave();
    this.#ws.close(
      code,
      Buffer.from(reason)
        .subarray(0, 120)
        .toString('latin1')
        .replace(/[^ -~]/g, '?'),
    );
    this.#ws.resume();
    this.#farewell = this.#clock.after(FAREWELL_MS, () => this.#ws.terminate());
  }

  #gone(): void {
    this.#over = true;
    this.#look?.cancel();
    this.#farewell?.cancel();
    this.#life.close();
    this.#resizing?.cancel();
    this.#keys.close();
    this.#leave();
  }

  #leave(): void {
    try {
      this.#session?.leave();
    } catch (error) {
      this.#fault(error);
    }
  }

  /** Any failure in here ends this session, never the server. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fault(error);
      this.end('The server failed at this session', INTERNAL);
    }
  }

  #output(bytes: Uint8Array, offset: number): boolean {
    if (this.#over) {
      return false;
    }
    const window = this.#window;
    window.skipTo(offset);
    const now = bytes.subarray(0, window.room);
    if (now.length > 0 || bytes.length === 0) {
      this.#ws.send(outputMessage(now, offset), { binary: true }, this.#sent);
      window.send(now.length);
    }
    if (now.length < bytes.length) {
      this.#rest = { bytes: bytes.subarray(now.length), offset: offset + now.length };
    }
    this.#outputBlocked = this.#full || window.room === 0;
    if (this.#outputBlocked) {
      this.#lookAfter();
    }
    return !this.#outputBlocked;
  }

  #missed(bytes: number): void {
    this.#window.skipTo(this.#window.sent + bytes);
    this.#tell({ type: 'missed', bytes });
  }

  /** The client's queue or its window has room again. */
  #sendOn(): void {
    const wanted = this.#flushing ? NEARLY_ALL_BYTES : 1;
    if (!this.#outputBlocked || this.#window.room < wanted || this.#ws.bufferedAmount > LOW_WATER_BYTES) {
      return;
    }
    if (this.#flushing) {
      this.#flush();
      return;
    }
    this.#outputBlocked = false;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest === undefined || this.#output(rest.bytes, rest.offset)) {
      this.#session?.resume();
    }
  }

  /** As a terminal does: what was typed is to act on what is seen. Of what waits to be sent only the last is left. */
  #flush(): void {
    this.#flushing = false;
    this.#outputBlocked = false;
    this.#rest = undefined;
    this.#session?.subscribe();
    const head = this.#session?.place?.offset ?? 0;
    const missed = head - KEPT_BYTES - this.#window.sent;
    if (missed > 0) {
      this.#missed(missed);
    }
    this.#session?.subscribe(this.#window.sent);
  }

  #tell(message: object): void {
    if (!this.#over) {
      this.#ws.send(JSON.stringify(message), this.#sent);
    }
  }

  get #full(): boolean {
    return this.#ws.bufferedAmount > this.#most();
  }

  readonly #sent = (): void => {
    // The kernel takes the first bytes whatever the client does, more only when it reads.
    if (this.#outputBlocked || this.#repliesHeld) {
      this.#life.given();
    }
    if (this.#ws.bufferedAmount <= LOW_WATER_BYTES) {
      this.#guarded(() => this.#roomAgain());
    }
  };

  #roomAgain(): void {
    if (this.#over || this.#ws.bufferedAmount > LOW_WATER_BYTES) {
      return;
    }
    if (this.#writerNews) {
      const { writer } = this.#writerNews;
      this.#writerNews = undefined;
      this.#writerChanged(writer);
    }
    if (this.#stateNews) {
      const state = this.#stateNews;
      this.#stateNews = undefined;
      this.#stateChanged(state);
    }
    if (this.#refusal) {
      const { code, detail } = this.#refusal;
      this.#refusal = undefined;
      this.#tellRefused(code, detail);
    }
    if (this.#repliesHeld) {
      this.#repliesHeld = false;
      this.#resumeInput();
    }
    this.#sendOn();
  }

  #writerChanged(writer: SessionInfo | undefined): void {
    if (this.#full) {
      this.#writerNews = { writer };
    } else {
      this.#tell({ type: 'writer', writer: writer ?? null });
    }
  }

  #stateChanged(state: ProcessState): void {
    if (this.#full) {
      this.#stateNews = state;
    } else {
      this.#tell({ type: 'state', state });
    }
  }

  /** For people; a client that does not read misses it. */
  #said(text: string): void {
    if (!this.#full) {
      this.#tell({ type: 'said', text });
    }
  }

  #received(data: Buffer, binary: boolean): void {
    this.#life.given();
    const session = this.#session;
    if (this.#over || !session) {
      return;
    }
    try {
      if (binary) {
        this.#typed(session, data);
      } else {
        this.#asked(session, data.toString());
      }
    } catch (error) {
      this.#failed(error);
    }
    if (!this.#over && this.#full) {
      // Answers for a client that does not read would pile up, so it is not read either.
      this.#repliesHeld = true;
      this.#holdInput();
    }
  }

  #typed(session: Session, data: Buffer): void {
    if (!session.write(data)) {
      return;
    }
    if (FLUSHING.some((key) => data.includes(key))) {
      this.#flushing = this.#outputBlocked && this.#window.limited;
    } else if (this.#flushing) {
      // The program's response to this must not be lost.
      this.#flush();
    }
    if (session.full && !this.#inputHeld) {
      this.#inputHeld = true;
      this.#holdInput();
      session.awaitRoom();
    }
  }

  #room(): void {
    this.#inputHeld = false;
    this.#resumeInput();
  }

  #asked(session: Session, text: string): void {
    const message = readMessage(text);
    if (message.type === 'resize') {
      this.#size = message;
      this.#resize(session);
    } else if (message.type === 'ack') {
      this.#window.acknowledge(message.offset);
      this.#sendOn();
    } else if (this.#keys.resting) {
      // Each time the keyboard changes hands, everybody on the console is told, and the history.
      this.#tellRefused('HF_BUSY', 'The keyboard is requested and released too fast: try again');
    } else {
      this.#keys.acted(1, session.sessions);
      if (message.type === 'release') {
        session.release();
      } else {
        session.take(message.force ?? false, message.reason);
      }
    }
  }

  #resize(session: Session): void {
    if (this.#size && !this.#resizing) {
      const { columns, rows } = this.#size;
      this.#size = undefined;
      session.resize(columns, rows);
      this.#resizing = this.#clock.after(RESIZE_INTERVAL_MS, () => {
        this.#resizing = undefined;
        this.#guarded(() => this.#resize(session));
      });
    }
  }

  #failed(error: unknown): void {
    if (!(error instanceof HoldfastError)) {
      throw error;
    }
    this.#tellRefused(error.code, error.message);
    if (error.code === 'HF_BAD_REQUEST') {
      this.end(error.message, POLICY);
    }
  }

  #tellRefused(code: ErrorCode, detail: string): void {
    // Data read before the pause is still processed.
    if (this.#full) {
      this.#refusal = { code, detail };
      return;
    }
    this.#tell({ type: 'refused', code, detail });
  }

  #holdInput(): void {
    this.#ws.pause();
    this.#lookAfter();
  }

  #resumeInput(): void {
    if (!this.#over && !this.#inputHeld && !this.#repliesHeld) {
      this.#ws.resume();
    }
  }

  #lookAfter(): void {
    this.#look ??= this.#clock.after(CHECK_INTERVAL_MS, () => {
      this.#look = undefined;
      if (isHungUp(this.#socket)) {
        this.#ws.terminate();
      } else if (this.#inputHeld || this.#repliesHeld) {
        this.#lookAfter();
      }
    });
  }
}

export const WEBSOCKET_OPTIONS = {
  noServer: true,
  maxPayload: LARGEST_MESSAGE,
  // A message of many empty fragments would be cheap to send and expensive to keep.
  maxFragments: 1024,
  maxBufferedChunks: 1024,
  // One message per turn of the event loop, however many arrive at once: other consoles are served in between.
  allowSynchronousEvents: false,
  // A local socket is faster than any compression, and one context per session is memory.
  perMessageDeflate: false,
  clientTracking: false,
} as const;
