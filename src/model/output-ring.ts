/**
 * The recent output of one console, addressed by its offset in the whole stream: the source of readers' positions and
 * of history. Memory is append-only segments that are never written twice, so that a view handed to a socket stays
 * valid however long the socket takes.
 */

import { LF } from './ascii.ts';
import type { MemoryBudget } from './memory-budget.ts';

interface Segment {
  readonly start: number;
  readonly bytes: Uint8Array;
  used: number;
}

/** Half-open range of offsets. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

const SMALLEST_SEGMENT = 1024;
const LARGEST_SEGMENT = 65536;

export interface RingLimits {
  /** Bytes always kept. */
  readonly keep: number;
  /** Bytes kept at most, for readers that lag. */
  readonly most: number;
  /** Shared by all consoles: bytes beyond `keep` count, and are bounded by the console's share. */
  readonly budget?: MemoryBudget;
}

export class OutputRing {
  readonly #allocate: (size: number) => Uint8Array;
  readonly #limits: RingLimits;
  readonly #segments: Segment[] = [];
  /** Ranges written by the server rather than the source; in order, trimmed with the segments. */
  readonly #notes: Range[] = [];
  #head: number;
  /** Charged to the budget. */
  #taken = 0;

  /** `allocate` returns memory with arbitrary content; `start` is the stream's current offset. */
  constructor(limits: RingLimits, allocate = (size: number) => new Uint8Array(size), start = 0) {
    this.#limits = limits;
    this.#allocate = allocate;
    this.#head = start;
  }

  /** Offset after the last byte. */
  get head(): number {
    return this.#head;
  }

  /** Offset of the first byte still kept. */
  get tail(): number {
    return this.#segments[0]?.start ?? this.#head;
  }

  /** Forgets everything: the next byte has this offset. */
  restart(head: number): void {
    this.#segments.length = 0;
    this.#notes.length = 0;
    this.#head = head;
    this.#account();
  }

