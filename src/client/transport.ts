/** The way to a control API. The rest of the client knows neither sockets nor Node. */
import type { EndSignal } from '../model/end-signal.ts';

export interface ClientRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly target: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** The answer comes in pieces, whenever there is something to report: only its head has to come in time. */
  readonly flows?: true;
  /** Aborted when the answer is not wanted any more: whatever waits for it rejects, or the body ends. */
  readonly ended?: EndSignal;
}

/** The head of an answer. Its body is read at most once; leaving the loop over it gives up the rest. */
export interface Answer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Transport {
  /**
   * Resolves with the head. Rejects, and the body throws, with HF_NO_SERVER, HF_NO_ANSWER or HF_BUSY where that is what happened, otherwise
   * with the error of the system.
   */
  request(request: ClientRequest): Promise<Answer>;
  /** Opens a WebSocket; `protocols` are subprotocols, the best first. The first message has to come in time. */
  open(target: string, protocols: readonly string[], handlers: WireHandlers): Wire;
}

/** One open WebSocket. After its end nothing has an effect. */
export interface Wire {
  /** The subprotocol that the server chose; empty until then. */
  readonly protocol: string;
  send(message: Uint8Array | string): void;
  /** No messages are handed over until `resume`: they wait in the server. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface WireHandlers {
  /** The server pings: one that is silent for more than twice the time between two pings is given up. */
  readonly pinged?: true;
  readonly text: (message: string) => void;
  readonly bytes: (message: Uint8Array) => void;
  /** There is no connection, the server refused it, or it was given up. */
  readonly failed: (error: Error) => void;
  /** The last call, with the code of the WebSocket. */
  readonly closed: (code: number) => void;
}
