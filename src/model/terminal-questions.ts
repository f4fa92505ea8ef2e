/**
 * Removes terminal queries from old output: the terminal would answer them as if the user had typed, and the program
 * that once asked has its answer. Pure.
 */
import { ESC, LF } from './ascii.ts';
import { type ControlSequence, TerminalScanner } from './terminal-scanner.ts';

const ENQ = 0x05;
/** Stands for any character that is not a control character. */
const REPLACEMENT = 0xfffd;
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
const REPORTED: ReadonlySet<string> = new Set(['11', '13', '14', '15', '16', '18', '19', '20', '21']);
/** Private modes that produce an answer when set: focus, size in the stream. */
const ANSWERED: ReadonlySet<string> = new Set(['1004', '2048']);
/** OSC numbers whose text may contain queries: titles, directory, link, notices, marks. */
const FREE_TEXT: ReadonlySet<string> = new Set(['0', '1', '2', '7', '8', '9', '133', '633', '777']);
/** OSC numbers that are always answered: features of xterm, clipboard of kitty. */
const ANSWERED_OSC: ReadonlySet<string> = new Set(['60', '61', '5522']);

/** The replacement for a sequence, one character per byte; undefined: the sequence itself. */
function instead({ kind, text, whole }: ControlSequence): string | undefined {
  switch (kind) {
    case 'escape':
      return text === 'Z' ? '' : undefined;
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
  const [, marker = '', parameters = '', rest = ''] = /^([<-?]?)([0-9:;<-?]*)([ -/]*[@-~])$/.exec(text) ?? [];
  if (ASKING.has(marker + rest) || (marker + rest === 't' && REPORTED.has(String(Number(parameters.split(';')[0]))))) {
    return '';
  }
  if (marker + rest === '?h') {
    const modes = parameters.split(';');
    const left = modes.filter((mode) => !ANSWERED.has(String(Number(mode))));
    return left.length === modes.length ? undefined : left.length === 0 ? '' : `\x1b[?${left.join(';')}h`;
  }
  return undefined;
}

function oscAsks(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals ignore them within a string
  const [number = '', ...fields] = text.replace(/[\x00-\x1f\x7f]/g, '').split(';');
  if (FREE_TEXT.has(number)) {
    return false;
  }
  return (
    ANSWERED_OSC.has(number) ||
    (number === '1337' && /^(?:Report|Request|Capabilities)/.test(fields[0] ?? '')) ||
    fields.some((field) => field.startsWith('?') || field.includes('=?'))
  );
}

/** Filters a stream of bytes from a place in the past up to now. */
export class QuestionFilter {
  readonly #scanner = new TerminalScanner();
  /** Of the unfinished sequence. */
  #held: number[] = [];
  /** It began with an 8-bit control: a letter in some code pages. */
  #doubtful = false;
  /** Bytes of the unfinished UTF-8 character. */
  #character: number[] = [];
  #following = 0;
  #out: number[] = [];

  /** Pending bytes: whether they are a query is not known yet. */
  get pending(): number {
    return this.#held.length + this.#character.length;
  }

  /** The bytes that may be shown, including earlier pending ones. */
  feed(bytes: Uint8Array): Uint8Array {
    for (const byte of bytes) {
      if (byte !== ENQ) {
        this.#take(byte);
      }
    }
    const out = Uint8Array.from(this.#out);
    this.#out = [];
    return out;
  }

  /**
   * The past is over. Pending bytes are returned unchanged if the rest is to follow; otherwise only what may be a
   * letter.
   */
  end(goesOn: boolean): Uint8Array {
    const rest = goesOn || this.#doubtful ? [...this.#held, ...this.#character] : this.#character;
    this.#held = [];
    this.#character = [];
    return Uint8Array.from(rest);
  }

  /**
   * A byte from 0x80 to 0x9f is a control character if it is not part of a UTF-8 character, or if that character
   * encodes one.
   */
  #take(byte: number): void {
    if (this.#following > 0 && (byte & 0xc0) === 0x80) {
      this.#character.push(byte);
      if (--this.#following === 0) {
        const bytes = this.#character;
        this.#character = [];
        this.#scan(bytes[0] === 0xc2 ? byte : REPLACEMENT, bytes);
      }
      return;
    }
    const broken = this.#character;
    this.#character = [];
    this.#following = 0;
    for (const each of broken) {
      this.#scan(each, [each]);
    }
    this.#following = byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (this.#following > 0) {
      this.#character = [byte];
    } else {
      this.#scan(byte, [byte]);
    }
  }

  #scan(code: number, bytes: readonly number[]): void {
    const { inside, inString } = this.#scanner;
    const begins = !inside || (!inString && (code === ESC || code >= 0x80));
    switch (this.#scanner.take(code)) {
      case 'text':
        this.#breakOff();
        this.#out.push(...bytes);
        break;
      case 'control':
        // Within a sequence it acts before that does.
        if (this.#doubtful || !this.#scanner.inside) {
          this.#scanner.reset();
          this.#breakOff();
        }
        this.#out.push(...bytes);
        break;
      case 'part':
        if (begins) {
          this.#breakOff();
          this.#doubtful = code !== ESC && bytes.length === 1;
        }
        this.#hold(bytes);
        break;
      case 'over':
        if (begins) {
          this.#breakOff();
        }
        this.#held.push(...bytes);
        this.#judge();
        break;
      case 'cut':
        // Not every terminal supports it; without its terminator it would swallow what follows.
        this.#held.pop();
        this.#breakOff();
        this.#held = [ESC];
        this.#scan(code, bytes);
    }
  }

  #hold(bytes: readonly number[]): void {
    if (this.#scanner.overlong) {
      return;
    }
    this.#held.push(...bytes);
    if (this.#doubtful && (this.#held.length > LONGEST_DOUBT || bytes[0] === LF)) {
      this.#scanner.reset();
      this.#breakOff();
    }
  }

  /** An aborted sequence means nothing to a terminal. */
  #breakOff(): void {
    if (this.#doubtful) {
      this.#out.push(...this.#held);
    }
    this.#held = [];
    this.#doubtful = false;
  }

  #judge(): void {
    const shown = instead(this.#scanner.sequence);
    this.#out.push(...(shown === undefined ? this.#held : Array.from(shown, (each) => each.charCodeAt(0))));
    this.#held = [];
    this.#doubtful = false;
  }
}

/** The showable part of the last pieces of a stream, in order. */
export function withoutQuestions(pieces: readonly Uint8Array[]): Uint8Array[] {
  const filter = new QuestionFilter();
  const shown = pieces.map((piece) => filter.feed(piece));
  const rest = filter.end(false);
  return rest.length === 0 ? shown : [...shown, rest];
}
