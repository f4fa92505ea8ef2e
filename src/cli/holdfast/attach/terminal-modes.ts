/**
 * What a program on the console has changed in the terminal that shows it, so that it can be restored at the end. Pure.
 */
import { type ControlSequence, TerminalScanner } from '../../../model/terminal-scanner.ts';

/** The alternate screen, in its variants. */
const OTHER_SCREEN: readonly string[] = ['?1049', '?1047', '?47'];
/** The variant that also restores the cursor of the main screen. */
const WITH_CURSOR = '?1049';
/** Lines are counted from the margin: leaving this mode moves the cursor. */
const ORIGIN = '?6';
/** Modes that outlive a program and spoil a shell; `?`: of DEC and its heirs. These are off by default: keys, origin, reverse, mouse... */
const OFF: ReadonlySet<string> = new Set([
  ...[...OTHER_SCREEN, '2', '4', '20', '?1', '?5', '?6', '?9', '?45', '?66', '?67', '?69', '?1000', '?1001', '?1002'],
  ...['?1003', '?1004', '?1005', '?1006', '?1015', '?1016', '?2004', '?2026', '?2031', '?2048', '?9001'],
]);
/** ...and these on: no local echo, wrap, repeat, the cursor; but for `?2` they are set again as any mode is. */
const ON: ReadonlySet<string> = new Set(['12', '?2', '?7', '?8', '?25']);
/** The only way out of VT52. */
const VT52 = '?2';

