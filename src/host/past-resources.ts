/**
 * What the processes of all consoles have used, looked at once a minute. It is kept in memory only, and says since when
 * (docs/decisions/0128-what-consoles-have-used.md).
 */
import type { PastResources as PastResourcesInfo } from '../model/api.ts';
import type { PlanStep } from '../model/config.ts';
import type { HostService } from '../model/host-service.ts';
import type { Resources } from '../model/resources.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { every } from '../platform/time/every.ts';
import { LOOK_MS, UseRing } from './use-ring.ts';

interface Past {
  readonly ring: UseRing;
  /** CPU seconds at the last sample, and its time. */
  cpuSeconds: number | undefined;
  at: number;
}

export class PastResources implements HostService {
  readonly name = 'resources';
  readonly afterConsoles = true;
  readonly #clock: Clock;
  readonly #look: () => Promise<ReadonlyMap<string, Resources>>;
  /** By name, for consoles that have had a process. */
  readonly #pasts = new Map<string, Past>();
  #timer: Timer | undefined;
  #looks = false;
  /** Monotonic time. */
  readonly #since: number;

  constructor(clock: Clock, look: () => Promise<ReadonlyMap<string, Resources>>) {
    this.#clock = clock;
    this.#look = look;
    this.#since = clock.monotonic();
  }

  async apply(): Promise<readonly PlanStep[]> {
    if (this.#timer === undefined) {
      this.#timer = every(this.#clock, LOOK_MS, () => void this.look(), { ref: false });
      void this.look();
    }
    return [];
  }

  consoleWent(name: string): void {
    this.#pasts.delete(name);
  }

  /** A failed sample is a gap. At most one sample at a time. */
  async look(): Promise<void> {
    if (this.#looks) {
      return;
    }
    this.#looks = true;
    try {
      const found = await this.#look();
      const at = this.#clock.monotonic();
      for (const [name, { cpuSeconds, memoryBytes }] of found) {
        if (cpuSeconds !== undefined || memoryBytes !== undefined) {
          this.#add(name, at, cpuSeconds, memoryBytes);
        }
      }
    } catch {
      // The holder is away, which is reported elsewhere.
    } finally {
      this.#looks = false;
    }
  }

  of(name: string): PastResourcesInfo {
    const now = this.#clock.monotonic();
    // Wall times by the clock of now: if it has been set since, the past is right, too.
    const wall = this.#clock.now();
    const iso = (at: number) => new Date(Math.round((wall - (now - at)) / 1000) * 1000).toISOString();
    return {
      since: iso(this.#since),
      spans: (this.#pasts.get(name)?.ring.spans(now) ?? []).map(({ at, cpu, memoryBytes, ms }) => ({
        ...{ time: iso(at), seconds: ms / 1000 },
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
        ...(cpu === undefined ? {} : { cpu: Math.round(cpu * 10_000) / 10_000 }),
      })),
    };
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
  }

  #add(name: string, at: number, cpuSeconds: number | undefined, memoryBytes: number | undefined): void {
    let past = this.#pasts.get(name);
    if (past === undefined) {
      past = { ring: new UseRing(), cpuSeconds: undefined, at };
      this.#pasts.set(name, past);
    }
    const cpu = cpuSeconds === undefined || at === past.at ? undefined : usedSince(past, cpuSeconds, at);
    past.ring.add(at, {
      ...(cpu === undefined ? {} : { cpu }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
    });
    past.cpuSeconds = cpuSeconds;
    past.at = at;
  }
}

/** Mean CPU. A total that has shrunk belongs to a new process: all of it was used since the last sample. */
function usedSince({ at: before, cpuSeconds: known }: Past, cpuSeconds: number, at: number): number | undefined {
  if (known === undefined || at - before > 2 * LOOK_MS) {
    return undefined;
  }
  return (1000 * (cpuSeconds < known ? cpuSeconds : cpuSeconds - known)) / (at - before);
}
