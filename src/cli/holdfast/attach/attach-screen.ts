/** The screen of `holdfast attach`: the console's bytes as they are, and our own lines, which stand out. */

import type { SessionInfo } from '../../../model/api.ts';
import { LF } from '../../../model/ascii.ts';
import { userText } from '../../../model/principal.ts';
import { clean, wrapped } from '../text/display.ts';
import { paint } from '../text/styles.ts';
import { TerminalModes } from './terminal-modes.ts';

/** Of the further lines of a message. */
const INDENT = '   ';

/** Output that waits for its turn, or a message of ours. */
type Waiting = { bytes: Uint8Array; readonly shown: () => void } | { readonly text: string; readonly bell: boolean };

/**
 * Written to a terminal in one turn of the event loop. A write waits for the terminal: on a slow line keys have to be read in
 * between.
 */
const TURN_BYTES = 4096;
/** Bytes that may wait: the window of a server. A server without windows is held up by backpressure instead. */
const MAX_WAITING_BYTES = 256 * 1024;

export class AttachScreen {
  readonly #write: (data: string | Uint8Array, taken?: () => void) => void;
  readonly #color: boolean;
  readonly #terminal: boolean;
  readonly #columns: () => number;
  #modes = new TerminalModes();
  #atLineStart = true;
  #titled = false;
  #waiting: Waiting[] = [];
  /** Of output. */
  #waitingBytes = 0;
  /** A question is shown: the output waits for the answer, but not more than this takes. */
  #flooded: (() => void) | undefined;
  /** Bytes that may still be written in this turn. */
  #room: number;
  #turn: NodeJS.Immediate | undefined;

  /** `write`: calls `taken` when whoever shows it has taken it. */
  constructor(
    write: (data: string | Uint8Array, taken?: () => void) => void,
    terminal: boolean,
    color: boolean,
    columns = () => Number.POSITIVE_INFINITY,
  ) {
    this.#room = terminal ? TURN_BYTES : Number.POSITIVE_INFINITY;
    this.#write = write;
    this.#terminal = terminal;
    this.#columns = columns;
    this.#color = color;
  }

  output(bytes: Uint8Array, shown: () => void): void {
    this.#waiting.push({ bytes, shown });
    this.#waitingBytes += bytes.length;
    this.#go();
  }

  /** One of our own messages, on a line of its own. */
  say(text: string, bell = false): void {
    this.#waiting.push({ text, bell });
    this.#go();
  }

  /** A question of ours, and its answer, before anything else is shown. */
  question(text: string, flooded: () => void): void {
    this.#flooded = flooded;
    const [before] = this.#modes.letters;
    this.#write(`${this.#fresh}${before}${paint(this.#color, 'cyan', `-- ${clean(text)}`)} `);
  }

  echo(text: string): void {
    this.#write(text);
  }

  answered(): void {
    const [, after] = this.#modes.letters;
    this.#write(`${after}\r\n`);
    this.#flooded = undefined;
    this.#atLineStart = true;
    this.#go();
  }

  /** Writes what waits. */
  finish(): void {
    this.#room = Number.POSITIVE_INFINITY;
    this.#go();
  }

  /** Forgets what waits. */
  drop(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #go(): void {
    if (this.#flooded && this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#flooded();
    }
    for (let first = this.#waiting[0]; first && !this.#flooded; first = this.#waiting[0]) {
      const room = Math.max(this.#room, this.#waitingBytes - MAX_WAITING_BYTES);
      if (room <= 0) {
        break;
      }
      if ('text' in first) {
        this.#waiting.shift();
        this.#say(first.text, first.bell);
      } else if (first.bytes.length > room) {
        const now = first.bytes.subarray(0, room);
        first.bytes = first.bytes.subarray(room);
        this.#show(now);
      } else {
        this.#waiting.shift();
        this.#show(first.bytes, first.shown);
      }
    }
    if (this.#room < TURN_BYTES) {
      this.#turn ??= setImmediate(() => {
        this.#turn = undefined;
        this.#room = TURN_BYTES;
        this.#go();
      });
    }
  }

  #show(bytes: Uint8Array, shown?: () => void): void {
    if (bytes.length === 0) {
      shown?.();
      return;
    }
    if (this.#terminal) {
      this.#modes.seen(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
    }
    this.#atLineStart = bytes[bytes.length - 1] === LF;
    this.#room -= bytes.length;
    this.#waitingBytes -= bytes.length;
    this.#write(bytes, shown);
  }

  #say(text: string, bell: boolean): void {
    const end = this.#terminal ? '\r\n' : '\n';
    const [before, after] = this.#modes.letters;
    const [first = '', ...rest] = wrapped(`-- ${clean(text)} --`, this.#columns() - INDENT.length);
    const line = [first, ...rest.map((each) => `${INDENT}${each}`)]
      .map((each) => paint(this.#color, 'cyan', each))
      .join(end);
    this.#write(`${bell && this.#terminal ? '\x07' : ''}${this.#fresh}${before}${line}${after}${end}`);
    this.#atLineStart = true;
  }

  /** To the beginning of a line. */
  get #fresh(): string {
    return this.#atLineStart ? '' : this.#terminal ? '\r\n' : '\n';
  }

  /** Shows the name in the title bar; the terminal keeps the old title on its stack. */
  title(name: string): void {
    if (this.#terminal) {
      this.#titled = true;
      this.#write(`\x1b[22;2t\x1b]2;${clean(name)}\x07`);
    }
  }

  /** Restores what the console's program and we have changed. */
  undo(): void {
    if (this.#terminal) {
      this.#atLineStart &&= !this.#modes.moving;
      this.#write(`${this.#modes.undo(process.stdout.columns)}${this.#titled ? '\x1b[23;2t' : ''}`);
      this.#modes = new TerminalModes();
    }
  }
}

export function holderText(writer: SessionInfo | undefined, own: number): string {
  if (writer === undefined) {
    return 'the keyboard is free';
  }
  return writer.id === own
    ? 'you have the keyboard'
    : `${userText(writer)} (${writer.from}, ${writer.via}) has the keyboard`;
}
