/** The facts of the why view, refreshed as things happen. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ConsoleDetail, EventInfo, PastResources } from '../../src/model/api.ts';
import { host } from '../host.ts';
import { consoleNamed } from '../list/table.ts';
import { seen } from '../log/line-text.ts';
import { now } from '../now.ts';
import { type Asked, useAsked } from '../parts/asked.ts';
import { around, EVENTS, isAbout, joined } from './timeline.ts';

/** Most applied configurations to search for it. */
const APPLIED = 50;
/** Most lines of the log around an end. */
export const LOG_LINES = 60;
const LOG_CHARACTERS = 65_536;
const LOG_PATIENCE_MS = 10_000;
/** Changes are fetched soon; values that change all the time, at intervals. */
const SOON_MS = 300;
const APART_MS = 2000;
/** The sampling interval of the server. */
const LOOK_MS = 60_000;

export interface WhyFacts {
  readonly detail: ConsoleDetail;
  /** Oldest first. */
  readonly events: readonly EventInfo[];
  readonly past: PastResources | undefined;
  /** Configuration changes applied to it, perhaps with other consoles; oldest first. */
  readonly configured: readonly EventInfo[];
  /** Milliseconds since 1970. */
  readonly askedAt: number;
}

export function useFacts(name: string): Asked<WhyFacts> {
  const events = useRef<readonly EventInfo[]>([]);
  const askedAt = useRef(0);
  const asked = useAsked(async (): Promise<WhyFacts> => {
    askedAt.current = now.peek();
    const since = events.current.at(-1)?.seq;
    const [detail, newer, past, applied] = await Promise.all([
      host.detail(name),
      host.events({ console: name, changes: true, limit: EVENTS, ...(since === undefined ? {} : { since }) }),
      host.pastResources(name),
      host.events({ types: ['config'], text: name, limit: APPLIED }),
    ]);
    events.current = joined(events.current, newer);
    const configured = applied.filter((event) => isAbout(event, name));
    return { detail, past, configured, events: events.current, askedAt: askedAt.current };
  });
  const soon = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const shown = useRef('');
  useSignalEffect(() => {
    const console = consoleNamed(name)?.value;
    const state = console ? JSON.stringify([console.state, console.since, console.restarts.total, console.hold]) : '';
    if (shown.current !== state) {
      const isFirst = shown.current === '';
      shown.current = state;
      // The first request is sent anyway.
      if (!isFirst) {
        soon.current ??= setTimeout(
          () => {
            soon.current = undefined;
            void asked.again();
          },
          Math.max(SOON_MS, askedAt.current + APART_MS - now.peek()),
        );
      }
    }
  });
  useEffect(() => {
    const looks = setInterval(() => document.hidden || void asked.again(), LOOK_MS);
    return () => {
      clearInterval(looks);
      clearTimeout(soon.current);
    };
  }, []);
  return asked;
}

/** The last lines of the log around an end. */
export async function logAround(name: string, time: string, ended: AbortSignal): Promise<readonly string[]> {
  const decoder = new TextDecoder();
  let text = '';
  const bound = AbortSignal.any([ended, AbortSignal.timeout(LOG_PATIENCE_MS)]);
  for await (const bytes of host.log(name, { ...around(time), tail: LOG_LINES }, bound)) {
    text = (text + decoder.decode(bytes, { stream: true })).slice(-LOG_CHARACTERS);
  }
  bound.throwIfAborted();
  return text.replace(/\n$/, '').split('\n').map(seen);
}
