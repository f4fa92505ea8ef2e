/** The lives of a console's process: their ends, which of them were restarts, and who requested them. */
import type { Death } from '../model/death.ts';
import { type Principal, SOMEBODY } from '../model/principal.ts';
import { printable } from '../model/printable.ts';
import type { EndRecord } from '../model/process.ts';
import { SIGKILL, signalName } from '../model/signals.ts';
import type { Transition } from '../model/supervision.ts';
import type { Clock } from '../platform/time/clock.ts';
import { DEATHS, isRestart, type Past } from './past.ts';

const HOUR_MS = 3_600_000;
/** A console is flapping for so long after a restart that nobody asked for. */
const FLAPPING_MS = 600_000;
/** An end within this time after a signal may be caused by the signal. */
const SIGNAL_WORKS_MS = 60_000;

export class Lives {
  readonly #clock: Clock;
  readonly #memoryRanOut: () => boolean;
  #deaths: readonly Death[] = [];
  /** Those of earlier servers. */
  #recalled: readonly Death[] = [];
  /** Wall times of the automatic restarts of the last hour, and perhaps earlier ones. */
  #restarts: readonly number[] = [];
  #restartTotal = 0;
  /** The principal that requested the next end, and until when an end counts as requested. */
  #asked: { readonly by: Principal; readonly signal?: string; readonly until: number } | undefined;
  /**
   * The principal that requested the end or the start that led to `waiting`: the next start is not an automatic
   * restart.
   */
  #wantedBy: Principal | undefined;
  #startAsked = false;
  #startTrouble: { readonly text: string; readonly since: number } | undefined;
  /** Wall time in milliseconds since which the console is in its state. */
  since: number;

  /** `memoryRanOut`: whether the kernel has just killed a process for lack of memory. */
  constructor(clock: Clock, memoryRanOut: () => boolean) {
    this.#clock = clock;
    this.#memoryRanOut = memoryRanOut;
    this.since = clock.now();
  }

  /** Newest first. */
  get deaths(): readonly Death[] {
    return this.#deaths;
  }

  /** Automatic restarts, in the last hour and in all. */
  get restarts(): { readonly hour: number; readonly total: number } {
    return { hour: this.#inLastHour().length, total: this.#restartTotal };
  }

  /** It was restarted by its policy a short time ago. */
  get flapping(): boolean {
    return (this.#restarts.at(-1) ?? Number.NEGATIVE_INFINITY) > this.#clock.now() - FLAPPING_MS;
  }

  /** Why it does not come up, and since when (wall time in milliseconds). */
  get startTrouble(): { readonly text: string; readonly since: number } | undefined {
    return this.#startTrouble;
  }

  /** Whether the newest start was requested. */
  get startAsked(): boolean {
    return this.#startAsked;
  }

  /** The events of earlier servers. */
  recall({ deaths, restarts }: Past = { deaths: [], restarts: [] }): void {
    this.#deaths = [...deaths];
    this.#recalled = this.#deaths;
    this.#restarts = [...restarts];
    this.#restartTotal = restarts.length;
  }

  /** The counts of the previous server: the history may begin later. */
  recount(restartTotal: number): void {
    this.#restartTotal = Math.max(this.#restartTotal, restartTotal);
  }

  /** The next end is requested; by an unknown principal if `by` is absent. */
  endAsked(by: Principal | undefined): void {
    this.#asked = by && { by, until: Number.POSITIVE_INFINITY };
  }

  /** A signal was sent, which may end the process. */
  signalled(signal: number, by: Principal): void {
    this.#asked = { by, signal: signalName(signal), until: this.#clock.now() + SIGNAL_WORKS_MS };
  }

  started(): void {
    this.#startTrouble = undefined;
  }

  /** A start has failed. The requested end has happened: the next one is a different matter. */
  notStarted(text: string): void {
    this.#asked = undefined;
    this.#startTrouble = { text, since: this.#startTrouble?.since ?? this.#clock.now() };
  }

  /** A link that was connected is not any more. */
  disconnected(text: string): void {
    this.#startTrouble = { text, since: this.#clock.now() };
  }

  /**
   * Whether the previous server has reported this end: it was killed before the holder could read that. The holder
   * loses the last message of a dead server if it has something to send to that server itself.
   */
  isTold({ pid, endedAt }: EndRecord): boolean {
    const time = new Date(endedAt).toISOString();
    return this.#recalled.some((death) => death.pid === pid && death.time === time);
  }

  ended({ pid, status, startedAt, endedAt, maxRssKib, oomKills, lastLines }: EndRecord): Death {
    const { code, signal, coreDumped } = status;
    const asked = this.#asked && endedAt <= this.#asked.until ? this.#asked : undefined;
    const death: Death = {
      time: new Date(endedAt).toISOString(),
      pid,
      uptimeSeconds: Math.max(0, Math.round((endedAt - startedAt) / 100) / 10),
      code,
      signal: signal === null ? null : signalName(signal),
      coreDumped,
      outOfMemory:
        oomKills === undefined ? signal === SIGKILL && asked === undefined && this.#memoryRanOut() : oomKills > 0,
      ...(asked ? { askedBy: asked.by, ...(asked.signal === undefined ? {} : { askedSignal: asked.signal }) } : {}),
      maxRssKib,
      lastLines: lastLines.map(printable),
    };
    this.#wantedBy = asked?.by;
    this.#asked = undefined;
    this.#deaths = [death, ...this.#deaths].slice(0, DEATHS);
    return death;
  }

  /** A step of the supervision, and who requested it, if anyone. */
  changed({ from, to, event, time, by: actor }: Transition): Principal | undefined {
    this.since = time;
    if (to === 'waiting' && (event === 'enable' || from === 'stopping')) {
      this.#wantedBy ??= actor ?? SOMEBODY;
    }
    const by = actor ?? (event === 'due' ? this.#wantedBy : undefined);
    if (isRestart({ from, to, ...(by ? { by } : {}) })) {
      this.#restarts = [...this.#inLastHour(), time];
      this.#restartTotal++;
    }
    if (to === 'starting') {
      this.#startAsked = by !== undefined;
      this.#wantedBy = undefined;
    }
    return by;
  }

  #inLastHour(): readonly number[] {
    const hour = this.#clock.now() - HOUR_MS;
    return this.#restarts.filter((time) => time > hour);
  }
}
