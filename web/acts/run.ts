/** One verb on several consoles: requested of a few at a time, then followed until it is done on each, or the panel is closed. */
import { effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { conditionOf, isFailing } from '../../src/model/condition.ts';
import { type ErrorCode, HoldfastError } from '../../src/model/errors.ts';
import { isSensible } from '../../src/model/sensible-verbs.ts';
import { withLocalTimes } from '../../src/model/time-text.ts';
import { isAfter, progressOf, STALE_MS, type WaitedVerb } from '../../src/model/verb-progress.ts';
import { ACTS_TEXTS } from '../texts/acts.ts';

export type StepState =
  | { readonly is: 'waits' | 'asked' | 'under way' | 'done' | 'left' }
  /** `late`: it has got this far, but not as requested. */
  | { readonly is: 'late' | 'failed' | 'refused'; readonly why: string };

export interface Step {
  readonly name: string;
  readonly state: Signal<StepState>;
}

export interface Order {
  readonly verb: WaitedVerb;
  readonly names: readonly string[];
}

export interface RunParts {
  /** Resolves with the console at the time when the server accepted the verb. */
  readonly act: (name: string) => Promise<ConsoleSummary>;
  /** Changes whenever the table may have changed. */
  readonly news: ReadonlySignal<unknown>;
  readonly rowOf: (name: string) => ConsoleSummary | undefined;
  /** A right or a reason was missing. */
  readonly forbidden: () => void;
  /** Monotonic time, milliseconds. */
  readonly now: () => number;
}

interface Open {
  readonly step: Step;
  readonly accepted: ConsoleSummary;
  /** Monotonic time, milliseconds. */
  readonly since: number;
}

/** Most requests at once: a browser has six connections. */
const AT_ONCE = 4;
/** It may have been done all the same. */
const UNKNOWN: ReadonlySet<ErrorCode> = new Set(['HF_NO_SERVER', 'HF_NO_ANSWER'] as const);
/** Errors after which further requests are useless. */
const OVER: ReadonlySet<ErrorCode> = new Set([...UNKNOWN, 'HF_LOGIN_REFUSED'] as const);
const FORBIDDEN: ReadonlySet<ErrorCode> = new Set(['HF_FORBIDDEN', 'HF_REASON_NEEDED'] as const);
const BAD: ReadonlySet<StepState['is']> = new Set(['late', 'failed', 'refused'] as const);

export class Run {
  readonly verb: WaitedVerb;
  readonly steps: readonly Step[];
  /** Steps by outcome. */
  readonly counts = signal<Readonly<Partial<Record<StepState['is'], number>>>>({});
  /** No more requests will follow. */
  readonly stopped = signal(false);
  readonly #parts: RunParts;
  readonly #open = new Map<string, Open>();
  #next = 0;
  #closed = false;
  #unfollow: () => void = () => undefined;

  constructor({ names, verb }: Order, parts: RunParts) {
    this.verb = verb;
    this.#parts = parts;
    this.steps = names.map((name) => ({ name, state: signal<StepState>({ is: 'waits' }) }));
    this.counts.value = { waits: names.length };
  }

  begin(): void {
    this.#unfollow = effect(() => {
      this.#parts.news.value;
      untracked(() => this.#look());
    });
    for (let n = 0; n < AT_ONCE; n++) {
      void this.#work();
    }
  }

  /** Leaves alone the consoles not requested yet. */
  stop(): void {
    this.stopped.value = true;
    for (const step of this.steps) {
      if (step.state.peek().is === 'waits') {
        this.#set(step, { is: 'left' });
      }
    }
  }

  /** Stops following. */
  close(): void {
    this.stop();
    this.#closed = true;
    this.#unfollow();
    this.#open.clear();
  }

  get isAsking(): boolean {
    const { asked = 0, waits = 0 } = this.counts.value;
    return waits + asked > 0;
  }

  get isOver(): boolean {
    return !this.isAsking && !this.counts.value['under way'];
  }

  /** Names of the consoles on which it is not done. */
  get undone(): readonly string[] {
    return this.steps.flatMap(({ name, state }) => (state.value.is === 'done' ? [] : [name]));
  }

  /** The steps to show first, at most this many. */
  shown(most: number): readonly Step[] {
    this.counts.value;
    const bad: Step[] = [];
    const others: Step[] = [];
    const done: Step[] = [];
    for (const step of this.steps) {
      const { is } = step.state.peek();
      const list = BAD.has(is) ? bad : is === 'done' || is === 'left' ? done : others;
      if (list.length < most) {
        list.push(step);
      }
    }
    return [...bad, ...others, ...done].slice(0, most);
  }

  async #work(): Promise<void> {
    for (let step = this.#pick(); step; step = this.#pick()) {
      const row = this.#parts.rowOf(step.name);
      if (row === undefined || isSensible(this.verb, row)) {
        await this.#ask(step);
      } else {
        // Somebody else was there first: what they have stopped or held meanwhile is not started again.
        this.#set(step, { is: 'late', why: ACTS_TEXTS.isOther(row.hold ? 'held' : conditionOf(row)) });
      }
    }
  }

  #pick(): Step | undefined {
    return this.stopped.peek() ? undefined : this.steps[this.#next++];
  }

  async #ask(step: Step): Promise<void> {
    this.#set(step, { is: 'asked' });
    try {
      const accepted = await this.#parts.act(step.name);
      if (this.#closed) {
        return;
      }
      this.#set(step, { is: 'under way' });
      const open = { step, accepted, since: this.#parts.now() };
      this.#open.set(step.name, open);
      this.#lookAt(open);
    } catch (error) {
      const why = withLocalTimes((error as Error).message);
      const code = error instanceof HoldfastError ? error.code : 'HF_NO_ANSWER';
      this.#set(step, UNKNOWN.has(code) ? { is: 'failed', why: ACTS_TEXTS.unknown } : { is: 'refused', why });
      if (OVER.has(code)) {
        this.stop();
      }
      if (FORBIDDEN.has(code)) {
        this.#parts.forbidden();
      }
    }
  }

  #look(): void {
    for (const open of this.#open.values()) {
      this.#lookAt(open);
    }
  }

  #lookAt(open: Open): void {
    const { accepted, since, step } = open;
    const row = this.#parts.rowOf(step.name);
    const isOld = this.#parts.now() > since + STALE_MS;
    if (row === undefined && isOld) {
      this.#settle(step, { is: 'failed', why: ACTS_TEXTS.isGone });
      return;
    }
    const now = row && (isAfter(accepted, row) || isOld) ? row : accepted;
    const progress = progressOf(this.verb, accepted, now);
    if (progress === 'done') {
      this.#settle(step, { is: 'done' });
    } else if (progress === 'late') {
      this.#settle(step, { is: 'late', why: ACTS_TEXTS.notReady(now.readiness?.what) });
    } else if (progress === 'ended') {
      this.#ended(step, accepted, now);
    } else if (progress !== 'pending') {
      this.#settle(step, { is: 'failed', why: progress.problem });
    }
  }

  #ended(step: Step, accepted: ConsoleSummary, now: ConsoleSummary): void {
    // Between the end of the old process and the start of the new one the state is `waiting`, too.
    if (now.state === 'waiting' && now.restarts.total === accepted.restarts.total) {
      return;
    }
    const condition = conditionOf(now);
    this.#settle(step, { is: isFailing(condition) ? 'failed' : 'late', why: ACTS_TEXTS.hasEnded(condition) });
  }

  #settle(step: Step, state: StepState): void {
    this.#open.delete(step.name);
    this.#set(step, state);
  }

  #set({ state }: Step, next: StepState): void {
    const before = state.peek().is;
    const counts = this.counts.peek();
    state.value = next;
    const less = { ...counts, [before]: (counts[before] ?? 0) - 1 };
    this.counts.value = { ...less, [next.is]: (less[next.is] ?? 0) + 1 };
  }
}
