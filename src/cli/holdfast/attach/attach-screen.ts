/** The screen of `holdfast attach`: the console's bytes as they are, and our own lines, which stand out. */

import type { SessionInfo } from '../../../model/api.ts';
import { LF } from '../../../model/ascii.ts';
import { clean } from '../text/display.ts';
import { paint } from '../text/styles.ts';
import { TerminalModes } from './terminal-modes.ts';

export class AttachScreen {
  readonly #write: (data: string | Uint8Array) => void;
  readonly #color: boolean;
  readonly #terminal: boolean;
  #modes = new TerminalModes();
  #atLineStart = true;
  #titled = false;

  constructor(write: (data: string | Uint8Array) => void, terminal: boolean, color: boolean) {
    this.#write = write;
    this.#terminal = terminal;
    this.#color = color;
  }

  output(bytes: Uint8Array): void {
    if (bytes.length === 0) {
      return;
    }
    if (this.#terminal) {
      this.#modes.seen(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
    }
    this.#atLineStart = bytes[bytes.length - 1] === LF;
    this.#write(bytes);
  }

  /** One of our own messages, on a line of its own. */
  say(text: string): void {
    const end = this.#terminal ? '\r\n' : '\n';
    const [before, after] = this.#modes.letters;
    const line = paint(this.#color, 'cyan', `-- ${clean(text)} --`);
    this.#write(`${this.#atLineStart ? '' : end}${before}${line}${after}${end}`);
    this.#atLineStart = true;
  }

  bell(): void {
    if (this.#terminal) {
      this.#write('\x07');
    }
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
    : `${writer.user} (${writer.from}, ${writer.via}) has the keyboard`;
}
