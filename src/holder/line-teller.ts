/**
 * Tells the server the last lines of the consoles as they change, so that it can list them without asking. A console
 * that was quiet is told of soon, one that goes on printing once in a round: a flood costs a few microseconds a second.
 */
import type { Duplex } from 'node:stream';
import { FRAME, frame } from '../codec/holder-frames.ts';
import type { HolderEvent, ToldLine } from '../model/holder-protocol.ts';
import { printable } from '../model/printable.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import type { HolderConsole } from './holder-console.ts';

/** Changes within this time are reported together. */
const SOON_MS = 100;
/** A console is told of at most once in this time. */
const ROUND_MS = 1000;
/** Lines in one event and one turn of the loop: the consoles get their turns in between. */
const AT_ONCE = 100;
/** While more than this waits for the server, the lines wait here, where they only get newer. */
const HIGH_WATER_BYTES = 256 << 10;

export class LineTeller {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  /** Consoles that have printed since they were told of. */
  readonly #changed = new Set<HolderConsole>();
  /** Those told of in this round. */
  readonly #told = new Set<HolderConsole>();
  #soon: Timer | undefined;
  #round: Timer | undefined;
  #closed = false;

  constructor(socket: Duplex, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.once('close', () => this.#close());
  }

  /** This console has printed something. */
  changed(console: HolderConsole): void {
    if (this.#closed || this.#changed.has(console)) {
      return;
    }
    this.#changed.add(console);
    if (!this.#told.has(console)) {
      this.#soon ??= this.#clock.after(SOON_MS, () => {
        this.#soon = undefined;
        this.#tell();
      });
    }
  }

  forget(console: HolderConsole): void {
    this.#changed.delete(console);
    this.#told.delete(console);
  }

  /** Tells of those whose turn it is. */
  #tell(): void {
    if (this.#closed) {
      return;
    }
    this.#round ??= this.#clock.after(ROUND_MS, () => this.#nextRound());
    if (this.#socket.writableLength > HIGH_WATER_BYTES) {
      return;
    }
    const lines: ToldLine[] = [];
    for (const console of this.#changed) {
      if (lines.length === AT_ONCE) {
        setImmediate(() => this.#tell());
        break;
      }
      if (!this.#told.has(console)) {
        this.#changed.delete(console);
        this.#told.add(console);
        lines.push(lineOf(console));
      }
    }
    if (lines.length > 0) {
      const event: HolderEvent = { event: 'lines', console: 0, lines };
      this.#socket.write(frame(FRAME.event, Buffer.from(JSON.stringify(event))));
    }
  }

  #nextRound(): void {
    this.#round = undefined;
    this.#told.clear();
    if (this.#changed.size > 0) {
      this.#tell();
    }
  }

  #close(): void {
    this.#closed = true;
    this.#changed.clear();
    this.#told.clear();
    this.#soon?.cancel();
    this.#round?.cancel();
  }
}

export function lineOf({ backend, id }: HolderConsole): ToldLine {
  return [id, printable(backend.lineNow)];
}