  /** Whether the byte at `offset` was written by the server, and where that run ends. */
  voiceAt(offset: number): { readonly note: boolean; readonly end: number } {
    const note = this.#notes.find(({ end }) => end > offset);
    if (note === undefined) {
      return { note: false, end: this.#head };
    }
    return note.start <= offset ? { note: true, end: note.end } : { note: false, end: note.start };
  }

  /** Appends output of the source. */
  append(data: Uint8Array): void {
    let rest = data;
    while (rest.length > 0) {
      let last = this.#segments.at(-1);
      if (last === undefined || last.used === last.bytes.length) {
        last = { start: this.#head, bytes: this.#allocate(this.#nextSize(last, rest.length)), used: 0 };
        this.#segments.push(last);
      }
      const room = last.bytes.length - last.used;
      if (rest.length <= room) {
        last.bytes.set(rest, last.used);
        last.used += rest.length;
        this.#head += rest.length;
        return;
      }
      const part = rest.subarray(0, room);
      last.bytes.set(part, last.used);
      last.used += part.length;
      this.#head += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** Appends a note of the server: in the stream like any byte, but not in the history. */
  note(data: Uint8Array): void {
    const start = this.#head;
    this.append(data);
    const last = this.#notes.at(-1);
    if (last?.end === start) {
      this.#notes[this.#notes.length - 1] = { start: last.start, end: this.#head };
    } else {
      this.#notes.push({ start, end: this.#head });
    }
  }

  /** Restores what came before the first byte still kept: bytes, and the ranges of notes among them. */
  prepend(data: Uint8Array, notes: readonly Range[]): void {
    const start = this.tail - data.length;
    this.#segments.unshift({ start, bytes: data, used: data.length });
    const first = this.#notes[0];
    const last = notes.at(-1);
    if (first && last && last.end === first.start) {
      this.#notes.splice(0, 1, ...notes.slice(0, -1), { start: last.start, end: first.end });
    } else {
      this.#notes.unshift(...notes);
    }
  }

  /** A view of what follows `offset`, as much as lies in one piece; empty at the head. `offset` must not be below `tail`. */
  read(offset: number): Uint8Array {
    const segment = this.#segments.findLast((candidate) => offset >= candidate.start);
    return segment?.bytes.subarray(offset - segment.start, segment.used) ?? new Uint8Array(0);
  }

  /** Releases what nobody needs: `needed` is the lowest offset that a reader waits for. */
  trim(needed = this.#head): void {
    const { budget, most } = this.#limits;
    const wanted = Math.max(Math.min(needed, this.#head - this.#limits.keep), this.#head - most);
    const keep = budget ? Math.max(wanted, this.#head - this.#limits.keep - budget.shareOfReaders) : wanted;
    const before = this.tail;
    this.#drop(keep);
    // Kept in whole segments: bytes before `needed` are not a loss.
    if (budget && keep > wanted && this.tail > Math.max(before, wanted)) {
      budget.bite(this.tail - Math.max(before, wanted));
    }
    this.#account();
  }

  /** Releases the segments that end before the offset `keep`. */
  #drop(keep: number): void {
    let drop = 0;
    // The last segment stays: it has room, and an empty console should not allocate for every line.
    while (drop < this.#segments.length - 1 && (this.#segments[drop + 1] as Segment).start <= keep) {
      drop++;
    }
    if (drop > 0) {
      this.#segments.splice(0, drop);
      const tail = this.tail;
      let gone = 0;
      while (gone < this.#notes.length && (this.#notes[gone] as Range).end <= tail) {
        gone++;
      }
      this.#notes.splice(0, gone);
    }
  }

  /** Reports the change to the budget. */
  #account(): void {
    const { budget, keep } = this.#limits;
    const beyond = Math.max(0, this.#head - this.tail - keep);
    if (budget && beyond !== this.#taken) {
      budget.take(beyond - this.#taken);
      this.#taken = beyond;
    }
  }

  /** The ranges of the source's last `lines` lines, oldest first; an unfinished line counts. */
  lastLines(lines: number): Range[] {
    const ranges: Range[] = [];
    let wanted = lines;
    for (const { start, end } of this.#spokenRanges().reverse()) {
      if (wanted <= 0) {
        break;
      }
      const from = this.#backOver(start, end, wanted);
      wanted = from.left;
      ranges.unshift({ start: from.offset, end });
    }
    return ranges;
  }

  /** The kept bytes between and around the notes. */
  #spokenRanges(): Range[] {
    const ranges: Range[] = [];
    let from = this.tail;
    for (const note of [...this.#notes, { start: this.#head, end: this.#head }]) {
      if (note.start > from) {
        ranges.push({ start: from, end: note.start });
      }
      from = Math.max(from, note.end);
    }
    return ranges;
  }

  /** Goes back from `end` over `lines` line ends; the line end at `end` itself closes the last line and is not counted. */
  #backOver(start: number, end: number, lines: number): { offset: number; left: number } {
    let left = lines;
    let before = end - 1;
    while (before > start) {
      const segment = this.#segmentOf(before - 1);
      const at = segment.bytes.lastIndexOf(LF, before - 1 - segment.start);
      if (at < 0) {
        before = segment.start;
      } else {
        before = segment.start + at;
        if (before >= start && --left === 0) {
          return { offset: before + 1, left };
        }
      }
    }
    return { offset: start, left: left - 1 };
  }

  #segmentOf(offset: number): Segment {
    return this.#segments.findLast((segment) => offset >= segment.start) as Segment;
  }

  /** Small for a quiet console, large for a flood: each next segment is four times the last. */
  #nextSize(last: Segment | undefined, wanted: number): number {
    const grown = last === undefined ? SMALLEST_SEGMENT : last.bytes.length * 4;
    return Math.min(Math.max(grown, Math.min(wanted, LARGEST_SEGMENT)), LARGEST_SEGMENT);
  }
}
