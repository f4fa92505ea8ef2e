/** The conserver.cf on disk as the configuration of a host. */
import type { ConserverOptions } from '../cli/conserver/options.ts';
import { type LoadedConserver, loadConserver } from '../config/load-conserver-cf.ts';
import type { ConsoleRecord, ServerSettings } from '../grammar/conserver/records.ts';
import { NEEDS_RESTART } from '../grammar/conserver/settings.ts';
import type { Fault } from '../grammar/conserver/source.ts';
import type { ConfigFiles, ReadConfig } from '../host/configuration.ts';
import { bytesOf } from '../model/byte-text.ts';
import type { ConsoleConfig, HostConfig } from '../model/config.ts';
import { systemText } from '../platform/system-text.ts';
import { type Ports, programConfig } from './conserver-config.ts';

export class ConserverFiles implements ConfigFiles {
  /** The consoles it configures at the start. */
  readonly first: HostConfig;
  readonly #options: ConserverOptions;
  readonly #ports: Ports;
  readonly #records = new WeakMap<ConsoleConfig, ConsoleRecord>();
  readonly #settings = new WeakMap<ReadConfig, ServerSettings>();
  #inForce: ServerSettings;
  #reported: ServerSettings;

  constructor(loaded: LoadedConserver, options: ConserverOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
    this.#inForce = loaded.config.settings;
    this.#reported = loaded.config.settings;
    this.first = this.#configOf(loaded);
  }

  record = (config: ConsoleConfig): ConsoleRecord | undefined => this.#records.get(config);

  async load(): Promise<ReadConfig> {
    let loaded: LoadedConserver;
    try {
      loaded = await loadConserver(this.#options.configFile);
    } catch (error) {
      return refused([{ message: unreadable(this.#options.configFile, error as Error) }]);
    }
    const { faults, settings } = loaded.config;
    if (faults.length > 0) {
      return refused(faults);
    }
    const read: ReadConfig = { config: this.#configOf(loaded), problems: [], warnings: [] };
    this.#settings.set(read, settings);
    return read;
  }

  applied(read: ReadConfig): void {
    this.#inForce = this.#settings.get(read) ?? this.#inForce;
  }

  /** Settings that were applied since the last call, and take effect at the next start. */
  waiting(): readonly string[] {
    const keys = NEEDS_RESTART.filter((key) => this.#inForce[key] !== this.#reported[key]);
    this.#reported = this.#inForce;
    return keys;
  }

  #configOf(loaded: LoadedConserver): HostConfig {
    const { host, records } = programConfig(loaded, this.#options, this.#ports);
    for (const [config, record] of records) {
      this.#records.set(config, record);
    }
    return host;
  }
}

function refused(faults: readonly Fault[]): ReadConfig {
  const problems = faults.map(({ at, message }) => ({ file: at?.file ?? '', line: at?.line ?? 1, key: '', message }));
  return { problems, warnings: [] };
}

export function unreadable(path: string, error: Error): string {
  return `cannot read \`${asBytes(path)}': ${systemText(error)}`;
}

/** A name as the byte string that messages are made of. */
export function asBytes(name: string): string {
  return Buffer.from(bytesOf(name)).toString('latin1');
}
