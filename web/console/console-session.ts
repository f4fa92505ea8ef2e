/** One console in a terminal: its output, the keyboard, typed input. State shown outside the terminal is in signals. */
import { signal } from '@preact/signals';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { type ITheme, Terminal } from '@xterm/xterm';
import { AttachClient, type Follower } from '../../src/client/attach-client.ts';
import { FarHost } from '../../src/client/far-host.ts';
import { PASSING } from '../../src/client/passing.ts';
import type { SessionInfo } from '../../src/model/api.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import { userText } from '../../src/model/principal.ts';
import { withLocalTimes } from '../../src/model/time-text.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { CONSOLE_TEXTS } from '../texts/console.ts';
import { FAULTS } from '../texts/page.ts';
import { BrowserTransport } from '../transport.ts';

export type Phase =
  | { readonly is: 'connecting' | 'history' | 'live' }
  | { readonly is: 'waiting' | 'over'; readonly reason: string };

/** The question before the keyboard is taken. */
export interface Question {
  /** The user who loses it; undefined: it is free. */
  readonly from: SessionInfo | undefined;
  readonly wantsReason: boolean;
}

/** Lines of a console that are loaded and kept. */
export interface Kept {
  /** History at first. */
  readonly history: number;
  /** Scrollback of the terminal. */
  readonly scrollback: number;
  /** Output that may be on the way. */
  readonly windowBytes: number;
}

export const WHOLE: Kept = { history: 2000, scrollback: 10_000, windowBytes: 256 * 1024 };
/** Side by side with others: all nine are parsed by one thread. */
export const FEW: Kept = { history: 300, scrollback: 1500, windowBytes: 64 * 1024 };
/** Of what is typed or pasted, at a time: the server takes 64 KiB. */
const PIECE_BYTES = 16_384;
const RETRY_MS = 1000;
/** How long a notice stays. */
const NOTICE_MS = 8000;
/** Minimum contrast of the terminal: WCAG ratios AA and AAA. */
const CONTRAST = { usual: 4.5, more: 7 };
const FONT = 'ui-monospace, "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace';

const encoder = new TextEncoder();

export class ConsoleSession {
  readonly phase = signal<Phase>({ is: 'connecting' });
  readonly writer = signal<SessionInfo | undefined>(undefined);
  readonly isMine = signal(false);
  /** Why the keyboard is not to be had at all. */
  readonly refusal = signal<HoldfastError | undefined>(undefined);
  readonly question = signal<Question | undefined>(undefined);
  readonly notice = signal('');
  readonly terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #transport = new BrowserTransport();
  readonly #host = new FarHost(this.#transport);
  readonly #name: string;
  readonly #kept: Kept;
  /** Leaves the terminal with the focus. */
  readonly #leave: () => void;
  #client: AttachClient | undefined;
  #timers: { notice?: ReturnType<typeof setTimeout>; retry?: ReturnType<typeof setTimeout> } = {};
  #closed = false;

