/** A pane: lines that go on at their end, and are fetched from the log before their beginning. Pure. */
import { type Pane, type PaneKind, paneRows, type Request, type Step, type Top } from './state.ts';

/** Lines fetched from the log at once, and those that are asked for again to find where they join. */
export const CHUNK_LINES = 2000;
const JOIN_LINES = 3;
/** Capacity of a pane in characters; each line counts a fixed overhead besides its text. */
const MOST_CHARACTERS = 8 << 20;
const LINE_CHARACTERS = 32;
/** So much of a line is kept. */
export const LONGEST_LINE = 2000;

const NO_LOG_ABOVE: ReadonlySet<PaneKind> = new Set(['why', 'events']);
export const FROM_LOG = '-- from the log --';

export function opened(state: Top, kind: PaneKind, console: string): Step {
  const id = state.lastId + 1;
  const pane: Pane = {
    ...{ kind, console, id, lines: [], rest: '', top: undefined, left: 0, fromEnd: 0, cut: false, search: '' },
    ...{ older: NO_LOG_ABOVE.has(kind) ? 'none' : 'unknown', hit: undefined, seeking: false },
  };
  return { state: { ...state, pane, lastId: id }, requests: [{ kind: 'open', pane: kind, console, id }] };
}

export function withPane(state: Top, pane: Pane): Top {
  return { ...state, pane };
}

/** All lines, the unfinished one too. */
export function linesIn({ lines, rest, cut }: Pane): readonly string[] {
  return cut || rest === '' ? lines : [...lines, rest];
}

function countIn({ lines, rest, cut }: Pane): number {
  return lines.length + (cut || rest === '' ? 0 : 1);
}

/** The first line that is seen. */
export function topLine(state: Top, pane: Pane): number {
  const last = lastTop(state, pane);
  return pane.top === undefined ? last : Math.min(pane.top, last);
}

function lastTop(state: Top, pane: Pane): number {
  return Math.max(0, countIn(pane) - paneRows(state));
}

/** Lines came at the end. */
export function grown(pane: Pane, lines: readonly string[], rest: string): Pane {
  if (pane.cut) {
    return { ...pane, fromEnd: pane.fromEnd + lines.length };
  }
  const all = lines.length === 0 ? pane.lines : [...pane.lines, ...lines];
  const known = { ...pane, lines: all, rest, fromEnd: pane.fromEnd + lines.length };
  const excess = excessOf(all);
  if (excess === 0) {
    return known;
  }
  if (pane.top !== undefined) {
    // Somebody reads further up: what is new is let go.
    return { ...known, lines: all.slice(0, pane.lines.length), cut: true };
  }
  const some = Math.max(excess, CHUNK_LINES);
  return {
    ...known,
    lines: all.slice(some),
    fromEnd: Math.max(0, known.fromEnd - some),
    older: pane.older === 'none' && NO_LOG_ABOVE.has(pane.kind) ? 'none' : 'unknown',
    hit: undefined,
  };
}

/** Lines at the beginning that are too many. */
function excessOf(lines: readonly string[]): number {
  let room = MOST_CHARACTERS;
  for (let at = lines.length - 1; at >= 0; at--) {
    room -= (lines[at] as string).length + LINE_CHARACTERS;
    if (room < 0) {
      return at + 1;
    }
  }
  return 0;
}

/** Asks for what is before the first line. */
export function askOlder(state: Top, pane: Pane): Step {
  if (pane.older !== 'unknown') {
    return { state: withPane(state, pane), requests: [] };
  }
  const request: Request = {
    ...{ kind: 'past', console: pane.console, id: pane.id, tail: pane.fromEnd + CHUNK_LINES },
    most: CHUNK_LINES + (isJoined(pane) ? JOIN_LINES : pane.fromEnd),
  };
  return { state: withPane(state, { ...pane, older: 'asked' }), requests: [request] };
}

/** Whether its first lines are those of the log. */
function isJoined({ kind, lines }: Pane): boolean {
  return kind === 'log' || lines.includes(FROM_LOG);
}

