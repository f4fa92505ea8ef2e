/** The holds of all consoles: what is on disk, of consoles that are not configured now too, and when they end. */
import type { HostConsole } from '../console/host-console.ts';
import type { HoldInfo } from '../model/api.ts';
import { HoldfastError } from '../model/errors.ts';
import { self } from '../model/principal.ts';
import type { Clock } from '../platform/time/clock.ts';
import { doubtText, HoldEnds } from './hold-ends.ts';
import type { HoldsFile } from './holds-file.ts';
import { unknownHold } from './unknown-hold.ts';

export const HOLD_EXPIRED = self('the hold has expired');

export interface HoldsParts {
  readonly file: Pick<HoldsFile, 'read' | 'write'>;
  readonly clock: Clock;
  readonly consoles: ReadonlyMap<string, HostConsole>;
  /** The end of a hold has come. */
  readonly release: (name: string) => Promise<unknown>;
}

export class Holds {
  readonly #parts: HoldsParts;
  readonly #ends: HoldEnds;
  /** Of names that are not configured now: their holds have not been released. */
  readonly #absent = new Map<string, HoldInfo>();

  constructor(parts: HoldsParts) {
    const { clock, consoles } = parts;
    this.#parts = parts;
    this.#ends = new HoldEnds(
      clock,
      (name) => this.#end(name),
      (name, until) => consoles.get(name)?.noted({ text: doubtText(until) }, HOLD_EXPIRED),
    );
  }

  /** Those of earlier servers. True: some may be missing. */
  async recall(): Promise<boolean> {
    const { holds, doubtful, steadySince } = await this.#parts.file.read();
    if (steadySince !== undefined) {
      this.#ends.trust(steadySince);
    }
    for (const [name, hold] of holds) {
      this.#absent.set(name, hold);
    }
    return doubtful;
  }

  /** A hold under its name has not been released: from before this server, or from before it was removed. */
  came(console: HostConsole, mayBeHeld = false): void {
    const hold = this.#absent.get(console.name) ?? (mayBeHeld ? unknownHold(this.#parts.clock.now()) : undefined);
    this.#absent.delete(console.name);
    if (hold) {
      console.hold = hold;
      this.#ends.set(console.name, hold.until);
    }
  }

  went({ hold, name }: HostConsole): void {
    this.#ends.set(name, undefined);
    if (hold) {
      this.#absent.set(name, hold);
    }
  }

  /** Its end is that of the hold that it has now. */
  changed({ hold, name }: HostConsole): void {
    this.#ends.set(name, hold?.until);
  }

  /** Rejects with HF_NOT_KEPT; `done`: the resulting state, even if it cannot be saved. */
  async keep(done: string): Promise<void> {
    try {
      await this.save();
    } catch (error) {
      const text = `${done}, but that does not outlive a restart of the machine: ${(error as Error).message}`;
      throw new HoldfastError('HF_NOT_KEPT', text);
    }
  }

  save(): Promise<void> {
    const held = [...this.#parts.consoles.values()].flatMap(({ name, hold }): [string, HoldInfo][] =>
      hold ? [[name, hold]] : [],
    );
    return this.#parts.file.write(new Map([...this.#absent, ...held]));
  }

  /** An end from before this server is found before the console has begun, and waits for that. */
  #end(name: string): void {
    void this.#parts.consoles
      .get(name)
      ?.ready.then(() => this.#parts.release(name))
      .catch(() => undefined);
  }
}
