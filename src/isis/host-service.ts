import type { HostConfig, IsisInstanceConfig, PlanStep } from '../model/config.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Happening } from '../model/events.ts';
import type { HostService } from '../model/host-service.ts';
import { isSame } from '../model/is-same.ts';
import type { IsisConfig } from '../model/isis-config.ts';
import type { IsisPort } from '../model/isis-port.ts';
import { exchange } from './exchange.ts';
import { IsisService, type ServiceOptions } from './service.ts';
import { watched } from './watched.ts';

export interface IsisHostServiceOptions extends Pick<ServiceOptions, 'version' | 'timers'> {
  /** For the history of the host. */
  readonly event: (event: Happening) => void;
  /** Reads the files again. */
  readonly load: () => Promise<Pick<HostConfig, 'isis'> | undefined>;
}

/** All ISIS servers of the host by name: their configuration, and the port for the control API. */
export class IsisHostService implements HostService, IsisPort {
  readonly name = 'isis';
  readonly #options: IsisHostServiceOptions;
  readonly #services = new Map<string, IsisService>();

  constructor(options: IsisHostServiceOptions) {
    this.#options = options;
  }

  /** The steps of applying these: removals first, since they free ports, lines and logs. */
  plan({ isis: wanted }: Pick<HostConfig, 'isis'>): PlanStep[] {
    const names = new Set(wanted.map(({ name }) => name));
    const removed = [...this.#services.keys()].filter((name) => !names.has(name));
    return [
      ...removed.map((name): PlanStep => ({ action: 'remove', console: `isis.${name}` })),
      ...wanted.flatMap((config): PlanStep[] => {
        const running = this.#services.get(config.name)?.config;
        if (!running) {
          return [{ action: 'add', console: `isis.${config.name}` }];
        }
        const keys = changedKeys(running, config);
        return keys.length === 0 ? [] : [{ action: 'change', console: `isis.${config.name}`, keys, effect: 'live' }];
      }),
    ];
  }

  /** Does what `plan` says; resolves when every instance is open or waits for its next attempt. */
  async apply({ isis: wanted }: Pick<HostConfig, 'isis'>): Promise<PlanStep[]> {
    const steps = this.plan({ isis: wanted });
    const changed = new Set(steps.map(({ console }) => console.slice('isis.'.length)));
    await Promise.all([...this.#services.values()].filter(({ name }) => changed.has(name)).map((one) => one.stop()));
    for (const name of changed) {
      this.#services.delete(name);
    }
    const added = wanted.filter(({ name }) => changed.has(name)).map((config) => this.#make(config));
    await Promise.all(added.map((service) => service.start()));
    return steps;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#services.values()].map((service) => service.stop()));
  }

  list: IsisPort['list'] = async () => [...this.#services.values()].map((service) => service.summary());
  hosts: IsisPort['hosts'] = async (name) => this.#service(name).hosts();
  ports: IsisPort['ports'] = async (name) => this.#service(name).ports();
  watch: IsisPort['watch'] = (name, filter, ended) => watched(this.#service(name), filter, ended);
  ping: IsisPort['ping'] = async (name, to, seconds) =>
    exchange(this.#service(name).server, to, 'PING', seconds, this.#options.timers);

  send: IsisPort['send'] = async (name, to, text, seconds, by) => {
    const { server } = this.#service(name);
    const reply = exchange(server, to, text, seconds, this.#options.timers);
    // A rejected message concerns the caller; a sent one goes into the history.
    reply.then(
      () => this.#options.event({ type: 'isis', what: 'sent', console: `isis.${name}`, host: to, message: text, by }),
      () => undefined,
    );
    return reply;
  };

  #make(config: IsisInstanceConfig): IsisService {
    const { version, timers, event, load } = this.#options;
    const service = new IsisService({
      config,
      version,
      timers,
      note: (text) => event({ type: 'isis', console: `isis.${config.name}`, text }),
      reload: async () =>
        (await load())?.isis.find(({ name }) => name === config.name)?.settings ??
        'the configuration has errors, or no longer has this instance: see holdfast plan',
    });
    this.#services.set(config.name, service);
    return service;
  }

  #service(name: string): IsisService {
    const service = this.#services.get(name);
    if (!service) {
      throw new HoldfastError('HF_NO_ISIS', `no ISIS server is named '${name}'`);
    }
    return service;
  }
}

/** Settings by the keys of the configuration. */
const KEYS: Readonly<Partial<Record<keyof IsisConfig, string>>> = {
  ...{ serverId: 'id', serverPort: 'port', listen: 'listen', serverLog: 'log', log: 'log', logDate: 'log_date' },
  ...{
    ttyPorts: 'serial',
    ttySpeeds: 'serial',
    maxTtyPorts: 'max_serial',
    maxUdpPorts: 'max_presets',
    udpPorts: 'presets',
    handshaking: 'handshake',
    maxHosts: 'max_hosts',
  },
  ...{ hostExpiry: 'host_expiry', allow: 'allow', pins: 'pins', rateLimit: 'rate_limit' },
  ...{ extendedCommands: 'extended_commands', aliasAll: 'alias_all' },
};

/** Keys that differ; `ini` for everything from an isis.ini. */
function changedKeys(before: IsisInstanceConfig, after: IsisInstanceConfig): string[] {
  const settings = [
    ...new Set([...Object.keys(before.settings), ...Object.keys(after.settings)]),
  ] as (keyof IsisConfig)[];
  const changed = settings.filter((key) => !isSame(before.settings[key], after.settings[key]));
  const ofIni = after.source !== after.place.file;
  if (ofIni || before.source !== before.place.file) {
    return changed.length > 0 || before.source !== after.source ? ['ini'] : [];
  }
  return [...new Set(changed.map((key) => KEYS[key] ?? key))];
}
