/**
 * Two ends of a connection in memory, which behave as those of a unix socket: what was written is on its way even if its writer is
 * gone a moment later, arrives in a later turn of the event loop, and waits where nobody reads.
 */
import { Duplex } from 'node:stream';

/** The kernel's buffer for an end that does not read. */
const KERNEL_BYTES = 208 << 10;

export function memoryLink(): [Duplex, Duplex] {
  const one = new End();
  const other = new End();
  one.peer = other;
  other.peer = one;
  return [one, other];
}

class End extends Duplex {
  peer: End | undefined;
  /** The kernel's buffer for this end. */
  readonly #kept: Uint8Array[] = [];
  #size = 0;
  /** This end reads. */
  #wanted = false;
  #coming = false;
  /** Nothing follows what is kept. */
  #over = false;
  /** The write of the other end that waits for room. */
  #blocked: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: false });
  }

  override _read(): void {
    this.#wanted = true;
    this.#soon();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    const { peer } = this;
    if (!peer || peer.destroyed) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      return;
    }
    // A copy: the writer's memory is its own again.
    peer.#kept.push(Uint8Array.from(chunk));
    peer.#size += chunk.length;
    if (peer.#size < KERNEL_BYTES) {
      done();
    } else {
      peer.#blocked = done;
    }
    peer.#soon();
  }

  override _final(done: () => void): void {
    const { peer } = this;
    if (peer) {
      peer.#end();
    }
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#kept.length = 0;
    const blocked = this.#blocked;
    this.#blocked = undefined;
    blocked?.();
    const { peer } = this;
    if (peer) {
      peer.#end();
    }
    done(error);
  }

  #end(): void {
    this.#over = true;
    this.#soon();
  }

  #soon(): void {
    if (!this.#coming) {
      this.#coming = true;
      setImmediate(() => {
        this.#coming = false;
        this.#deliver();
      });
    }
  }

  #deliver(): void {
    while (this.#wanted && this.#kept.length > 0 && !this.destroyed) {
      const chunk = this.#kept.shift() as Uint8Array;
      this.#size -= chunk.length;
      this.#wanted = this.push(chunk);
    }
    if (this.#size < KERNEL_BYTES) {
      const blocked = this.#blocked;
      this.#blocked = undefined;
      blocked?.();
    }
    if (this.#over && this.#kept.length === 0 && !this.destroyed && !this.readableEnded) {
      this.push(null);
    }
  }
}
