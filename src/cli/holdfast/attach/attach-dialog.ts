/**
 * Questions on the terminal of `holdfast attach`, in between the output of the console. What is typed while something is being settled
 * answers it, and never goes to the console by mistake.
 */
import { CR, LF } from '../../../model/ascii.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import { width } from '../text/display.ts';

/** How a question is shown; `AttachScreen`. */
export interface QuestionScreen {
  /** On a line of its own. The output waits until `answered`; `flooded` is called if too much of it does. */
  question(text: string, flooded: () => void): void;
  echo(text: string): void;
  answered(): void;
}

export interface Asking {
  /** Whether it is answered with `y`. */
  yes(question: string): Promise<boolean>;
  /** A line; undefined: none was given. */
  line(question: string): Promise<string | undefined>;
}

interface Question {
  readonly kind: 'key' | 'line';
  readonly answer: (text: string | undefined) => void;
  /** The characters so far. */
  text: string;
}

/** Characters, as the control API takes them. */
const LONGEST = 1000;
/** Typed before the question was shown. */
const MAX_AHEAD_BYTES = 4096;
/** The server may not answer: a control character ends the wait, if it has been this long. */
const PATIENCE_MS = 1000;
const ERASE = ['\x08', '\x7f'];
const KILL_LINE = '\x15';
const SPACE = 0x20;
const END = ['\r', '\n'];

export class AttachDialog {
  readonly #screen: QuestionScreen;
  readonly #rest: (bytes: Uint8Array) => void;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Ends the wait for what is being settled; undefined: nothing is. */
  #abandon: (() => void) | undefined;
  /** When a wait for the server began. */
  #since = 0;
  #question: Question | undefined;
  #ahead: Uint8Array = new Uint8Array();
  #decoder = new TextDecoder();

  /** `rest`: gets what was typed after the last answer. */
  constructor(screen: QuestionScreen, clock: Pick<Clock, 'monotonic'>, rest: (bytes: Uint8Array) => void) {
    this.#clock = clock;
    this.#screen = screen;
    this.#rest = rest;
  }

  /** All that is typed is for `feed`. */
  get isOpen(): boolean {
    return this.#abandon !== undefined;
  }

  /** Something that may have questions. */
  async settle(matter: (ask: Asking) => Promise<void>): Promise<void> {
    const { promise: abandoned, resolve } = Promise.withResolvers<void>();
    this.#abandon = resolve;
    this.#since = this.#clock.monotonic();
    const ask = async (kind: Question['kind'], question: string) =>
      this.#abandon === resolve ? this.#ask(kind, question) : undefined;
    try {
      const asking: Asking = {
        yes: async (question) => (await ask('key', `${question} [y/N]`)) === 'y',
        line: (question) => ask('line', question),
      };
      await Promise.race([matter(asking), abandoned]);
    } finally {
      this.#abandon = undefined;
      this.#decoder = new TextDecoder();
      const rest = this.#ahead;
      this.#ahead = new Uint8Array();
      this.#rest(rest);
    }
  }

  feed(bytes: Uint8Array): void {
    const waits = this.#question === undefined && this.#clock.monotonic() - this.#since >= PATIENCE_MS;
    const cut = waits ? bytes.findIndex((byte) => byte < SPACE && byte !== CR && byte !== LF) : -1;
    if (cut >= 0) {
      this.#ahead = bytes.subarray(cut);
      this.#abandon?.();
      return;
    }
    const all = Buffer.concat([this.#ahead, bytes]);
    this.#ahead = all.subarray(0, MAX_AHEAD_BYTES);
    this.#go();
  }

  /** Nobody will answer: what is asked gets no answer. */
  cancel(): void {
    this.#ahead = new Uint8Array();
    this.#answered(undefined);
  }

  #ask(kind: Question['kind'], text: string): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#question = { kind, answer: resolve, text: '' };
    this.#screen.question(text, () => this.cancel());
    this.#go();
    return promise;
  }

  #go(): void {
    while (this.#question !== undefined && this.#ahead.length > 0) {
      const byte = this.#ahead.subarray(0, 1);
      this.#ahead = this.#ahead.subarray(1);
      // A character may come in several bytes.
      for (const character of this.#decoder.decode(byte, { stream: true })) {
        this.#typed(this.#question, character);
      }
    }
  }

  #typed(question: Question, character: string): void {
    if (question.kind === 'key') {
      const isYes = character.toLowerCase() === 'y';
      this.#echo(isYes || character > ' ' ? character : '');
      if (!isYes) {
        // Such as the rest of what an arrow key sends.
        this.#ahead = new Uint8Array();
      }
      this.#answered(isYes ? 'y' : undefined);
    } else if (END.includes(character)) {
      const text = question.text.trim();
      this.#answered(text === '' ? undefined : text);
    } else if (ERASE.includes(character)) {
      this.#erase(question, [...question.text].length - 1);
    } else if (character === KILL_LINE) {
      this.#erase(question, 0);
    } else if (character < ' ') {
      // ^C, Escape, ^]...
      this.cancel();
    } else if (question.text.length < LONGEST) {
      question.text += character;
      this.#echo(character);
    }
  }

  /** All but the first so many characters. */
  #erase(question: Question, kept: number): void {
    const characters = [...question.text];
    const cells = width(characters.slice(Math.max(0, kept)).join(''));
    question.text = characters.slice(0, Math.max(0, kept)).join('');
    this.#echo('\b \b'.repeat(cells));
  }

  #echo(text: string): void {
    if (text !== '') {
      this.#screen.echo(text);
    }
  }

  #answered(text: string | undefined): void {
    const question = this.#question;
    this.#question = undefined;
    if (question) {
      this.#since = this.#clock.monotonic();
      this.#screen.answered();
      question.answer(text);
    }
  }
}
