/**
 * A terminal that answers every query it knows, for what must contain none. Written after xterm.js and ECMA-48, and without any
 * part of ours; `bytes` decides what bytes are that are not UTF-8: controls and letters of 8 bits, unknown characters, or nothing.
 */

export type View = 'letters' | 'unknown' | 'nothing';

type Mode = 'ground' | 'escape' | 'csi' | 'osc' | 'dcs' | 'apc' | 'ignored';

const STRINGS: Readonly<Record<string, Mode>> = { ']': 'osc', P: 'dcs', _: 'apc', '^': 'ignored', X: 'ignored' };
const STRING: ReadonlySet<Mode> = new Set(['osc', 'dcs', 'apc', 'ignored']);
const UTF8 =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|./gs;
/** Private marker, intermediates and final of a CSI that is answered. */
const CSI_QUERY = /^(?:[>=]?c|\??n|x|>q|\??\$p|\?u|\?m|\?g|\?S|\$u|\$w|&u|,u|'\||\*y|"v|\+x|#R|#\||#S|> q)$/;
const WINDOW_QUERY = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21]);

/** The queries that are answered. */
export function answersTo(bytes: Uint8Array, view: View, honoursC1 = true): string[] {
  const terminal = new AnsweringTerminal(honoursC1);
  for (const [character] of Buffer.from(bytes).toString('latin1').matchAll(UTF8)) {
    const decoded = Buffer.from(character, 'latin1').toString();
    if (character.length > 1 || character < '\x80' || view === 'unknown') {
      terminal.take(decoded);
    } else if (view === 'letters') {
      terminal.take(character);
    }
  }
  return terminal.answered;
}

class AnsweringTerminal {
  readonly answered: string[] = [];
  readonly #honoursC1: boolean;
  #mode: Mode = 'ground';
  #text = '';

  constructor(honoursC1: boolean) {
    this.#honoursC1 = honoursC1;
  }

  take(character: string): void {
    const code = character.codePointAt(0) as number;
    if (code === 0x18 || code === 0x1a) {
      this.#enter('ground');
    } else if (code === 0x1b) {
      // Whether ST follows is not waited for.
      this.#finish();
      this.#enter('escape');
    } else if (code >= 0x80 && code < 0xa0) {
      if (this.#honoursC1) {
        if (code === 0x9c) {
          this.#finish();
        }
        this.#enter('escape');
        this.take(String.fromCharCode(code - 0x40));
      }
    } else if (STRING.has(this.#mode)) {
      if (code === 0x07 && this.#mode === 'osc') {
        this.#finish();
      } else if (code >= 0x20 && code !== 0x7f) {
        this.#text += character;
      }
    } else if (code < 0x20 || code === 0x7f) {
      if (code === 0x05) {
        this.answered.push('ENQ');
      }
    } else if (code >= 0xa0) {
      this.#enter('ground');
    } else {
      this.#graphic(character);
    }
  }

  #graphic(character: string): void {
    if (this.#mode === 'escape') {
      const string = this.#text === '' ? STRINGS[character] : undefined;
      if (string) {
        this.#enter(string);
      } else if (this.#text === '' && character === '[') {
        this.#enter('csi');
      } else {
        this.#text += character;
        this.#finishIf(character >= '0');
      }
    } else if (this.#mode === 'csi') {
      this.#text += character;
      this.#finishIf(character >= '@');
    }
  }

  #enter(mode: Mode): void {
    this.#mode = mode;
    this.#text = '';
  }

  #finishIf(over: boolean): void {
    if (over) {
      this.#finish();
    }
  }

  #finish(): void {
    const text = this.#text;
    const asks =
      (this.#mode === 'escape' && text === 'Z') ||
      (this.#mode === 'csi' && /[@-~]$/.test(text) && csiAsks(text)) ||
      (this.#mode === 'osc' && oscAsks(text)) ||
      (this.#mode === 'dcs' && /^[0-9;]*(?:\$q|\+q|p|tmux;)/.test(text)) ||
      (this.#mode === 'apc' && text.startsWith('G'));
    if (asks) {
      this.answered.push(`${this.#mode} ${text}`);
    }
    this.#enter('ground');
  }
}

function csiAsks(text: string): boolean {
  const marker = /^[<-?]/.exec(text)?.[0] ?? '';
  const numbers = text
    .replace(/^[<-?]/, '')
    .split(/[;:]/)
    .map(Number.parseFloat);
  // Unexpected input is ignored, as by a careless terminal.
  const kind = marker + text.replace(/[0-9:;<-?]/g, '');
  return (
    CSI_QUERY.test(kind) ||
    (kind === 't' && WINDOW_QUERY.has(numbers[0] ?? 0)) ||
    (kind === '?h' && (numbers.includes(1004) || numbers.includes(2048)))
  );
}

function oscAsks(text: string): boolean {
  const [number = '', ...fields] = text.split(';');
  if (!/^\d+$/.test(number)) {
    return false;
  }
  const which = Number(number);
  return (
    which === 60 ||
    which === 61 ||
    ((which === 4 || which === 5) && fields.some((field, at) => at % 2 === 1 && field === '?')) ||
    (which >= 10 && which <= 19 && fields.some((field) => field === '?')) ||
    (which === 21 && fields.some((field) => field.endsWith('=?'))) ||
    ((which === 3 || which === 22 || which === 50) && (fields[0] ?? '').startsWith('?')) ||
    (which === 52 && fields[1] === '?') ||
    (which === 1337 && /^(?:Report|Request|Capabilities)/.test(fields[0] ?? ''))
  );
}
