/**
 * What this person may do to each console, as the server tells it: asked once for all of them, and again when that may have changed. It is
 * for what is grey: the server refuses by itself.
 */
import { effect, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type ReasonWanted, reasonWanted, rightsByConsole } from '../../src/model/access-told.ts';
import type { AccessInfo } from '../../src/model/api.ts';
import { type Right, VERBS, type VerbRow } from '../../src/model/rights.ts';
import type { WaitedVerb } from '../../src/model/verb-progress.ts';
import { host } from '../host.ts';
import { subjects } from '../list/table.ts';
import { standing } from '../standing.ts';
import { ACTS_TEXTS } from '../texts/acts.ts';

export type ActVerb = WaitedVerb | 'force';

interface Known {
  readonly info: AccessInfo;
  readonly rightsOn: (console: string) => ReadonlySet<Right>;
}

/** Least time between an answer and the next request. */
const APART_MS = 1000;

const known = signal<Known | undefined>(undefined);
let isAsking = false;
let isStale = false;

effect(() => {
  subjects.value;
  if (standing.value.is === 'live') {
    askAgain();
  }
});

/** The known rights may be outdated. */
export function askAgain(): void {
  isStale = true;
  void ask();
}

async function ask(): Promise<void> {
  if (isAsking) {
    return;
  }
  isAsking = true;
  while (isStale) {
    isStale = false;
    try {
      const info = await host.access();
      known.value = { info, rightsOn: rightsByConsole(info) };
    } catch {
      // Asked again when the server is back.
    }
    await new Promise((resolve) => setTimeout(resolve, APART_MS));
  }
  isAsking = false;
}

/** Nothing is grey until the rights are known. */
export function mayOn(console: string, verb: ActVerb): boolean {
  const { right }: VerbRow = VERBS[verb];
  return right === undefined || (known.value?.rightsOn(console).has(right) ?? true);
}

export function reasonFor(verb: WaitedVerb, consoles: readonly string[]): ReasonWanted {
  return known.value && reasonWanted(known.value.info, verb, consoles);
}

/** The right, and whom to ask, until the text of the server is known. */
export function lackText(verb: ActVerb): string {
  const { right = verb }: VerbRow = VERBS[verb];
  return ACTS_TEXTS.lacks(right, known.value?.info.contact);
}

type Details = ReadonlyMap<string, string>;

/** Most consoles whose texts are kept: more than are shown at once. */
const MOST_KEPT = 16;

const refused = signal<ReadonlyMap<string, Details>>(new Map());
/** The rights known when the texts were requested. */
const asked = new Map<string, Known>();

/** The text of the refusal that the server would give. Undefined: allowed, or not known yet. */
export function useRefusals(console: string | undefined, verbs: readonly ActVerb[]): Details {
  const of = known.value;
  const isWanted = of !== undefined && console !== undefined && verbs.some((verb) => !mayOn(console, verb));
  useEffect(() => {
    if (isWanted && asked.get(console) !== of) {
      void askWords(console, of);
    }
  }, [isWanted, of, console]);
  return (console === undefined ? undefined : refused.value.get(console)) ?? NONE;
}

async function askWords(console: string, of: Known): Promise<void> {
  asked.delete(console);
  asked.set(console, of);
  const [oldest] = asked.keys();
  if (asked.size > MOST_KEPT && oldest !== undefined) {
    asked.delete(oldest);
  }
  const info = await host.access({ console }).catch(() => undefined);
  if (asked.get(console) !== of) {
    return;
  }
  if (info === undefined) {
    asked.delete(console);
  } else {
    const kept = [...refused.peek()].filter(([name]) => asked.has(name));
    const details = new Map(info.refused?.map(({ detail, verb }) => [verb, detail]));
    refused.value = new Map([...kept, [console, details]]);
  }
}

const NONE: Details = new Map();
