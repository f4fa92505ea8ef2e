/** Reads logs for a query of `log-query.ts`, a page of lines at a time, forwards or backwards. A new step cancels the one before. */
import { signal } from '@preact/signals';
import type { SearchItem } from '../../src/model/api.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import type { HostClient, SearchRequest } from '../../src/model/host-port.ts';
import { FAULTS } from '../texts/page.ts';
import {
  type After,
  afterOf,
  type Before,
  beforeOf,
  type LogLine,
  type LogWindow,
  looksBack,
  PAGE_LINES,
  withEarlier,
  withLater,
} from './log-pages.ts';
import { LASTS, type LogQuery } from './log-query.ts';

export type Step = 'newest' | 'oldest' | 'around' | 'earlier' | 'later';

export type Work =
  | { readonly is: 'done' | 'cancelled' }
  /** Bytes, as far as is known. */
  | { readonly is: 'busy'; readonly step: Step; readonly done: number; readonly all: number }
  | { readonly is: 'failed'; readonly reason: string };

/** How long a search may be silent, without even a report of progress. */
const PATIENCE_MS = 30_000;
/** Most characters of a line that are kept. */
const KEPT_CHARACTERS = 16_384;

type Range = Pick<SearchRequest, 'since' | 'until' | 'tail' | 'timed'>;

export class LogReader {
  readonly shown = signal<LogWindow>({ lines: [], before: 'nothing', after: 'nothing' });
  /** The step that led to the displayed lines. */
  readonly step = signal<Step>('newest');
  readonly work = signal<Work>({ is: 'done' });
  /** Why logs could not be searched, with their consoles. */
  readonly unsearched = signal<readonly (readonly [reason: string, console: string])[]>([]);
  readonly #host: Pick<HostClient, 'search'>;
  readonly #query: LogQuery;
  /** Names; undefined: all that may be read. */
  readonly #consoles: readonly string[] | undefined;
  readonly #since: number | undefined;
  readonly #until: number | undefined;
  readonly #now: () => number;
  readonly #unsearched = new Map<string, string>();
  #ended = new AbortController();
  #last = (): Promise<void> => this.begin();
  #lines = 0;

  /** `now`: wall time, milliseconds. */
  constructor(
    host: Pick<HostClient, 'search'>,
    query: LogQuery,
    consoles: readonly string[] | undefined,
    now: () => number,
  ) {
    this.#now = now;
    this.#host = host;
    this.#query = query;
    this.#consoles = consoles;
    this.#since = query.last === undefined ? query.since : now() - LASTS[query.last];
    this.#until = query.last === undefined ? query.until : undefined;
  }

  begin(): Promise<void> {
    return this.#query.at === undefined ? this.newest() : this.#around(this.#query.at);
  }

