/** The actions of keys: one record each, from which the help is generated. Pure. */
import { moved, relisted, selectedOf } from './list.ts';
import { opened, scrolled, sought, toEnd, withPane } from './pane.ts';
import { listRows, type Pane, type PaneKind, paneRows, type Step, type Top, type Verb } from './state.ts';
import { intended } from './verbs.ts';

export interface Action {
  readonly keys: readonly string[];
  /** The keys as the help shows them. */
  readonly shown: string;
  readonly help: string;
  /** Brief, for the last line. */
  readonly brief?: string;
  /** Where it means this. */
  readonly where: 'list' | 'pane' | 'everywhere';
  readonly act: (state: Top) => Step;
}

const still = (state: Top): Step => ({ state, requests: [] });
/** Columns that a key moves a pane sideways. */
const SIDEWAYS = 20;

const move = (keys: readonly string[], shown: string, help: string, to: (state: Top) => number): Action => ({
  ...{ keys, shown, help, where: 'list' },
  act: (state) => {
    const next = moved(state, to(state));
    return next.pane && next.selected !== undefined && next.selected !== next.pane.console
      ? opened(next, next.pane.kind, next.selected)
      : still(next);
  },
});

const inPane = (
  keys: readonly string[],
  shown: string,
  help: string,
  act: (state: Top, pane: Pane) => Step,
): Action => ({
  ...{ keys, shown, help, where: 'pane' },
  act: (state) => (state.pane ? act(state, state.pane) : still(state)),
});

const shows = (key: string, pane: PaneKind, help: string, brief?: string): Action => ({
  ...{ keys: [key], shown: key, help, where: 'everywhere', ...(brief === undefined ? {} : { brief }) },
  act: (state) => show(state, pane),
});

const verb = (key: string, name: Verb, help: string): Action => ({
  ...{ keys: [key], shown: key, help, brief: name, where: 'everywhere' },
  act: (state) => intended(state, name),
});

function show(state: Top, kind: PaneKind): Step {
  const console = state.focus === 'pane' ? state.pane?.console : selectedOf(state)?.name;
  return console === undefined ? still(state) : opened({ ...state, focus: 'pane' }, kind, console);
}

function attach(state: Top, write: boolean): Step {
  const console = state.focus === 'pane' ? state.pane?.console : selectedOf(state)?.name;
  return { state, requests: console === undefined ? [] : [{ kind: 'attach', console, write }] };
}

function mark(state: Top): Step {
  const selected = selectedOf(state)?.name;
  if (selected === undefined) {
    return still(state);
  }
  const marked = new Set(state.marked);
  if (!marked.delete(selected)) {
    marked.add(selected);
  }
  return still(moved({ ...state, marked }, state.at + 1));
}

/** One level back, wherever one is. */
function back(state: Top): Step {
  if (state.pane?.seeking) {
    return still({ ...state, pane: { ...state.pane, seeking: false, hit: undefined }, message: undefined });
  }
  if (state.pane) {
    return { state: { ...state, pane: undefined, focus: 'list' }, requests: [{ kind: 'close' }] };
  }
  if (state.marked.size > 0) {
    return still({ ...state, marked: new Set() });
  }
  return still(relisted({ ...state, filter: '', message: undefined }));
}

/** From the list to the pane, which is opened where there is none, and back. */
function across(state: Top): Step {
  if (!state.pane) {
    return show(state, 'console');
  }
  return still({ ...state, focus: state.focus === 'list' ? 'pane' : 'list' });
}

function slash(state: Top): Step {
  const { pane, focus, filter } = state;
  const input =
    pane && focus === 'pane'
      ? { kind: 'search' as const, text: '', before: pane.search }
      : { kind: 'filter' as const, text: filter, before: filter };
  return still({ ...state, input });
}

