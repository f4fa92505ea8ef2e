/** The views of all consoles: list, feed, resources. */
import type { HostConsole } from '../console/host-console.ts';
import type { ConsoleSummary, PastResources as PastResourcesInfo } from '../model/api.ts';
import type { Backends } from '../model/backend.ts';
import type { EndSignal } from '../model/end-signal.ts';
import type { FeedNews, FeedPlace } from '../model/feed.ts';
import type { ConsoleFilter } from '../model/host-port.ts';
import type { Resources } from '../model/resources.ts';
import type { Clock } from '../platform/time/clock.ts';
import { ConsoleFeed } from './console-feed.ts';
import type { Events } from './events.ts';
import type { PastResources } from './past-resources.ts';

export interface OverviewParts {
  readonly clock: Clock;
  readonly events: Events;
  readonly backends: Backends;
  /** Resource use of processes without a cgroup, by the pid of their session leader. Absent: it is not measured. */
  readonly sessionUses?: (() => Promise<ReadonlyMap<number, Resources>>) | undefined;
  /** Absent: nothing is sampled. */
  readonly pastResources?: Pick<PastResources, 'of'>;
  /** By name. */
  readonly consoles: ReadonlyMap<string, HostConsole>;
}

export class Overview {
  readonly #parts: OverviewParts;
  readonly #feed: ConsoleFeed<HostConsole>;

  constructor(parts: OverviewParts) {
    const { backends, clock, consoles, events } = parts;
    this.#parts = parts;
    this.#feed = new ConsoleFeed<HostConsole>({
      ...{ clock, consoles },
      line: ({ backend }) => backend.lineNow,
      rows: () => this.#rows(),
      refreshLines: () => backends.refreshLines(),
      listen: (handler) => events.listen(handler),
    });
  }

  /** The holder does not answer, which concerns every console. */
  get silence(): Pick<ConsoleSummary, 'holderSilent'> {
    const { silence } = this.#parts.backends;
    return silence === undefined ? {} : { holderSilent: silence };
  }

  async list({ group, state }: ConsoleFilter): Promise<readonly ConsoleSummary[]> {
    await this.#parts.backends.refreshLines();
    const chosen = [...this.#parts.consoles.values()].filter(
      ({ config, supervised }) =>
        (group === undefined || config.groups.includes(group)) && (state === undefined || supervised.state === state),
    );
    return chosen.map(this.#rows());
  }

  /** Rights have changed, and so may what watchers can see. */
  review(): void {
    this.#feed.review();
  }

  watch(after?: FeedPlace, ended?: EndSignal): AsyncIterable<FeedNews> {
    return this.#feed.watch(after, ended);
  }

  async resources(): Promise<ReadonlyMap<string, Resources>> {
    const all = await this.#parts.backends.resources().catch(({ message }: Error) => message);
    const ofEach = [...this.#parts.consoles].flatMap(([name, { view }]): [string, Resources][] => {
      const resources = typeof all === 'string' ? { missing: all } : all.get(name);
      return view.hasProcess && resources ? [[name, resources]] : [];
    });
    return this.#accounted(new Map(ofEach));
  }

  /** The resource use of one console, if it has processes. */
  async resourcesOf({ name, view }: HostConsole): Promise<Resources | undefined> {
    const resources = await view.resources();
    return resources && (await this.#accounted(new Map([[name, resources]]))).get(name);
  }

  pastResourcesOf({ name }: Pick<HostConsole, 'name'>): PastResourcesInfo {
    const { clock, pastResources } = this.#parts;
    return pastResources?.of(name) ?? { since: new Date(clock.now()).toISOString(), spans: [] };
  }

  /** Without a cgroup, by their session. */
  async #accounted(all: ReadonlyMap<string, Resources>): Promise<ReadonlyMap<string, Resources>> {
    const { consoles, sessionUses } = this.#parts;
    const isOpen = ({ processes }: Resources) => processes === undefined;
    if (!sessionUses || ![...all.values()].some(isOpen)) {
      return all;
    }
    const uses = await sessionUses().catch(() => new Map<number, Resources>());
    return new Map(
      [...all].map(([name, resources]) => {
        const use = isOpen(resources) ? uses.get(consoles.get(name)?.supervised.pid ?? 0) : undefined;
        return [name, use ?? resources];
      }),
    );
  }

  #rows(): (console: HostConsole) => ConsoleSummary {
    const { silence } = this;
    return ({ view }) => ({ ...view.summary(), ...silence });
  }
}
