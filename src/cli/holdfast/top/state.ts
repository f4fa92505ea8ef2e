/** All that `holdfast top` knows and shows, as data, what comes to it and what it asks for. Pure. */

import type { Use } from '../../../client/uses.ts';
import type { ConsoleSummary } from '../../../model/api.ts';
import type { Key } from './keys.ts';

export type Verb = 'start' | 'stop' | 'restart' | 'hold' | 'release';
export type PaneKind = 'console' | 'log' | 'why' | 'events';

/** Lines of one console, and which of them are seen. */
export interface Pane {
  readonly kind: PaneKind;
  readonly console: string;
  /** Of the source of its lines: what others sent is ignored. */
  readonly id: number;
  /** Cleaned. */
  readonly lines: readonly string[];
  /** The line that has not ended: a prompt. */
  readonly rest: string;
  /** The first line that is seen; undefined: the last ones are, whatever comes. */
  readonly top: number | undefined;
  /** Columns that are to the left of what is seen. */
  readonly left: number;
  /** Lines of the log from its end to the first one here. */
  readonly fromEnd: number;
  readonly older: 'unknown' | 'asked' | 'none';
  /** Lines after the last one here were let go, or were never here. */
  readonly cut: boolean;
  readonly search: string;
  /** The line that was found. */
  readonly hit: number | undefined;
  /** Older lines are fetched until one is found. */
  readonly seeking: boolean;
}

/** A line that is typed. */
export type Input =
  | { readonly kind: 'filter' | 'search'; readonly text: string; readonly before: string }
  | ({ readonly kind: 'reason'; readonly text: string; readonly needed: boolean } & Intent);

/** A verb that is requested, and runs once all questions are answered. */
export interface Intent {
  readonly verb: Verb;
  readonly targets: readonly string[];
}

export interface Message {
  readonly text: string;
  readonly bad: boolean;
  /** When it came. */
  readonly at: number;
}

export interface Top {
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Trouble first. */
  readonly consoles: readonly ConsoleSummary[];
  /** Those that the filter shows. */
  readonly shown: readonly ConsoleSummary[];
  /** Trouble that the table does not show: a silent holder, dark links, logs that are not written. */
  readonly notes: readonly string[];
  readonly lostSince: number | undefined;
  readonly filter: string;
  readonly selected: string | undefined;
  /** Index of the selected one in `shown`, or where it was. */
  readonly at: number;
  /** The first line of the list. */
  readonly first: number;
  readonly marked: ReadonlySet<string>;
  readonly focus: 'list' | 'pane';
  readonly pane: Pane | undefined;
  readonly input: Input | undefined;
  readonly question: Intent | undefined;
  readonly help: boolean;
  readonly message: Message | undefined;
  /** Undefined: not asked for. */
  readonly usage: ReadonlyMap<string, Use> | undefined;
  /** Of the newest pane. */
  readonly lastId: number;
}

export type News =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'size'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'table'; readonly consoles: readonly ConsoleSummary[] }
  | { readonly kind: 'lost' }
  | {
      readonly kind: 'lines';
      readonly id: number;
      readonly lines: readonly string[];
      readonly rest: string;
      readonly anew?: boolean;
    }
  | { readonly kind: 'past'; readonly id: number; readonly lines: readonly string[] }
  | { readonly kind: 'pastFailed'; readonly id: number; readonly text: string }
  /** Whether a rule wants a reason for what was asked for. */
  | { readonly kind: 'wanted'; readonly intent: Intent; readonly wanted: 'asked' | 'required' | undefined }
  | {
      readonly kind: 'done';
      readonly intent: Intent;
      readonly refused: readonly { readonly name: string; readonly text: string }[];
    }
  | { readonly kind: 'said'; readonly text: string; readonly bad: boolean }
  | { readonly kind: 'usage'; readonly found: ReadonlyMap<string, Use> };

export type Request =
  | { readonly kind: 'open'; readonly pane: PaneKind; readonly console: string; readonly id: number }
  | { readonly kind: 'close' }
  /** The first `most` of the last `tail` lines of the log. */
  | {
      readonly kind: 'past';
      readonly console: string;
      readonly id: number;
      readonly tail: number;
      readonly most: number;
    }
  | { readonly kind: 'wanted'; readonly intent: Intent }
  | { readonly kind: 'act'; readonly intent: Intent; readonly reason: string | undefined }
  | { readonly kind: 'attach'; readonly console: string; readonly write: boolean }
  | { readonly kind: 'usage'; readonly on: boolean }
  | { readonly kind: 'redraw' | 'suspend' | 'leave' };

export interface Step {
  readonly state: Top;
  readonly requests: readonly Request[];
}

export const LEAST_COLUMNS = 40;
export const LEAST_ROWS = 8;
/** A terminal of so many lines shows list and pane together. */
export const SPLIT_ROWS = 30;

export function topOf(columns: number, rows: number, now: number): Top {
  return {
    ...{
      columns,
      rows,
      now,
      consoles: [],
      shown: [],
      notes: [],
      lostSince: undefined,
      filter: '',
      selected: undefined,
      at: 0,
      first: 0,
    },
    ...{
      marked: new Set<string>(),
      focus: 'list',
      pane: undefined,
      input: undefined,
      question: undefined,
      help: false,
    },
    ...{ message: undefined, usage: undefined, lastId: 0 },
  };
}

/** Lines above the table: the summary, and what is the matter. */
export function headRows(state: Top): number {
  return 1 + state.notes.length + (state.lostSince === undefined ? 0 : 1) + (filterShown(state) ? 1 : 0);
}

export function filterShown({ filter, input }: Top): boolean {
  return filter !== '' && input?.kind !== 'filter';
}

/** Lines for consoles: without what is above, the titles and the last line. */
export function listRows(state: Top): number {
  const { rows, pane } = state;
  const all = rows - headRows(state) - 2;
  return Math.max(1, pane && rows >= SPLIT_ROWS ? Math.floor(all / 3) : all);
}

/** Lines for a pane's text: without its title. */
export function paneRows(state: Top): number {
  const { rows } = state;
  return Math.max(1, rows >= SPLIT_ROWS ? rows - headRows(state) - 2 - listRows(state) - 1 : rows - 2);
}