export const ACTIONS: readonly Action[] = [
  move(['up', 'k'], 'up, k', 'the console above', ({ at }) => at - 1),
  move(['down', 'j'], 'down, j', 'the console below', ({ at }) => at + 1),
  move(['pageup', '^b'], 'PgUp', 'a page up', (state) => state.at - listRows(state)),
  move(['pagedown', '^f'], 'PgDn', 'a page down', (state) => state.at + listRows(state)),
  move(['home', 'g'], 'Home, g', 'the first console', () => 0),
  move(['end', 'G'], 'End, G', 'the last console', ({ shown }) => shown.length),
  { keys: ['space'], shown: 'space', help: 'mark it for the next verb', where: 'list', act: mark },
  {
    ...{ keys: ['enter'], shown: 'Enter', brief: 'look', where: 'list' },
    ...{ help: 'its output, live, to read', act: (state) => show(state, 'console') },
  },
  {
    keys: ['tab', 'backtab'],
    shown: 'Tab',
    help: 'to the pane, and back',
    where: 'everywhere',
    act: across,
  },
  inPane(['up', 'k'], 'up, k', 'a line back', (state, pane) => scrolled(state, pane, -1)),
  inPane(['down', 'j', 'enter'], 'down, j', 'a line on', (state, pane) => scrolled(state, pane, 1)),
  inPane(['pageup', '^b'], 'PgUp', 'a page back, into the log', (state, pane) =>
    scrolled(state, pane, -paneRows(state)),
  ),
  inPane(['pagedown', '^f', 'space'], 'PgDn', 'a page on', (state, pane) => scrolled(state, pane, paneRows(state))),
  inPane(['home', 'g'], 'Home, g', 'to the first line here', (state, pane) =>
    scrolled(state, pane, -pane.lines.length - 1),
  ),
  inPane(['end', 'G'], 'End, G', 'to the end, following it', toEnd),
  inPane(['left'], 'left', 'the beginning of long lines', (state, pane) =>
    still(withPane(state, { ...pane, left: Math.max(0, pane.left - SIDEWAYS) })),
  ),
  inPane(['right'], 'right', 'the rest of long lines', (state, pane) =>
    still(withPane(state, { ...pane, left: pane.left + SIDEWAYS })),
  ),
  inPane(['n'], 'n', 'the hit before this one', (state, pane) => sought(state, pane, -1)),
  inPane(['N'], 'N', 'the hit after this one', (state, pane) => sought(state, pane, 1)),
  {
    ...{ keys: ['/'], shown: '/', brief: 'filter', where: 'everywhere', act: slash },
    help: 'filter; in a pane: search',
  },
  shows('c', 'console', 'its output, live'),
  shows('l', 'log', 'its log', 'log'),
  shows('w', 'why', 'why it is or was down', 'why'),
  shows('e', 'events', 'its events', 'events'),
  {
    keys: ['a'],
    shown: 'a',
    help: 'attach; ^] d comes back',
    brief: 'attach',
    where: 'everywhere',
    act: (state) => attach(state, false),
  },
  {
    keys: ['A'],
    shown: 'A',
    help: 'attach with the keyboard',
    where: 'everywhere',
    act: (state) => attach(state, true),
  },
  verb('s', 'start', 'start it'),
  verb('x', 'stop', 'stop it'),
  verb('r', 'restart', 'restart it'),
  verb('h', 'hold', 'hold it, with a reason'),
  verb('u', 'release', 'end the hold'),
  {
    ...{ keys: ['m'], shown: 'm', help: 'processor time and memory', where: 'everywhere' },
    act: (state) => ({
      state: { ...state, usage: state.usage ? undefined : new Map() },
      requests: [{ kind: 'usage', on: state.usage === undefined }],
    }),
  },
  {
    keys: ['^l'],
    shown: '^L',
    help: 'draw everything again',
    where: 'everywhere',
    act: (state) => ({ state, requests: [{ kind: 'redraw' }] }),
  },
  {
    keys: ['^z'],
    shown: '^Z',
    help: 'stop for now; fg comes back',
    where: 'everywhere',
    act: (state) => ({ state, requests: [{ kind: 'suspend' }] }),
  },
  { keys: ['esc'], shown: 'Esc', help: 'one level back', where: 'everywhere', act: back },
  {
    keys: ['?', 'f1'],
    shown: '?',
    help: 'this list',
    brief: 'help',
    where: 'everywhere',
    act: (state) => still({ ...state, help: true }),
  },
  {
    keys: ['q', '^c'],
    shown: 'q',
    help: 'leave: nothing else ends',
    brief: 'quit',
    where: 'everywhere',
    act: (state) => ({ state, requests: [{ kind: 'leave' }] }),
  },
];

export function actionFor(state: Top, key: string): Action | undefined {
  return ACTIONS.find(({ keys, where }) => keys.includes(key) && (where === 'everywhere' || where === state.focus));
}
