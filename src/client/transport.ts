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
  /**
   * The text messages of a WebSocket, until `ended`. One that is not taken holds up those after it in the server. Throws as above, if
   * the server refuses with its HoldfastError, and with HF_NO_SERVER when the server closes it.
   */
  messages(target: string, protocol: string, ended?: EndSignal): AsyncIterable<string>;
}
