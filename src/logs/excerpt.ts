/** The lines to show of a log: those found, in a period, with some lines around them. */
import { LF } from '../model/ascii.ts';
import { lineEnd, lineStart, lineText } from './line-finder.ts';
import { LineTimes } from './line-times.ts';

export interface FoundLine {
  readonly line: string;
  /** Its time, or that of a line shortly before it, milliseconds since 1970. */
  readonly time: number | undefined;
  /** A line near a match, shown for context. */
  readonly context: boolean;
  /** In a search with context: lines between this one and the one shown before it are left out. */
  readonly gap: boolean;
}

export interface ExcerptOptions {
  /** Lines of context. */
  readonly before: number;
  readonly after: number;
  /** Whether to show a line of this time. */
  readonly shows: (time: number | undefined) => boolean;
}

/** Of the lines before a match only those so near are shown. */
const KEPT_BYTES = 1 << 20;

interface Line {
  /** Position in the stream. */
  readonly at: number;
  /** The position behind it. */
  readonly next: number;
  readonly text: string;
  readonly time: number | undefined;
}

export class Excerpt {
  readonly #options: ExcerptOptions;
  readonly #times = new LineTimes();
  #block: Buffer = Buffer.alloc(0);
  #base = 0;
  /** The position behind the last line shown. */
  #shown: number | undefined;
  /** Lines still to show as context. */
  #after = 0;
  /** The last lines of earlier blocks. */
  #kept: Line[] = [];

  constructor(options: ExcerptOptions) {
    this.#options = options;
  }

  /** The lines to show of a block at a position of the stream, `hits` as `LineFinder` gives them; and the time at its end. */
  take(
    block: Buffer,
    base: number,
    hits: readonly number[],
  ): { found: readonly FoundLine[]; time: number | undefined } {
    this.#block = block;
    this.#base = base;
    this.#times.begin(block, base);
    const found: FoundLine[] = [];
    for (let at = 0; at < hits.length; at += 2) {
      const from = hits[at] as number;
      this.#showAfter(found, from);
      const early = this.#times.known;
      const line = this.#line(from, hits[at + 1] as number);
      if (!this.#options.shows(line.time)) {
        continue;
      }
      // Not earlier: outside of the period it would be read in vain, most of it once for each match.
      for (const each of this.#times.again(early, () => this.#linesBefore(from))) {
        this.#show(found, each, true);
      }
      this.#show(found, line, false);
      this.#after = this.#options.after;
    }
    this.#showAfter(found, block.length);
    this.#kept = this.#linesBefore(block.length);
    const time = this.#times.end();
    this.#block = Buffer.alloc(0);
    return { found, time };
  }

  /** The context behind the last match, up to a place of the block. */
  #showAfter(found: FoundLine[], to: number): void {
    for (let from = this.#next(); this.#after > 0 && from < to; from = this.#next()) {
      this.#after--;
      this.#show(found, this.#line(from, lineEnd(this.#block, from)), true);
    }
  }

  /** The place behind the last line shown. */
  #next(): number {
    return Math.max(0, (this.#shown ?? this.#base) - this.#base);
  }

  /** Those that may be context for a line at this place. */
  #linesBefore(to: number): Line[] {
    const first = this.#next();
    const places: { from: number; end: number }[] = [];
    for (let from = to; from > first && places.length < this.#options.before && to - from < KEPT_BYTES; ) {
      const end = this.#block[from - 1] === LF ? from - 1 : from;
      from = lineStart(this.#block, end);
      places.push({ from, end });
    }
    // Times are found fastest in the order of the lines.
    const lines = places.reverse().map(({ from, end }) => this.#line(from, end));
    if (first > 0 || lines.length === this.#options.before) {
      return lines;
    }
    const earlier = this.#kept.filter(({ at }) => at >= (this.#shown ?? 0));
    return [...earlier, ...lines].slice(-this.#options.before);
  }

  #line(from: number, end: number): Line {
    const next = this.#base + end + (end < this.#block.length ? 1 : 0);
    return { at: this.#base + from, next, text: lineText(this.#block, from, end), time: this.#times.of(from) };
  }

  #show(found: FoundLine[], { at, next, text, time }: Line, context: boolean): void {
    const { after, before, shows } = this.#options;
    const gap = before + after > 0 && this.#shown !== undefined && at > this.#shown;
    this.#shown = next;
    if (shows(time)) {
      found.push({ line: text, time, context, gap });
    }
  }
}
