/** Connections to the holder, until one of them is its server and after. */
import type { Duplex } from 'node:stream';
import { FRAME, FrameReader, frame, LONGEST, OLDEST_PROTOCOL, PROTOCOL } from '../codec/holder-frames.ts';
import type { Hello } from '../model/holder-protocol.ts';
import { native } from '../platform/native.ts';
import { isHungUp } from '../platform/net/hung-up.ts';
import { descriptorOf } from '../platform/net/socket-descriptor.ts';
import { complain } from '../platform/process/complain.ts';
import type { Clock } from '../platform/time/clock.ts';
import { StreamSender } from './stream-sender.ts';

export interface Server {
  readonly socket: Duplex;
  readonly sender: StreamSender;
  readonly pid: number;
}

export interface ReceptionParts {
  readonly version: string;
  /** Wall time, milliseconds. */
  readonly startedAt: number;
  readonly clock: Clock;
  /** A frame of the server. An exception ends the connection. */
  readonly take: (server: Server, type: number, payload: Uint8Array) => void;
}

/** Limits for peers that have not identified themselves: time, number, bytes of each. */
const HELLO_TIMEOUT_MS = 5000;
const MAX_UNKNOWN = 16;
const MAX_HELLO_BYTES = 4096;
/** A server that sends requests and does not read is not read while more than this waits for it. */
const MAX_ANSWERS_BYTES = 4 << 20;

/** Of one connection. `waiting`: for the last messages of its predecessor. */
type Peer = 'unknown' | 'waiting' | Server;

export class Reception {
  readonly #parts: ReceptionParts;
  readonly #unknown = new Set<Duplex>();
  #server: Server | undefined;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
  }

  get server(): Server | undefined {
    return this.#server;
  }

  /** Serves a connection: a server that says hello, unless there is one already. */
  serve(socket: Duplex): void {
    const stranger = strangeUser(socket);
    if (stranger !== undefined) {
      complain(`holdfast holder: connection dropped: it is user ${stranger}'s\n`);
      socket.destroy();
      return;
    }
    const reader = new FrameReader(MAX_HELLO_BYTES);
    let peer: Peer = 'unknown';
    this.#admit(socket);
    const patience = this.#parts.clock.after(HELLO_TIMEOUT_MS, () => socket.destroy());
    const known = () => {
      patience.cancel();
      this.#unknown.delete(socket);
    };
    const gone = () => {
      known();
      if (typeof peer === 'object') {
        this.#server = this.#server === peer ? undefined : this.#server;
        peer.sender.close();
      }
    };
    const guarded = (action: () => void) => {
      try {
        action();
      } catch (error) {
        complain(`holdfast holder: connection dropped: ${(error as Error).message}\n`);
        socket.destroy();
      }
    };
    const greet = (theirs: Hello) => {
      const before = this.#server?.socket;
      if (before && (before.destroyed || isHungUp(before))) {
        before.once('close', () => guarded(() => (socket.destroyed ? undefined : greet(theirs))));
      } else {
        peer = this.#greet(socket, theirs) ?? peer;
        reader.longest = LONGEST;
      }
    };
    socket.on('data', (bytes) =>
      guarded(() => {
        for (const { type, payload } of reader.push(bytes)) {
          if (typeof peer === 'object') {
            this.#parts.take(peer, type, payload);
          } else if (peer === 'unknown') {
            const theirs = helloOf(type, payload);
            known();
            peer = 'waiting';
            greet(theirs);
          } else {
            throw new Error('it did not wait for an answer to its hello');
          }
        }
        if (socket.writableLength > MAX_ANSWERS_BYTES) {
          socket.pause();
        }
      }),
    );
    socket.on('drain', () => socket.resume());
    socket.on('error', gone);
    socket.on('close', gone);
  }

  /** If too many have not said hello the oldest one is closed. */
  #admit(socket: Duplex): void {
    const [oldest] = this.#unknown;
    if (oldest !== undefined && this.#unknown.size >= MAX_UNKNOWN) {
      this.#unknown.delete(oldest);
      oldest.destroy();
    }
    this.#unknown.add(socket);
  }

  #greet(socket: Duplex, theirs: Hello): Server | undefined {
    const { clock, startedAt, version } = this.#parts;
    const refused = this.#refusal(theirs);
    const hello: Hello = {
      program: 'holdfast-holder',
      protocol: PROTOCOL,
      oldest: OLDEST_PROTOCOL,
      version,
      pid: process.pid,
      startedAt,
      ...(refused === undefined ? {} : { refused }),
    };
    socket.write(frame(FRAME.hello, Buffer.from(JSON.stringify(hello))));
    if (refused !== undefined) {
      socket.end();
      return undefined;
    }
    this.#server = { socket, sender: new StreamSender(socket, clock), pid: theirs.pid };
    return this.#server;
  }

  /** Why this server is refused, if it is. */
  #refusal(theirs: Hello): string | undefined {
    const { version } = this.#parts;
    if (theirs.oldest > PROTOCOL || theirs.protocol < OLDEST_PROTOCOL) {
      const speaks = `holder ${version} speaks protocol ${OLDEST_PROTOCOL} to ${PROTOCOL}`;
      return `${speaks}, server ${theirs.version} ${theirs.oldest} to ${theirs.protocol}: restart the older of the two`;
    }
    if (this.#server) {
      return `process ${this.#server.pid} is the server of this holder`;
    }
    return undefined;
  }
}

/** The user of a peer, if that is neither ours nor root: the socket's mode should have kept it out. */
function strangeUser(socket: Duplex): number | undefined {
  const fd = descriptorOf(socket);
  const { uid } = fd === undefined ? { uid: 0 } : native.peerCredentials(fd);
  return uid === 0 || uid === process.geteuid?.() ? undefined : uid;
}

function helloOf(type: number, payload: Uint8Array): Hello {
  const hello = type === FRAME.hello ? (JSON.parse(Buffer.from(payload).toString()) as Partial<Hello> | null) : null;
  const { program, protocol, oldest, version, pid } = hello ?? {};
  const numbered = [protocol, oldest, pid].every(Number.isSafeInteger);
  if (program !== 'holdfast-server' || typeof version !== 'string' || !numbered) {
    throw new Error('the first frame is not the hello of a server');
  }
  return hello as Hello;
}
