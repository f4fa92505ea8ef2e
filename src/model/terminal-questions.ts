/**
 * Removes terminal queries from old output: the terminal would answer them as if the user had typed, and the program
 * that once asked has its answer. Pure.
 */
import { ESC, LF } from './ascii.ts';
import { CharacterDecoder } from './character-decoder.ts';
import { type ControlSequence, TerminalScanner } from './terminal-scanner.ts';

const NUL = 0x00;
const ENQ = 0x05;
const CAN = 0x18;
const SUB = 0x1a;
const QUESTION_MARK = 0x3f;
const BACKSLASH = 0x5c;
/** Controls of 8 bits. */
const DCS = 0x90;
const CSI = 0x9b;
const ST = 0x9c;
const OSC = 0x9d;
const APC = 0x9f;
/** Bytes to wait for of a sequence that may not be a string, and at most one line. */
const LONGEST_DOUBT = 256;

/** CSI sequences that are queries, whatever their parameters: private marker, intermediate, final character. */
const ASKING: ReadonlySet<string> = new Set([
  // Device attributes, status, terminal parameters, version.
  ...['c', '>c', '=c', 'n', '?n', 'x', '>q'],
  // Modes (DECRQM); kitty keyboard; keys and their formats (XTQMODKEYS, XTQFMTKEYS); graphics (XTSMGRAPHICS).
  ...['$p', '?$p', '?u', '?m', '?g', '?S'],
  // State of terminal, presentation, preferred set, key type, locator, checksum, displayed extent, key memory.
  ...['$u', '$w', '&u', ',u', "'|", '*y', '"v', '+x'],
  // XTREPORTCOLORS, XTREPORTSGR, XTTITLEPOS; cursors of kitty.
  ...['#R', '#|', '#S', '> q'],
]);
/** First parameters of window operations that report. */
const REPORTED: ReadonlySet<number> = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21]);
/** Private modes that produce an answer when set: focus, size in the stream. */
const ANSWERED: ReadonlySet<number> = new Set([1004, 2048]);
/** OSC numbers whose text may contain queries: titles, directory, link, notices, marks. */
const FREE_TEXT: ReadonlySet<string> = new Set(['0', '1', '2', '7', '8', '9', '133', '633', '777']);
/** OSC numbers that are always answered: features of xterm, clipboard of kitty. */
const ANSWERED_OSC: ReadonlySet<string> = new Set(['60', '61', '5522']);

/** The beginning of a DCS that may become one of those that `instead` removes. */
const MAYBE_DCS = /^[0-9:;<=>?]*(?:$|[$+pt])/;

const isC1 = (code: number): boolean => code >= 0x80 && code < 0xa0;

/** The replacement for a sequence, one character per byte; undefined: the sequence itself. */
function instead({ kind, text: given, whole }: ControlSequence): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals ignore them within a sequence
  const text = given.replace(/[\x00-\x1f\x7f]/g, '');
  switch (kind) {
    case 'escape':
      // Another character set than UTF-8 makes controls of the bytes of letters.
      return text === 'Z' || /^%(?!G$)/.test(text) ? '' : undefined;
    case 'csi':
      return whole ? insteadOfCsi(text) : '';
    case 'osc':
      // Whether an overlong sequence is a query is unknown.
      return !whole || oscAsks(text) ? '' : undefined;
    case 'dcs':
      // DECRQSS, XTGETTCAP, resources; ReGIS and the control mode of tmux (p); what tmux passes on to its terminal (t).
      return !whole || /^[0-9:;<=>?]*(?:\$q|\+[qQ]|[pt])/.test(text) ? '' : undefined;
    case 'apc':
      // Graphics of kitty are acknowledged.
      return !whole || text.startsWith('G') ? '' : undefined;
    default:
      return whole ? undefined : '';
  }
}