/** Older lines came: they go before those that are there, as far as these are not among them. */
export function aged(state: Top, pane: Pane, found: readonly string[]): Pane {
  const at = joint(found, pane.lines);
  const joined = isJoined(pane);
  const older = found.slice(0, at ?? (joined ? 0 : Math.max(0, found.length - pane.fromEnd)));
  if (older.length === 0) {
    return { ...pane, older: 'none', seeking: false };
  }
  const more = joined ? older : [...older, FROM_LOG];
  const all = [...more, ...pane.lines];
  const kept = keptFromStart(all);
  const top = topLine(state, pane) + more.length;
  return {
    ...pane,
    lines: kept === all.length ? all : all.slice(0, kept),
    cut: pane.cut || kept < all.length,
    fromEnd: pane.fromEnd + older.length,
    older: 'unknown',
    top: pane.top === undefined ? undefined : top,
    hit: pane.hit === undefined ? undefined : pane.hit + more.length,
  };
}

function keptFromStart(lines: readonly string[]): number {
  let room = MOST_CHARACTERS;
  const end = lines.findIndex((line) => {
    room -= line.length + LINE_CHARACTERS;
    return room < 0;
  });
  return end < 0 ? lines.length : end;
}

/** Where in `found` the first of `lines` are. Lines of the log may have a stamp before them. */
function joint(found: readonly string[], lines: readonly string[]): number | undefined {
  const first = lines.slice(0, JOIN_LINES);
  if (first.length === 0) {
    return found.length;
  }
  for (let at = found.length - 1; at >= 0; at--) {
    if (first.every((line, next) => found[at + next]?.endsWith(line))) {
      return at;
    }
  }
  return undefined;
}

/** Scrolls; at the upper end older lines are asked for, at the lower one it follows what comes. */
export function scrolled(state: Top, pane: Pane, by: number): Step {
  const last = lastTop(state, pane);
  const wanted = topLine(state, pane) + by;
  const top = Math.max(0, Math.min(last, wanted));
  const next = { ...pane, top: wanted >= last && !pane.cut ? undefined : top };
  return wanted < 0 || top === 0 ? askOlder(state, next) : { state: withPane(state, next), requests: [] };
}

/** The end, where it follows; what was let go is fetched again. */
export function toEnd(state: Top, pane: Pane): Step {
  if (!pane.cut) {
    return { state: withPane(state, { ...pane, top: undefined }), requests: [] };
  }
  return opened(state, pane.kind, pane.console);
}

/** Letters of either case are one, unless the search has a capital. */
export function finder(search: string): (line: string) => boolean {
  if (/\p{Lu}/u.test(search)) {
    return (line) => line.includes(search);
  }
  return (line) => line.toLowerCase().includes(search);
}

/** Goes to the next hit: `-1` the one before, `1` the one after. */
export function sought(state: Top, pane: Pane, way: 1 | -1): Step {
  const { search } = pane;
  if (search === '') {
    return { state: said(state, "'/' searches here"), requests: [] };
  }
  const lines = linesIn(pane);
  const isHit = finder(search);
  const from = pane.hit === undefined ? (way < 0 ? topLine(state, pane) + paneRows(state) : -1) : pane.hit + way;
  const before = (line: string, at: number): boolean => at <= from && isHit(line);
  const after = (line: string, at: number): boolean => at >= from && isHit(line);
  const hit = way < 0 ? lines.findLastIndex(before) : lines.findIndex(after);
  if (hit >= 0) {
    const top = Math.max(0, Math.min(lastTop(state, pane), hit - Math.floor(paneRows(state) / 2)));
    return { state: withPane(state, { ...pane, hit, top, seeking: false }), requests: [] };
  }
  if (way < 0 && pane.older !== 'none') {
    // Lines already searched are not searched again.
    const seeking = { ...pane, seeking: true, hit: pane.hit === undefined && lines.length === 0 ? undefined : 0 };
    const step = askOlder(state, seeking);
    return { ...step, state: said(step.state, `searching the log for '${search}', Esc stops`) };
  }
  const where = way < 0 ? 'before this' : 'after this';
  return {
    state: said(
      withPane(state, { ...pane, seeking: false, hit: pane.seeking ? undefined : pane.hit }),
      `'${search}' is not ${where}`,
    ),
    requests: [],
  };
}

export function said(state: Top, text: string, bad = false): Top {
  return { ...state, message: { text, bad, at: state.now } };
}