  newest(): Promise<void> {
    return this.#stepping('newest', async (ended) => {
      const way: Before = { until: this.#until, skip: 0 };
      const { isMore, page } = await this.#before(way, PAGE_LINES, ended);
      const from: After | undefined = isMore ? undefined : { since: this.#since, skip: 0, isTimed: false };
      return { lines: page, before: beforeOf(page, way, isMore), after: this.#afterOf(page, from) };
    });
  }

  oldest(): Promise<void> {
    return this.#stepping('oldest', async (ended) => {
      const way: After = { since: this.#since, skip: 0, isTimed: false };
      const page = await this.#after(way, PAGE_LINES, ended);
      return { lines: page, before: 'nothing', after: this.#afterOf(page, way) };
    });
  }

  earlier(): Promise<void> {
    const { before } = this.shown.peek();
    return typeof before === 'string'
      ? Promise.resolve()
      : this.#stepping('earlier', async (ended) => {
          const { isMore, page } = await this.#before(before, PAGE_LINES, ended);
          return withEarlier(this.shown.peek(), page, beforeOf(page, page.length === 0 ? undefined : before, isMore));
        });
  }

  later(): Promise<void> {
    const { after } = this.shown.peek();
    return typeof after === 'string'
      ? this.newest()
      : this.#stepping('later', async (ended) => {
          const page = await this.#after(after, PAGE_LINES, ended);
          return withLater(this.shown.peek(), page, page.length === 0 ? after : this.#afterOf(page, after));
        });
  }

  cancel(): void {
    if (this.work.peek().is === 'busy') {
      this.#ended.abort();
      this.work.value = { is: 'cancelled' };
    }
  }

  /** Repeats the last step from where it began. */
  again(): Promise<void> {
    return this.#last();
  }

  /** Cancels the request under way. */
  close(): void {
    this.#ended.abort();
  }

  #around(at: number): Promise<void> {
    return this.#stepping('around', async (ended) => {
      const [up, down]: [Before, After] = [
        { until: at - 1, skip: 0 },
        { since: at, skip: 0, isTimed: true },
      ];
      const below = await this.#after(down, PAGE_LINES / 2, ended);
      const { isMore, page } = await this.#before(up, PAGE_LINES / 2, ended);
      const after = this.#afterOf(below, down);
      return { lines: [...page, ...below], before: beforeOf(page, up, isMore), after };
    });
  }

  #afterOf(page: readonly LogLine[], way: After | undefined): LogWindow['after'] {
    return page.length === 0 ? (way ?? 'untold') : afterOf(page, way);
  }

  async #stepping(step: Step, act: (ended: AbortController) => Promise<LogWindow>): Promise<void> {
    this.#last = () => this.#stepping(step, act);
    this.#ended.abort();
    const mine = new AbortController();
    this.#ended = mine;
    this.#unsearched.clear();
    this.#tellUnsearched();
    this.work.value = { is: 'busy', step, done: 0, all: 0 };
    try {
      const shown = await act(mine);
      if (!mine.signal.aborted) {
        this.step.value = step;
        this.shown.value = shown;
        this.work.value = { is: 'done' };
      }
    } catch (error) {
      if (this.#ended === mine && this.work.peek().is === 'busy') {
        this.work.value = { is: 'failed', reason: (error as Error).message };
      }
    }
  }

  /** Searches the newest times first, and earlier ones only if that finds too little. */
  async #before(
    { skip, until }: Before,
    most: number,
    ended: AbortController,
  ): Promise<{ readonly page: readonly LogLine[]; readonly isMore: boolean }> {
    const end = until === undefined ? {} : { until };
    const wanted = most + skip;
    for (const from of looksBack(this.#since, until ?? this.#now())) {
      const isLast = from === this.#since;
      const begin = from === undefined ? {} : { since: from };
      const found: LogLine[] = [];
      // Lines without a time come before all others, also before those not searched.
      for await (const line of this.#search({ ...begin, ...end, tail: wanted, timed: !isLast }, ended)) {
        found.push(line);
      }
      if (isLast || ended.signal.aborted) {
        return { page: found.slice(0, Math.max(0, found.length - skip)), isMore: found[0]?.gap === true };
      }
      if (found.length === wanted) {
        return { page: found.slice(0, most), isMore: true };
      }
    }
    return { page: [], isMore: false };
  }

  async #after({ isTimed, since, skip }: After, most: number, ended: AbortController): Promise<readonly LogLine[]> {
    const page: LogLine[] = [];
    const range = {
      ...(since === undefined ? {} : { since }),
      ...(this.#until === undefined ? {} : { until: this.#until }),
      timed: isTimed,
    };
    let left = skip;
    for await (const line of this.#search(range, ended)) {
      if (left > 0) {
        left--;
      } else if (page.push(line) === most) {
        break;
      }
    }
    return page;
  }

  async *#search(range: Range, ended: AbortController): AsyncGenerator<LogLine> {
    const { at, context, isCased, isRegex, text } = this.#query;
    const isAll = at !== undefined;
    const request: SearchRequest = {
      pattern: isAll ? '' : text,
      fixed: isAll || !isRegex,
      ignoreCase: !isCased,
      ...(isAll || text === '' ? {} : { before: context, after: context }),
      ...(this.#consoles === undefined ? {} : { consoles: this.#consoles }),
      ...range,
    };
    let isSilent = false;
    const giveUp = (): void => {
      isSilent = true;
      ended.abort();
    };
    let timer = setTimeout(giveUp, PATIENCE_MS);
    try {
      for await (const item of this.#host.search(request, ended.signal)) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, PATIENCE_MS);
        if (item.kind === 'line') {
          yield this.#lineOf(item);
        } else {
          this.#told(item);
        }
      }
    } finally {
      clearTimeout(timer);
      this.#tellUnsearched();
    }
    if (isSilent) {
      throw new HoldfastError('HF_NO_ANSWER', FAULTS.silent);
    }
  }

  #lineOf({ console, context, gap, line, time }: Extract<SearchItem, { kind: 'line' }>): LogLine {
    const text = line.slice(0, KEPT_CHARACTERS);
    return {
      ...{ id: ++this.#lines, console, text, context, gap },
      time: time === null ? undefined : Date.parse(time),
    };
  }

  /** In batches, as there may be thousands. */
  #tellUnsearched(): void {
    if (this.unsearched.peek().length !== this.#unsearched.size) {
      this.unsearched.value = [...this.#unsearched];
    }
  }

  #told(item: Exclude<SearchItem, { kind: 'line' }>): void {
    const work = this.work.peek();
    switch (item.kind) {
      case 'progress':
        this.#tellUnsearched();
        if (work.is === 'busy') {
          this.work.value = { ...work, done: item.done, all: item.all };
        }
        break;
      case 'unsearched':
        this.#unsearched.set(item.reason, item.console);
        break;
      case 'failed':
        throw new HoldfastError('HF_BAD_REQUEST', item.reason);
    }
  }
}
