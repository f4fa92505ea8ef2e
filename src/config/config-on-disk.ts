/** The configuration files beside the configuration in force: whether they differ, what is left out of them, and when they change. */
import { watch } from 'node:fs';
import type { ConfigProblem, HostConfig } from '../model/config.ts';
import { problemText } from '../model/config-problem.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import type { ConfigReader } from './config-reader.ts';
import { LeftOut } from './left-out.ts';
import type { LoadedConfig } from './load-config.ts';

/** A change counts once this long has passed without another one. */
const SETTLE_MS = 500;

export class ConfigOnDisk {
  readonly #reader: Pick<ConfigReader, 'load' | 'digest' | 'changed'>;
  readonly #clock: Clock;
  readonly #tell: (text: string) => void;
  readonly #leftOut: LeftOut;
  /** Digests: of what was applied whole, and of what somebody was told about. */
  #applied = '';
  #told = '';
  #settling: Timer | undefined;

  /** `tell`: for the history. */
  constructor(reader: Pick<ConfigReader, 'load' | 'digest' | 'changed'>, clock: Clock, tell: (text: string) => void) {
    this.#reader = reader;
    this.#clock = clock;
    this.#tell = tell;
    this.#leftOut = new LeftOut(tell);
  }

  load(): Promise<LoadedConfig> {
    return this.#reader.load();
  }

  /** The configuration that was read is now in force; `whole`: all of it. */
  applied({ digest, warnings }: LoadedConfig, whole = true): void {
    if (whole) {
      this.#applied = digest;
    }
    this.#leftOut.tell(warnings);
  }

  /** Parts left out of the configuration in force. */
  get leftOut(): readonly ConfigProblem[] {
    return this.#leftOut.now;
  }

  /** Once, until another configuration is applied. */
  tellOnce(text: string): void {
    this.#leftOut.once(text);
  }

  async changedOnDisk(): Promise<boolean> {
    return (await this.#reader.digest()) !== this.#applied;
  }

  /** Tells when something changes; whether it fits is for `plan`. */
  watch(folders: readonly string[]): void {
    for (const folder of folders) {
      try {
        watch(folder, { persistent: false }, () => this.noticed()).on('error', () => undefined);
      } catch {
        // A folder that is not there yet is looked at by the next plan.
      }
    }
  }

  /** Something has changed in one of the folders. */
  noticed(): void {
    this.#reader.changed();
    this.#settling?.cancel();
    this.#settling = this.#clock.after(SETTLE_MS, () => void this.#tellChanged());
  }

  async #tellChanged(): Promise<void> {
    const digest = await this.#reader.digest();
    if (digest !== this.#applied && digest !== this.#told) {
      this.#told = digest;
      this.#tell('the configuration files have changed, not applied: see holdfast plan');
    }
  }
}

/** Throws with every problem where there are any: a server does not start with a part of its configuration. */
export function wholeConfig({ config, problems }: LoadedConfig): HostConfig {
  if (!config) {
    const separator = problems.length === 1 ? ' ' : '\n';
    throw new HoldfastError('HF_BAD_CONFIG', `nothing was started:${separator}${problems.map(problemText).join('\n')}`);
  }
  return config;
}
