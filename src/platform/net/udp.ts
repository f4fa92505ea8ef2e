import { ipv4Number, ipv4Text } from '../../model/ipv4.ts';
import { errnoText } from '../errno-text.ts';
import { type NativeUdp, native } from '../native.ts';

export interface UdpSocketOptions {
  /** Dotted quad; port 0 is any free one. */
  readonly address: string;
  readonly port: number;
  /** Bytes of a datagram that are kept. */
  readonly largest: number;
  /** Bytes; 0 leaves the system's default. */
  readonly receiveBuffer: number;
  readonly sendBuffer?: number;
  /** One datagram as a byte string; `size` is what it had on the wire, more than `text` when it was longer than `largest`. */
  readonly receive: (text: string, address: string, port: number, size: number) => void;
  /** Called before `receive` with each datagram in place in `memory`, its address as `ipv4Number`; true: dealt with. */
  readonly inPlace?: (socket: UdpSocket, start: number, size: number, ip: number, port: number) => boolean;
  /** Called before the first datagram of those that arrived together, and after the last. */
  readonly before?: () => void;
  readonly after?: () => void;
  /** Receiving failed, with the text of the reason; the socket goes on. */
  readonly error: (text: string) => void;
}

/** Datagrams that wait for a full socket; more are dropped and counted. */
const MAX_WAITING = 2048;
const IN_FIELDS = 3;
const OUT_FIELDS = 5;
const BATCH = 64;
/** Index in an entry of the outgoing table: the outcome of its sending. */
const ERRNO = 4;
/** Index in the outgoing table: the number of entries. */
const COUNT = BATCH * OUT_FIELDS;
/** Padding between the slots: at a distance that is a multiple of 4 KiB all would compete for the same cache lines. */
const GAP = 64;
/** More peers than this indicate a flood with forged senders: the cache of addresses is cleared. */
const MAX_ADDRESSES = 4096;

type Failed = (error: string) => void;
const ignore: Failed = () => undefined;

interface Datagram {
  readonly text: string;
  readonly address: number;
  readonly port: number;
  readonly failed: Failed;
}

/** IPv4 addresses as text and as signed numbers, cached so that a datagram costs no formatting. */
class Addresses {
  readonly #texts = new Map<number, string>();
  readonly #numbers = new Map<string, number>();

  text(address: number): string {
    const known = this.#texts.get(address);
    if (known !== undefined) {
      return known;
    }
    const text = ipv4Text(address);
    this.#keep(text, address);
    return text;
  }

  /** undefined: not a dotted quad. */
  number(text: string): number | undefined {
    const known = this.#numbers.get(text);
    if (known !== undefined) {
      return known;
    }
    const address = ipv4Number(text);
    if (address !== undefined) {
      this.#keep(text, address);
    }
    return address;
  }

  #keep(text: string, address: number): void {
    if (this.#numbers.size >= MAX_ADDRESSES) {
      this.#texts.clear();
      this.#numbers.clear();
    }
    this.#texts.set(address, text);
    this.#numbers.set(text, address);
  }
}

/**
 * A UDP socket (IPv4) for many datagrams per second. What is sent while datagrams are handed out leaves with one
 * system call after the last of them; anything else leaves when the code that runs has returned. The order is kept.
 */
export class UdpSocket {
  readonly #options: UdpSocketOptions;
  readonly #native: NativeUdp;
  /** Received datagrams while they are delivered, and outgoing ones. */
  readonly memory: Buffer;
  /** Bytes from one slot to the next; the texts to send lie one behind the other after the last slot. */
  readonly #slot: number;
  readonly #addresses = new Addresses();
  /** Texts (of what is forwarded: none) and callbacks of the entries of the outgoing table. */
  readonly #texts = new Array<string | undefined>(BATCH).fill(undefined);
  readonly #failed = new Array<Failed>(BATCH);
  #end = 0;
  #waiting: Datagram[] = [];
  #dropped = 0;
  #receiving = false;
  #scheduled = false;
  #closed = false;
  #drained: (() => void) | undefined;

