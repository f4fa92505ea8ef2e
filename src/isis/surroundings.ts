/** The environment of an ISIS server. A process may hold several servers, each with surroundings of its own. */

/** Facts about the program for VERSION and STATUS. */
export interface About {
  readonly version: string;
  /** argv[0]. */
  readonly program: string;
  readonly user: string;
  readonly hostName: string;
  readonly date: string;
  readonly time: string;
  readonly console: boolean;
}

/** Called once per write: undefined if the kernel took it, otherwise the text of the error (strerror). */
export type Sent = (error: string | undefined) => void;

export interface UdpPort {
  /** Sends one datagram, given as a byte string. If it cannot be sent later: `failed` gets the reason (strerror). */
  send(text: string, address: string, port: number, failed: (error: string) => void): void;
  /** Sends it at once, after what is queued; returns the reason if it could not be sent. */
  sendNow(text: string, address: string, port: number): string | undefined;
}

/** A socket whose datagrams can be inspected, and forwarded, in place. */
export interface ByteSocket {
  readonly memory: Uint8Array;
  /** Sends `size` bytes of the memory, which must be those of a datagram that is being handed out. `ip`: `ipv4Number`. */
  forward(start: number, size: number, ip: number, port: number, failed: (error: string) => void): void;
}

export interface SerialPort {
  readonly device: string;
  /** False between a hang-up and its reopening. */
  readonly isOpen: boolean;
  write(data: string, sent: Sent): void;
  /** Discards queued data in both directions; later writes are kept. */
  flush(): void;
}

export interface IsisClock {
  /** Milliseconds of a clock that never steps. */
  monotonic(): number;
  /** Microseconds since 1970, UTC. */
  wall(): number;
  /** Freezes and releases the time: messages that arrived together have one time. */
  hold(): void;
  release(): void;
}

export interface IsisLog {
  write(text: string): void;
  /** One line given as bytes, none of which is a control character but TAB. */
  writeBytes(bytes: Uint8Array, start: number, end: number): void;
  /** Path of the current file; empty when logging is off. */
  readonly path: string;
}

/** An event of interest to operators; `text` is one English sentence, `kind` is stable. */
export interface IsisEvent {
  readonly kind:
    | 'host-added'
    | 'host-moved'
    | 'host-removed'
    | 'host-expired'
    | 'table-full'
    | 'send-failed'
    | 'refused'
    | 'oversized'
    | 'receive-buffer'
    | 'kernel-drops'
    | 'line-lost'
    | 'line-open'
    | 'log-trouble'
    | 'socket-error'
    | 'restarted'
    | 'quit';
  readonly text: string;
  readonly host?: string;
  readonly count?: number;
}

export type EventSink = (event: IsisEvent) => void;

/** One message as the server took or sent it, for watchers. */
export interface Traffic {
  /** Microseconds since 1970. */
  readonly at: number;
  readonly direction: 'received' | 'sent';
  readonly source: string;
  readonly destination: string;
  /** Byte string; empty is a heartbeat. */
  readonly body: string;
}