  constructor(name: string, fontSize: number, kept: Kept, leave: () => void) {
    this.#name = name;
    this.#kept = kept;
    this.#leave = leave;
    this.terminal = new Terminal({
      ...{ fontFamily: FONT, fontSize, scrollback: kept.scrollback, minimumContrastRatio: contrastNow() },
      ...{ disableStdin: true, theme: themeNow() },
    });
    this.terminal.loadAddon(this.#fit);
    this.terminal.loadAddon(this.#search);
    this.terminal.onData((text) => this.#type(encoder.encode(text)));
    this.terminal.onBinary((text) => this.#type(Uint8Array.from(text, (each) => each.charCodeAt(0))));
    this.terminal.onResize(({ cols, rows }) => this.#client?.resize(cols, rows));
    this.terminal.attachCustomKeyEventHandler((event) => this.#isForTerminal(event));
  }

  begin(element: HTMLElement): void {
    this.terminal.open(element);
    this.#fit.fit();
    this.#connect();
  }

  fit(): void {
    this.#fit.fit();
  }

  restyle(): void {
    this.terminal.options.theme = themeNow();
    this.terminal.options.minimumContrastRatio = contrastNow();
  }

  set fontSize(size: number) {
    this.terminal.options.fontSize = size;
    this.#fit.fit();
  }

  /** Asks first where somebody would lose it, or a reason is wanted. */
  take(): void {
    const from = this.writer.value;
    const wantsReason = this.refusal.value?.code === 'HF_REASON_NEEDED';
    if (from || wantsReason) {
      this.question.value = { from, wantsReason };
    } else {
      this.#client?.take(false);
    }
  }

  answered(reason: string): void {
    const { from } = this.question.value ?? {};
    this.question.value = undefined;
    this.#client?.take(from !== undefined, reason === '' ? undefined : reason);
  }

  giveBack(): void {
    this.#client?.release();
  }

  press(text: string): void {
    this.#type(encoder.encode(text));
  }

  /** The bytes an arrow key sends now. */
  arrow(letter: 'A' | 'B' | 'C' | 'D'): string {
    return `\x1b${this.terminal.modes.applicationCursorKeysMode ? 'O' : '['}${letter}`;
  }

  /** Whether it was found. */
  find(text: string, forwards: boolean): boolean {
    return text === '' || (forwards ? this.#search.findNext(text) : this.#search.findPrevious(text));
  }

  /** The selection, or everything. */
  async copy(): Promise<void> {
    const { terminal } = this;
    const isAll = !terminal.hasSelection();
    if (isAll) {
      terminal.selectAll();
    }
    const text = terminal.getSelection();
    if (isAll) {
      terminal.clearSelection();
    }
    await navigator.clipboard.writeText(text).then(
      () => this.tell(CONSOLE_TEXTS.copied),
      () => this.tell(CONSOLE_TEXTS.notCopied),
    );
  }

  tell(text: string): void {
    this.notice.value = text;
    clearTimeout(this.#timers.notice);
    this.#timers.notice = setTimeout(() => {
      this.notice.value = '';
    }, NOTICE_MS);
  }

  /** The network or the server is gone: it is retried. */
  suspect(): void {
    this.#transport.drop();
  }

  reconnect(): void {
    this.#client?.close();
    this.terminal.reset();
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timers.notice);
    clearTimeout(this.#timers.retry);
    this.#client?.close();
    this.terminal.dispose();
  }

  #connect(): void {
    this.phase.value = { is: 'connecting' };
    this.refusal.value = undefined;
    const client = new AttachClient(this.#host, this.#name, { write: false }, systemClock, this.#follower());
    this.#client = client;
    const begun = (): void => {
      this.phase.value = { is: 'history' };
      this.refusal.value = client.refusal;
    };
    client.open({ lines: this.#kept.history }, begun).catch((error: Error) => {
      if (this.#closed) {
        return;
      }
      const passes = error instanceof HoldfastError && PASSING.has(error.code);
      this.phase.value = { is: passes ? 'waiting' : 'over', reason: error.message };
      if (passes) {
        this.#timers.retry = setTimeout(() => this.#connect(), RETRY_MS);
      }
    });
  }

  #follower(): Follower {
    return {
      acknowledges: true,
      windowBytes: this.#kept.windowBytes,
      output: (bytes, _offset, shown) => this.terminal.write(bytes, shown),
      live: () => this.#shown(() => this.#goLive()),
      missed: (bytes) => this.#mark(CONSOLE_TEXTS.missed(bytes)),
      said: (text) => this.tell(text),
      writer: (holder, own) => this.#writerChanged(holder, own),
      refused: (code, detail) => this.#refused(new HoldfastError(code, detail)),
      lost: () => this.#lost(),
      back: (continued) => {
        if (!continued) {
          this.#mark(CONSOLE_TEXTS.newHolder);
        }
        this.refusal.value = this.#client?.refusal;
        this.#shown(() => this.#goLive());
      },
      ended: (reason) => this.#over(reason),
    };
  }

  /** When all that came before has been shown. */
  #shown(action: () => void): void {
    this.terminal.write('', () => this.#closed || action());
  }

  #goLive(): void {
    this.phase.value = { is: 'live' };
    this.#letType();
  }

  /** Never while history is shown: the terminal would answer what programs asked it long ago. */
  #letType(): void {
    this.terminal.options.disableStdin = !(this.isMine.value && this.phase.value.is === 'live');
    this.terminal.options.cursorBlink = !this.terminal.options.disableStdin;
  }

  #writerChanged(holder: SessionInfo | undefined, own: number): void {
    const isMine = holder?.id === own;
    if (this.isMine.value && !isMine && holder) {
      this.tell(CONSOLE_TEXTS.lostKeyboard(userText(holder)));
    }
    this.writer.value = holder;
    this.isMine.value = isMine;
    this.#letType();
    if (isMine) {
      const { cols, rows } = this.terminal;
      this.#client?.resize(cols, rows);
      this.terminal.focus();
    }
  }

  #refused(error: HoldfastError): void {
    if (error.code === 'HF_REASON_NEEDED') {
      this.question.value = { from: this.writer.value, wantsReason: true };
    } else {
      this.tell(withLocalTimes(error.message));
    }
  }

  #lost(): void {
    this.isMine.value = false;
    this.writer.value = undefined;
    this.phase.value = { is: 'waiting', reason: FAULTS.connection };
    this.#letType();
  }