/** Undoing of a character set, by the character that designates one for the same place. */
const CHARACTER_SETS: Readonly<Record<string, string>> = {
  ...{ '(': '\x1b(B', ')': '\x1b)B', '*': '\x1b*B', '+': '\x1b+B' },
  ...{ '-': '\x1b)B', '.': '\x1b*B', '/': '\x1b+B' },
};
const TAB = 8;
/** The start of a control function, one character per byte. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal obeys
const CONTROL = /[\x0e\x0f\x1b]|\xc2[\x80-\x9f]/g;

export class TerminalModes {
  readonly #scanner = new TerminalScanner();
  /** Modes that differ from their default. */
  readonly #modes = new Set<string>();
  /** Further modes to undo, by kind. */
  readonly #undo = new Map<string, string>();
  /** Entries on the stacks of the kitty keyboard, one for each screen, and on that of titles. */
  #keyboards = [0, 0];
  #titles = 0;
  #tabs = false;
  /** The sequences that set another character set as G0, and that switch to another of the four. */
  #graphics = '';
  #shift = '';
  /** Whether the alternate screen was entered in origin mode, which comes back with the cursor. */
  #originBefore = false;
  /** The text so far ends with the first byte of what may be a control character of two. */
  #cut = false;

  /** `latin1`: the output, one character per byte. */
  seen(latin1: string): void {
    const text = this.#cut ? `\xc2${latin1}` : latin1;
    this.#cut = text.endsWith('\xc2');
    for (let at = 0; at < text.length; ) {
      if (!this.#scanner.inside) {
        CONTROL.lastIndex = at;
        const found = CONTROL.exec(text);
        if (!found) {
          return;
        }
        at = CONTROL.lastIndex;
        this.#take(text.charCodeAt(at - 1));
      } else {
        const code = text.charCodeAt(at++);
        // Within a string the bytes of a character are not a control characters.
        this.#take(code < 0x80 ? code : 0xfffd);
      }
    }
  }

  /** Selects plain letters for one of our lines, and then what was selected before. */
  get letters(): readonly [before: string, after: string] {
    const shifted = this.#undo.has('shift') ? ['\x0f', this.#shift] : ['', ''];
    const graphics = this.#graphics === '' ? ['', ''] : ['\x1b(B', this.#graphics];
    return [`${shifted[0]}${graphics[0]}`, `${graphics[1]}${shifted[1]}`];
  }

  /** Whether undoing puts the cursor into another place. */
  get moving(): boolean {
    return this.#tabs || this.#modes.has(ORIGIN) || this.#screen === 1;
  }

  /** The sequence that undoes what is on; empty if nothing is. `columns` of the terminal. */
  undo(columns = 80): string {
    const other = OTHER_SCREEN.filter((mode) => this.#modes.has(mode));
    const rest = [...this.#modes].filter((mode) => !OTHER_SCREEN.includes(mode) && mode !== VT52 && mode !== ORIGIN);
    const origin = this.#modes.has(ORIGIN) ? set(ORIGIN, false) : '';
    const lost = other.includes(WITH_CURSOR) ? origin !== '' && this.#originBefore : origin !== '' || other.length > 0;
    const off = rest.filter((mode) => OFF.has(mode));
    const on = rest.filter((mode) => ON.has(mode));
    const margins = this.#undo.get('margins') ?? '';
    return [
      this.#scanner.inside ? '\x18' : '',
      this.#modes.has(VT52) ? '\x1b<' : '',
      // Nothing is shown until then.
      this.#undo.get('printer') ?? '',
      // Moving the cursor home does no harm here.
      other.length > 0 ? `${this.#keyboard(1)}${margins}${origin}` : '',
      ...other.map((mode) => set(mode, false)),
      this.#keyboard(0),
      margins === '' ? '' : `\x1b7${margins}\x1b8`,
      lost ? `${origin}\x1b[999;1H` : '',
      ...off.map((mode) => set(mode, false)),
      ...on.map((mode) => set(mode, true)),
      ...this.#others(),
      this.#tabs ? `\x1b[3g\r${`\x1b[${TAB}C\x1bH`.repeat(Math.floor((columns - 1) / TAB))}\r` : '',
      '\x1b[23;0t'.repeat(this.#titles),
    ].join('');
  }

  #others(): readonly string[] {
    const elsewhere = ['margins', 'printer', 'keyboard 0', 'keyboard 1'];
    return [...this.#undo].filter(([what]) => !elsewhere.includes(what)).map(([, sequence]) => sequence);
  }

  /** Of this screen. */
  #keyboard(screen: 0 | 1): string {
    const pushed = this.#keyboards[screen] as number;
    return `${pushed > 0 ? `\x1b[<${pushed}u` : ''}${this.#undo.get(`keyboard ${screen}`) ?? ''}`;
  }

  #take(code: number): void {
    const taken = this.#scanner.take(code);
    if (taken === 'control' && (code === 0x0e || code === 0x0f)) {
      this.#shift = '\x0e';
      this.#note('shift', code === 0x0e ? '\x0f' : undefined);
    } else if (taken === 'over') {
      this.#obey(this.#scanner.sequence);
    } else if (taken === 'cut') {
      this.#obey(this.#scanner.sequence);
      this.#take(code);
    }
  }

  /** `sequence` undoes it; undefined: it is as it was. */
  #note(what: string, sequence: string | undefined): void {
    if (sequence === undefined) {
      this.#undo.delete(what);
    } else {
      this.#undo.set(what, sequence);
    }
  }

  #obey({ kind, text, whole }: ControlSequence): void {
    if (!whole) {
      return;
    }
    if (kind === 'escape') {
      this.#escape(text);
    } else if (kind === 'osc') {
      this.#osc(text.split(';'));
    } else if (kind === 'csi') {
      const [, marker = '', parameters = '', rest = ''] = /^([<-?]?)([0-9:;]*)([ -/]*[@-~])$/.exec(text) ?? [];
      this.#csi(marker, parameters.split(';'), rest);
    }
  }

  #escape(text: string): void {
    const setOf = CHARACTER_SETS[text[0] as string];
    if (setOf !== undefined) {
      const plain = text.slice(1) === 'B';
      this.#graphics = text.startsWith('(') ? (plain ? '' : `\x1b${text}`) : this.#graphics;
      this.#note(`set ${setOf}`, plain ? undefined : setOf);
      return;
    }
    switch (text) {
      case '=':
      case '>':
        this.#note('keypad', text === '=' ? '\x1b>' : undefined);
        break;
      case '<':
        this.#modes.delete(VT52);
        break;
      case 'n':
      case 'o':
        this.#shift = `\x1b${text}`;
        this.#note('shift', '\x0f');
        break;
      case '%@':
      case '%G':
        this.#note('coding', text === '%@' ? '\x1b%G' : undefined);
        break;
      case ' G':
      case ' F':
        this.#note('controls', text === ' G' ? '\x1b F' : undefined);
        break;
      case 'H':
        this.#tabs = true;
        break;
      case 'c':
        this.#modes.clear();
        this.#undo.clear();
        this.#keyboards = [0, 0];
        this.#tabs = false;
        this.#graphics = '';
    }
  }

  #csi(marker: string, parameters: readonly string[], rest: string): void {
    const first = parameters[0] as string;
    const plain = parameters.length === 1 && Number(first) === 0;
    switch (marker + rest) {
      case '?h':
      case '?l':
      case 'h':
      case 'l':
        for (const mode of parameters) {
          this.#mode(`${marker}${Number(mode)}`, rest === 'h');
        }
        break;
      case 'm':
        this.#note('rendition', plain ? undefined : '\x1b[0m');
        break;
      case '>m':
        this.#note(`keys ${first}`, parameters.length > 1 ? `\x1b[>${first}m` : undefined);
        break;
      case 'r':
        this.#note('margins', plain ? undefined : '\x1b[r');
        break;
      case ' q':
        this.#note('cursor', plain ? undefined : '\x1b[0 q');
        break;
      case '"q':
        this.#note('protection', plain ? undefined : '\x1b[0"q');
        break;
      case 'i':
      case '?i':
        this.#note('printer', first === '5' ? `\x1b[${marker}4i` : undefined);
        break;
      case '>u':
      case '<u':
        this.#push(marker === '>' ? 1 : -Math.max(1, Number(first)));
        break;
      case '=u':
        this.#note(`keyboard ${this.#screen}`, plain ? undefined : '\x1b[=0u');
        break;
      case 't':
        this.#titles = Math.max(0, this.#titles + (first === '22' ? 1 : first === '23' ? -1 : 0));
        break;
      case 'g':
        this.#tabs = true;
        break;
      case '?W':
        this.#tabs &&= first !== '5';
    }
  }

  #osc([number = '', ...fields]: readonly string[]): void {
    const asks = fields.some((field) => field === '?');
    if (number === '4') {
      this.#note('palette', asks ? this.#undo.get('palette') : '\x1b]104\x1b\\');
    } else if (number === '8') {
      this.#note('link', fields.slice(1).join('') === '' ? undefined : '\x1b]8;;\x1b\\');
    } else if (/^1[0-9]$/.test(number) && !asks) {
      // Each further colour belongs to the next number.
      for (const at of fields.keys()) {
        this.#note(`colour ${Number(number) + at}`, `\x1b]${Number(number) + at + 100}\x1b\\`);
      }
    } else if (/^1[01][0-9]$/.test(number)) {
      this.#note(number === '104' ? 'palette' : `colour ${Number(number) - 100}`, undefined);
    }
  }

  #mode(mode: string, on: boolean): void {
    if (on && OTHER_SCREEN.includes(mode) && this.#screen === 0) {
      this.#originBefore = this.#modes.has(ORIGIN);
    }
    if (ON.has(mode) ? !on : on && OFF.has(mode)) {
      this.#modes.add(mode);
    } else {
      this.#modes.delete(mode);
    }
  }

  get #screen(): 0 | 1 {
    return OTHER_SCREEN.some((mode) => this.#modes.has(mode)) ? 1 : 0;
  }

  #push(entries: number): void {
    this.#keyboards[this.#screen] = Math.max(0, (this.#keyboards[this.#screen] as number) + entries);
  }
}

function set(mode: string, on: boolean): string {
  return `\x1b[${mode}${on ? 'h' : 'l'}`;
}