function insteadOfCsi(text: string): string | undefined {
  const [, marker, parameters = '', rest = ''] = /^([<-?]?)([0-9:;]*)([ -/]*[@-~])$/.exec(text) ?? [];
  if (marker === undefined) {
    // No valid sequence: some terminals ignore it, others only what is wrong with it.
    return '';
  }
  const numbers = parameters.split(/[:;]/).map(Number);
  if (ASKING.has(marker + rest) || (marker + rest === 't' && REPORTED.has(numbers[0] ?? 0))) {
    return '';
  }
  if (marker + rest === '?h') {
    const left = numbers.filter((mode) => !ANSWERED.has(mode));
    return left.length === numbers.length ? undefined : left.length === 0 ? '' : `\x1b[?${left.join(';')}h`;
  }
  return undefined;
}

function oscAsks(text: string): boolean {
  const [first = '', ...fields] = text.split(';');
  const number = first.replace(/^0+(?=\d)/, '');
  // Without a number it is a title to some terminals, and nothing to others.
  if (FREE_TEXT.has(number) || !/^\d+$/.test(number)) {
    return false;
  }
  return (
    ANSWERED_OSC.has(number) ||
    (number === '1337' && /^(?:Report|Request|Capabilities)/.test(fields[0] ?? '')) ||
    fields.some((field) => field.startsWith('?') || field.includes('=?'))
  );
}

declare const replayed: unique symbol;

/** Output of the past that makes no terminal answer: the filter's own, so that no way in can leave it out. */
export type Replayed = Uint8Array & { readonly [replayed]: true };

/** Whether these bytes, an unfinished sequence of an 8-bit terminal, may become a query. */
function mayAsk([introducer, ...rest]: readonly number[]): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals ignore them within a sequence
  const text = String.fromCharCode(...rest).replace(/[\x00-\x1f\x7f]/g, '');
  return (
    introducer === CSI ||
    (introducer === OSC && /^\d|^$/.test(text)) ||
    (introducer === DCS && MAYBE_DCS.test(text)) ||
    (introducer === APC && /^G|^$/.test(text))
  );
}

/**
 * Filters a stream of bytes from a place in the past up to now. Its output makes no terminal answer, whether that takes bytes
 * that are not UTF-8 for controls of 8 bits, for unknown characters, or for nothing; it is never longer than the input.
 */
export class QuestionFilter {
  readonly #scanner = new TerminalScanner();
  readonly #decoder = new CharacterDecoder((code, bytes) => this.#scan(code, bytes));
  /** Of the unfinished sequence. */
  #held: number[] = [];
  /** It began with an 8-bit control that is not UTF-8: a letter in some code pages. */
  #doubtful = false;
  /** It is a string with bytes that are not UTF-8: what terminals make of those differs. */
  #unclear = false;
  /** Its last byte is not UTF-8. */
  #heldRaw = false;
  #out: number[] = [];
  /** The last byte of the output is not UTF-8: with what follows it could become a character. */
  #open = false;

  /** Pending bytes: whether they are a query is not known yet. */
  get pending(): number {
    return this.#held.length + this.#decoder.pending;
  }

  /** The bytes that may be shown, including earlier pending ones. */
  feed(bytes: Uint8Array): Replayed {
    for (const byte of bytes) {
      if (byte !== ENQ) {
        this.#decoder.take(byte);
      }
    }
    return this.#flush();
  }

  /**
   * The past is over. Pending bytes are returned unchanged if the rest is to follow; otherwise only what may be a
   * letter.
   */
  end(goesOn: boolean): Replayed {
    const unfinished = this.#decoder.end();
    if (goesOn) {
      this.#show([...this.#held, ...unfinished]);
    } else {
      for (const each of unfinished) {
        this.#scan(each, [each]);
      }
      this.#scanner.reset();
      this.#breakOff();
    }
    this.#forget();
    return this.#flush();
  }

  #flush(): Replayed {
    const out = Uint8Array.from(this.#out) as Uint8Array as Replayed;
    this.#out = [];
    return out;
  }

