/** What there is to see of all consoles at once: list, feed, resources. */
import type { HostConsole } from '../console/host-console.ts';
import type { ConsoleSummary } from '../model/api.ts';
import type { Backends } from '../model/backend.ts';
import type { EndSignal } from '../model/end-signal.ts';
import type { FeedNews, FeedPlace } from '../model/feed.ts';
import type { ConsoleFilter } from '../model/host-port.ts';
import type { Resources } from '../model/resources.ts';
import type { Clock } from '../platform/time/clock.ts';
import { ConsoleFeed } from './console-feed.ts';
import type { Events } from './events.ts';

export interface OverviewParts {
  readonly clock: Clock;
  readonly events: Events;
  readonly backends: Backends;
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

  watch(after?: FeedPlace, ended?: EndSignal): AsyncIterable<FeedNews> {
    return this.#feed.watch(after, ended);
  }

  async resources(): Promise<ReadonlyMap<string, Resources>> {
    const all = await this.#parts.backends.resources().catch(({ message }: Error) => message);
    const ofEach = [...this.#parts.consoles].flatMap(([name, { view }]): [string, Resources][] => {
      const resources = typeof all === 'string' ? { missing: all } : all.get(name);
      return view.hasProcess && resources ? [[name, resources]] : [];
    });
    return new Map(ofEach);
  }

  #rows(): (console: HostConsole) => ConsoleSummary {
    const { silence } = this;
    return ({ view }) => ({ ...view.summary(), ...silence });
  }
}
