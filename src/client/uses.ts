/** Resource use of the processes of all consoles, polled. */
import type { HostClient } from '../model/host-port.ts';
import type { Clock } from '../platform/time/clock.ts';

/** Resource use of the processes of a console; unknown values are absent. */
export interface Use {
  /** Of one processor, lately; 100 is all of it. */
  readonly cpuPercent?: number;
  readonly cpuSeconds?: number;
  readonly memoryBytes?: number;
  readonly processes?: number;
}

/** CPU use is the difference of two samples; closer ones say little. */
export const USES_APART_MS = 1000;

export class Uses {
  readonly #client: Pick<HostClient, 'resources'>;
  readonly #clock: Clock;
  #now: ReadonlyMap<string, Use> = new Map();
  #seen = new Map<string, { readonly cpuSeconds: number; readonly at: number }>();

  constructor(client: Pick<HostClient, 'resources'>, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  get now(): ReadonlyMap<string, Use> {
    return this.#now;
  }

  async look(): Promise<void> {
    const all = await this.#client.resources();
    const at = this.#clock.monotonic();
    const seen = new Map<string, { cpuSeconds: number; at: number }>();
    const now = new Map<string, Use>();
    for (const [name, { cpuSeconds, memoryBytes, processes }] of all) {
      const before = this.#seen.get(name);
      if (cpuSeconds !== undefined) {
        seen.set(name, { cpuSeconds, at });
      }
      const used = before === undefined || cpuSeconds === undefined ? undefined : cpuSeconds - before.cpuSeconds;
      const cpuPercent =
        // Less than before: it is another process by now.
        before && used !== undefined && used >= 0 && at > before.at
          ? Math.round((used * 1e6) / (at - before.at)) / 10
          : undefined;
      now.set(name, {
        ...(cpuPercent === undefined ? {} : { cpuPercent }),
        ...(cpuSeconds === undefined ? {} : { cpuSeconds }),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
        ...(processes === undefined ? {} : { processes }),
      });
    }
    this.#seen = seen;
    this.#now = now;
  }
}