  #scan(code: number, bytes: readonly number[]): void {
    const scanner = this.#scanner;
    const raw = code >= 0x80 && bytes.length === 1;
    if (scanner.inString && raw && !this.#doubtful) {
      this.#unclear = true;
    }
    if (scanner.inString && isC1(code) && (code !== ST || (raw && !this.#doubtful))) {
      // Some terminals begin a sequence here, and others do not.
      scanner.reset();
      this.#breakOff();
    }
    const { inside, inString } = scanner;
    const begins = !inside || (!inString && (code === ESC || code >= 0x80));
    switch (scanner.take(code)) {
      case 'text':
        this.#breakOff(true);
        this.#show(bytes, raw);
        break;
      case 'control':
        // Within a sequence it acts before that does.
        if (this.#doubtful || !scanner.inside) {
          scanner.reset();
          this.#breakOff(code === CAN || code === SUB);
        }
        this.#show(bytes);
        break;
      case 'part':
        if (begins) {
          this.#breakOff();
          this.#doubtful = raw;
        }
        this.#hold(bytes, raw);
        break;
      case 'over':
        if (begins) {
          this.#breakOff();
        }
        this.#held.push(...bytes);
        this.#heldRaw = raw;
        this.#judge();
        break;
      case 'cut':
        // Not every terminal supports it; without its terminator it would swallow what follows.
        if (this.#held.at(-1) === ESC) {
          this.#held.pop();
        }
        this.#breakOff();
        this.#held = [ESC];
        this.#scan(code, bytes);
    }
  }

  #hold(bytes: readonly number[], raw: boolean): void {
    if (this.#scanner.overlong) {
      return;
    }
    this.#held.push(...bytes);
    // ESC does not belong to the sequence that it breaks off.
    this.#heldRaw = bytes[0] === ESC ? this.#heldRaw : raw;
    if (this.#doubtful && (this.#held.length > LONGEST_DOUBT || bytes[0] === LF)) {
      this.#scanner.reset();
      this.#breakOff();
    }
  }

  /**
   * An aborted sequence means nothing to a terminal. `ends`: what comes next ends it for an 8-bit terminal too; otherwise it
   * may go on there, with what was not part of it here.
   */
  #breakOff(ends = false): void {
    if (this.#doubtful) {
      const left = this.#held.at(-1) === ESC ? this.#held.splice(-1) : [];
      const held = this.#held;
      this.#show(ends || !mayAsk(held) ? held : [QUESTION_MARK, ...held.slice(1)], this.#heldRaw);
      this.#held = left;
      this.#drop();
    } else {
      this.#drop();
    }
    this.#forget();
  }

  #judge(): void {
    if (this.#held.at(-1) === ST && !this.#heldRaw) {
      // In UTF-8 it ends the string for some terminals only, and there what follows would be part of it.
      this.#held.splice(-2, 2, ESC, BACKSLASH);
    }
    const shown = this.#unclear ? '' : instead(this.#scanner.sequence);
    if (shown === '') {
      this.#drop();
    } else {
      this.#show(
        shown === undefined ? this.#held : Array.from(shown, (each) => each.charCodeAt(0)),
        shown === undefined && this.#heldRaw,
      );
    }
    this.#forget();
  }

  #forget(): void {
    this.#held = [];
    this.#doubtful = false;
    this.#unclear = false;
  }

  #show(bytes: readonly number[], open = false): void {
    if (bytes.length > 0) {
      this.#out.push(...bytes);
      this.#open = open && (bytes.at(-1) as number) >= 0x80;
    }
  }

  /** Separates the text before and after the held bytes, so that they do not join into one character. */
  #drop(): void {
    if (this.#open && this.#held.length > 0) {
      this.#show([NUL]);
    }
  }
}

/** The showable part of the last pieces of a stream, in order. */
export function withoutQuestions(pieces: readonly Uint8Array[]): Replayed[] {
  const filter = new QuestionFilter();
  const shown = pieces.map((piece) => filter.feed(piece));
  const rest = filter.end(false);
  return rest.length === 0 ? shown : [...shown, rest];
}

/** The same as they come. */
export async function* replay(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Replayed> {
  const filter = new QuestionFilter();
  for await (const piece of pieces) {
    yield filter.feed(piece);
  }
  yield filter.end(false);
}