  /** Throws the system's error (`code`) when the address cannot be bound. */
  constructor(options: UdpSocketOptions) {
    const { address, port, largest, receiveBuffer, sendBuffer = 0 } = options;
    this.#options = options;
    this.#slot = largest + GAP;
    this.#native = native.openUdp(
      { address, port, slot: this.#slot, receiveBuffer, sendBuffer },
      {
        batch: (count) => this.#receive(count),
        sent: (done) => this.#settle(done),
        drain: () => this.#drain(),
        error: (errno) => options.error(errnoText(errno)),
      },
    );
    this.memory = Buffer.from(this.#native.memory.buffer);
  }

  get port(): number {
    return native.boundPort(this.#native.fd);
  }

  /** Bytes as the kernel counts them. */
  get receiveBuffer(): number {
    return this.#native.receiveBuffer;
  }

  /** Datagrams that the kernel dropped because they were not read in time. */
  get kernelDrops(): number {
    return this.#native.drops;
  }

  /** Datagrams that were not sent because too many waited already. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Sends one datagram, given as a byte string. `failed` gets the reason why it could not be sent; one that is dropped
   * because too many are waiting is only counted.
   */
  send(text: string, address: string, port: number, failed: Failed): void {
    const to = this.#target(text, address, port);
    if (typeof to === 'string') {
      failed(to);
      return;
    }
    if (this.#full()) {
      this.#wait({ text, address: to, port, failed });
      return;
    }
    this.#put(text, to, port, failed);
    if (!this.#receiving && !this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
  }

  /**
   * Sends one datagram at once, after those already queued. Returns why it could not be sent; undefined if it was sent
   * or waits for room.
   */
  sendNow(text: string, address: string, port: number): string | undefined {
    const to = this.#target(text, address, port);
    if (typeof to === 'string') {
      return to;
    }
    this.#flush();
    if (this.#waiting.length > 0) {
      this.#wait({ text, address: to, port, failed: ignore });
      return undefined;
    }
    this.#put(text, to, port, ignore);
    this.#flush();
    const errno = this.#waiting.length > 0 ? 0 : (this.#native.outgoing[ERRNO] as number);
    return errno === 0 ? undefined : errnoText(errno);
  }

  /**
   * Sends `size` bytes of `memory` from `start` on, without a copy: only in `inPlace`, and only bytes of the datagram
   * that it was called with (which may have been changed, and extended within its slot).
   */
  forward(start: number, size: number, ip: number, port: number, failed: Failed): void {
    if (this.#full()) {
      this.#wait({ text: this.#textAt(start, size), address: ip, port, failed });
      return;
    }
    const { outgoing } = this.#native;
    const slot = outgoing[COUNT] as number;
    const at = slot * OUT_FIELDS;
    outgoing[at] = start;
    outgoing[at + 1] = size;
    outgoing[at + 2] = ip;
    outgoing[at + 3] = port;
    this.#texts[slot] = undefined;
    this.#failed[slot] = failed;
    outgoing[COUNT] = slot + 1;
  }

  /**
   * Closes after sending the waiting datagrams, for at most `patience` milliseconds. Nothing is received from now on.
   */
  async close(patience: number): Promise<void> {
    this.#flush();
    this.#closed = true;
    if (this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patience);
        this.#drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#native.close();
  }

  #receive(count: number): void {
    const { received } = this.#native;
    const { largest, receive, inPlace, before, after } = this.#options;
    this.#receiving = true;
    before?.();
    try {
      for (let slot = 0; slot < count && !this.#closed; slot += 1) {
        const at = slot * IN_FIELDS;
        const size = received[at] as number;
        const ip = received[at + 1] as number;
        const port = received[at + 2] as number;
        const start = slot * this.#slot;
        if (inPlace === undefined || size > largest || !inPlace(this, start, size, ip, port)) {
          receive(this.#textAt(start, Math.min(size, largest)), this.#addresses.text(ip), port, size);
        }
      }
    } finally {
      after?.();
      this.#receiving = false;
      // The addon sends the table itself, which saves a call each way.
    }
  }

  /** The number of the address, or why nothing can be sent there. */
  #target(text: string, address: string, port: number): number | string {
    const to = this.#addresses.number(address);
    if (to === undefined || port < 1 || port > 65535 || this.#closed) {
      return 'Invalid argument';
    }
    return text.length > this.#options.largest ? 'Message too long' : to;
  }

  /** Makes room in the outgoing table; true: the socket is full, so the datagram has to wait. */
  #full(): boolean {
    if (this.#native.outgoing[COUNT] === BATCH) {
      this.#flush();
    }
    return this.#waiting.length > 0;
  }

  #textAt(start: number, size: number): string {
    return this.memory.toString('latin1', start, start + size);
  }

  /** Appends a datagram to the outgoing table. A text that goes to many is stored once. */
  #put(text: string, address: number, port: number, failed: Failed): void {
    const { outgoing } = this.#native;
    const slot = outgoing[COUNT] as number;
    const at = slot * OUT_FIELDS;
    if (slot === 0) {
      this.#end = BATCH * this.#slot;
    }
    if (slot > 0 && text === this.#texts[slot - 1]) {
      outgoing[at] = outgoing[at - OUT_FIELDS] as number;
    } else {
      outgoing[at] = this.#end;
      this.#end += this.memory.write(text, this.#end, 'latin1');
    }
    outgoing[at + 1] = text.length;
    outgoing[at + 2] = address;
    outgoing[at + 3] = port;
    this.#texts[slot] = text;
    this.#failed[slot] = failed;
    outgoing[COUNT] = slot + 1;
  }

  /** Sends the table; the rest waits, in order, for room. */
  #flush(): void {
    if (this.#native.outgoing[COUNT] !== 0 && !this.#closed) {
      this.#settle(this.#native.flush());
    }
  }

  /** The kernel dealt with the first `done` of the table: empties it, tells outcomes, keeps the others. */
  #settle(done: number): void {
    const { outgoing } = this.#native;
    const count = outgoing[COUNT] as number;
    for (let slot = done; slot < count; slot += 1) {
      const at = slot * OUT_FIELDS;
      this.#wait({
        text: this.#texts[slot] ?? this.#textAt(outgoing[at] as number, outgoing[at + 1] as number),
        address: outgoing[at + 2] as number,
        port: outgoing[at + 3] as number,
        failed: this.#failed[slot] as Failed,
      });
    }
    this.#tell(done);
  }

  #wait(datagram: Datagram): void {
    if (this.#waiting.length < MAX_WAITING) {
      this.#waiting.push(datagram);
    } else {
      this.#dropped += 1;
    }
  }

  #drain(): void {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      for (const { text, address, port, failed } of batch) {
        this.#put(text, address, port, failed);
      }
      const done = this.#native.flush();
      this.#tell(done);
      this.#waiting.splice(0, done);
      if (done < batch.length) {
        return;
      }
    }
    this.#drained?.();
  }

  /** Empties the table, and reports failures among the first `done` once it may be filled again. */
  #tell(done: number): void {
    const { outgoing } = this.#native;
    outgoing[COUNT] = 0;
    for (let slot = 0; slot < done; slot += 1) {
      const errno = outgoing[slot * OUT_FIELDS + ERRNO] as number;
      if (errno !== 0) {
        const failed = this.#failed[slot] as Failed;
        queueMicrotask(() => failed(errnoText(errno)));
      }
    }
  }
}