  #over(reason: string): void {
    this.isMine.value = false;
    this.phase.value = { is: 'over', reason };
    this.#letType();
  }

  /** A line of our own, in its place among the output. */
  #mark(text: string): void {
    this.terminal.write(`\r\n\x1b[2;3m[-- ${text} --]\x1b[0m\r\n`);
  }

  #type(bytes: Uint8Array): void {
    if (this.isMine.value && this.phase.value.is === 'live') {
      for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
        this.#client?.input(bytes.subarray(from, from + PIECE_BYTES));
      }
    }
  }

  #isForTerminal(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') {
      return true;
    }
    const { altKey, ctrlKey, key, metaKey, shiftKey } = event;
    if (ctrlKey && key === ']') {
      event.preventDefault();
      this.#leave();
      return false;
    }
    if (ctrlKey && shiftKey && key.toLowerCase() === 'c') {
      event.preventDefault();
      void this.copy();
      return false;
    }
    if (this.isMine.value) {
      return true;
    }
    const scroll = SCROLLS[key];
    if (scroll !== undefined) {
      event.preventDefault();
      scroll(this.terminal);
    } else if (key.length === 1 && !ctrlKey && !metaKey && !altKey && this.phase.value.is === 'live') {
      this.tell(CONSOLE_TEXTS.readOnly);
    }
    // Tab goes on to what comes next on the page.
    return false;
  }
}

/** Of who watches. */
const SCROLLS: Readonly<Record<string, (terminal: Terminal) => void>> = {
  PageUp: (terminal) => terminal.scrollPages(-1),
  PageDown: (terminal) => terminal.scrollPages(1),
  ArrowUp: (terminal) => terminal.scrollLines(-1),
  ArrowDown: (terminal) => terminal.scrollLines(1),
  Home: (terminal) => terminal.scrollToTop(),
  End: (terminal) => terminal.scrollToBottom(),
};

function contrastNow(): number {
  return document.documentElement.dataset.contrast === 'more' ? CONTRAST.more : CONTRAST.usual;
}

/** As the style of the page has it. */
function themeNow(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--terminal-${name}`).trim();
  return {
    background: colour('background'),
    foreground: colour('foreground'),
    cursor: colour('foreground'),
    cursorAccent: colour('background'),
    selectionBackground: colour('selection'),
  };
}
