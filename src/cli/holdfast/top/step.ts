/** The reducer: state and input to new state and requests. Pure. */
import { silenceText } from '../../../model/holder-silence.ts';
import { clean } from '../text/display.ts';
import { troubleNotes } from '../text/overview.ts';
import { local } from '../text/times.ts';
import { actionFor } from './actions.ts';
import type { Key } from './keys.ts';
import { moved, relisted } from './list.ts';
import { aged, grown, opened, said, sought, withPane } from './pane.ts';
import type { Input, News, Step, Top } from './state.ts';
import { asked, doneText, reasoned } from './verbs.ts';

/** A message stays for so long, and for so long whatever is typed. */
const MESSAGE_MS = 15_000;
const READ_MS = 1500;
const LONGEST_INPUT = 500;
/** A small terminal must have room for the list. */
const MOST_NOTES = 2;

const still = (state: Top): Step => ({ state, requests: [] });

export function step(before: Top, news: News, now: number): Step {
  const state = before.now === now ? before : { ...before, now };
  switch (news.kind) {
    case 'key':
      return onKey(news.key.name === '^l' ? state : withoutMessage(state, READ_MS), news.key);
    case 'size':
      return still(moved({ ...state, columns: news.columns, rows: news.rows }, state.at));
    case 'tick':
      return still(withoutMessage(state, MESSAGE_MS));
    case 'table':
      return onTable(state, news.consoles);
    case 'lost':
      return still({ ...state, lostSince: state.lostSince ?? now });
    case 'wanted':
      return asked(state, news);
    case 'done': {
      const { text, bad } = doneText(news);
      const rest = bad ? state : { ...state, marked: new Set<string>() };
      return still(said(rest, text, bad));
    }
    case 'said':
      return still(said(state, news.text, news.bad));
    case 'usage':
      return still(state.usage ? { ...state, usage: news.found } : state);
    default:
      return onPane(state, news);
  }
}

function withoutMessage(state: Top, after: number): Top {
  const { message, now } = state;
  return message && now - message.at > after ? { ...state, message: undefined } : state;
}

function onTable(state: Top, consoles: Top['consoles']): Step {
  const { pane, lostSince } = state;
  const next = relisted({ ...state, consoles, notes: notesOf(consoles), lostSince: undefined });
  // Its lines ended with the server; those of a console go on by themselves.
  const ended = lostSince !== undefined && pane && pane.kind !== 'console' && pane.top === undefined;
  const changed = pane?.kind === 'why' && whatOf(state, pane.console) !== whatOf(next, pane.console);
  return pane && (ended || changed) ? reopened(next) : still(next);
}

function notesOf(consoles: Top['consoles']): readonly string[] {
  const silent = consoles[0]?.holderSilent;
  const holder = silent ? [clean(silenceText(silent, local(silent.since)))] : [];
  return [...holder, ...troubleNotes(consoles)].slice(0, MOST_NOTES);
}

/** Of what `why` speaks. */
function whatOf({ consoles }: Top, name: string): string {
  const console = consoles.find((each) => each.name === name);
  return console ? [console.state, console.since, console.hold?.reason].join() : '';
}

/** The same lines from a new source, which replaces them when it has some. */
function reopened(state: Top): Step {
  const { pane } = state;
  if (!pane) {
    return still(state);
  }
  const next = opened(state, pane.kind, pane.console);
  return { ...next, state: withPane(next.state, { ...pane, id: next.state.lastId }) };
}

function onPane(state: Top, news: Extract<News, { id: number }>): Step {
  const { pane } = state;
  if (pane?.id !== news.id) {
    return still(state);
  }
  switch (news.kind) {
    case 'lines': {
      const base = news.anew ? { ...pane, lines: [], rest: '', fromEnd: 0, cut: false, hit: undefined } : pane;
      return still(withPane(state, grown(base, news.lines, news.rest)));
    }
    case 'past': {
      const { seeking } = pane;
      const next = withPane(state, aged(state, pane, news.lines));
      return seeking && next.pane ? sought(next, { ...next.pane, seeking: true }, -1) : still(next);
    }
    case 'pastFailed':
      return still(said(withPane(state, { ...pane, older: 'none', seeking: false }), `nothing older: ${news.text}`));
  }
}

function onKey(state: Top, key: Key): Step {
  const { input, question } = state;
  if (input) {
    return onInput(state, input, key);
  }
  if (question) {
    const next = { ...state, question: undefined };
    return key.name === 'y' || key.name === 'Y'
      ? { state: next, requests: [{ kind: 'wanted', intent: question }] }
      : still(said(next, 'nothing was done'));
  }
  if (state.help) {
    const isOut = ['esc', '?', 'q', 'enter', 'space', '^c'].includes(key.name);
    return still(isOut ? { ...state, help: false } : state);
  }
  return actionFor(state, key.name)?.act(state) ?? still(state);
}

function onInput(state: Top, input: Input, key: Key): Step {
  switch (key.name) {
    case 'esc':
    case '^c':
      return cancelled({ ...state, input: undefined }, input);
    case 'enter':
    case 'tab':
      return entered({ ...state, input: undefined }, input);
    case 'up':
    case 'down': {
      const next = { ...state, input: undefined };
      return input.kind === 'filter' ? (actionFor(next, key.name)?.act(next) ?? still(next)) : still(state);
    }
    case 'backspace':
      return typed(state, input, [...input.text].slice(0, -1).join(''));
    case '^u':
      return typed(state, input, '');
    case '^w':
      return typed(state, input, input.text.replace(/\S+\s*$/, ''));
    default:
      return key.text === undefined ? still(state) : typed(state, input, input.text + oneLine(key.text));
  }
}

/** Of what is pasted, too. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+$/, '').replace(/\p{Cc}+/gu, ' ');
}

function typed(state: Top, input: Input, text: string): Step {
  const next = { ...state, input: { ...input, text: text.slice(0, LONGEST_INPUT) } };
  return still(input.kind === 'filter' ? relisted({ ...next, filter: next.input.text.trim(), at: 0 }) : next);
}

function cancelled(state: Top, input: Input): Step {
  switch (input.kind) {
    case 'filter':
      return still(relisted({ ...state, filter: input.before }));
    case 'search':
      return still(state);
    case 'reason':
      return still(said(state, 'nothing was done'));
  }
}

function entered(state: Top, input: Input): Step {
  switch (input.kind) {
    case 'filter':
      return still(state);
    case 'search': {
      const { pane } = state;
      const search = input.text === '' ? input.before : input.text;
      return pane ? sought(state, { ...pane, search, hit: undefined }, -1) : still(state);
    }
    case 'reason':
      return reasoned(state, input.text, input.needed, input);
  }
}
