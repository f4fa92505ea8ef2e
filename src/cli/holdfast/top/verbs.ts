/** Verbs on consoles: the question before, and the report after. Pure. */
import type { ConsoleSummary } from '../../../model/api.ts';
import { someOf } from '../../../model/counted.ts';
import { isUp } from '../../../model/process.ts';
import { isAskedFirst } from '../../../model/sensible-verbs.ts';
import { clean } from '../text/display.ts';
import { targetsOf } from './list.ts';
import { said } from './pane.ts';
import type { Intent, Message, News, Step, Top, Verb } from './state.ts';

/** Most names in a question. */
const SHOWN = 4;

export function named(targets: readonly string[]): string {
  const names = someOf(targets.map(clean), SHOWN);
  return targets.length === 1 ? names : `${targets.length} consoles (${names})`;
}

/** A verb was requested. Destructive verbs, and those on several consoles, are confirmed; the reason of a hold is its confirmation. */
export function intended(state: Top, verb: Verb): Step {
  const intent = { verb, targets: targetsOf(state) };
  if (intent.targets.length === 0) {
    return { state, requests: [] };
  }
  if (verb === 'hold') {
    return { state: { ...state, input: { kind: 'reason', text: '', needed: true, ...intent } }, requests: [] };
  }
  return intent.targets.length > 1 || isAskedFirst(verb, consolesOf(state, intent.targets))
    ? { state: { ...state, question: intent }, requests: [] }
    : { state, requests: [{ kind: 'wanted', intent }] };
}

export function anyUp(state: Top, targets: readonly string[]): boolean {
  return consolesOf(state, targets).some((console) => isUp(console.state));
}

function consolesOf({ consoles }: Top, targets: readonly string[]): readonly ConsoleSummary[] {
  const wanted = new Set(targets);
  return consoles.filter(({ name }) => wanted.has(name));
}

/** The rules have answered whether they want a reason. */
export function asked(state: Top, { intent, wanted }: Extract<News, { kind: 'wanted' }>): Step {
  if (wanted === undefined) {
    return { state, requests: [{ kind: 'act', intent, reason: undefined }] };
  }
  const input = { kind: 'reason' as const, text: '', needed: wanted === 'required', ...intent };
  return { state: { ...state, input }, requests: [] };
}

/** The reason was typed. */
export function reasoned(state: Top, text: string, needed: boolean, { verb, targets }: Intent): Step {
  const reason = text.trim();
  if (needed && reason === '') {
    const why =
      verb === 'hold' ? 'the person called at night wants to know why it is down' : `${verb} takes a reason here`;
    return { state: said(state, `nothing was done: ${why}`, true), requests: [] };
  }
  const intent = { verb, targets };
  return { state, requests: [{ kind: 'act', intent, reason: reason === '' ? undefined : reason }] };
}

/** Its outcome. */
export function doneText({ intent, refused }: Extract<News, { kind: 'done' }>): Pick<Message, 'text' | 'bad'> {
  const { verb, targets } = intent;
  const done = targets.length - refused.length;
  const [first] = refused;
  if (!first) {
    return { text: `${verb} ${named(targets)}: accepted`, bad: false };
  }
  const others = refused.length > 1 ? ` (and ${refused.length - 1} more were refused)` : '';
  const before = done > 0 ? `${done} accepted; ` : '';
  return { text: `${verb}: ${before}${clean(first.name)}: ${clean(first.text)}${others}`, bad: true };
}
