/**
 * A host over its control API. It knows neither sockets nor Node: for a browser, a fleet or a test another transport takes the place of
 * the unix socket.
 */
import type {
  AccessInfo,
  ConsoleDetail,
  ConsoleSummary,
  EventInfo,
  Opening,
  PastResources,
  PlanResult,
  RunningConfig,
  SearchItem,
  VersionInfo,
} from '../model/api.ts';
import type { HostConfig } from '../model/config.ts';
import type { EndSignal } from '../model/end-signal.ts';
import { ERRORS, HoldfastError } from '../model/errors.ts';
import type { FeedNews, FeedPlace } from '../model/feed.ts';
import type {
  AccessQuery,
  ClientEnterOptions,
  ClientSession,
  ConsoleFilter,
  EventFilter,
  HostClient,
  LogQuery,
  SearchRequest,
} from '../model/host-port.ts';
import { toPlain } from '../model/plain.ts';
import type { Resources } from '../model/resources.ts';
import type { SessionPort, SessionSink } from '../model/session.ts';
import { FarAudit } from './far-audit.ts';
import { FarIsis } from './far-isis.ts';
import { FarSession } from './far-session.ts';
import { FarTokens } from './far-tokens.ts';
import { watchFar } from './far-watch.ts';
import { problemError } from './problem-error.ts';
import { queryText } from './query-text.ts';
import { Requests } from './requests.ts';
import type { ClientRequest, Transport } from './transport.ts';

type OlderPlan = Omit<PlanResult, 'server'> & Partial<Pick<PlanResult, 'server'>>;

export class FarHost implements HostClient {
  readonly isis: FarIsis;
  readonly audit: FarAudit;
  readonly tokens: FarTokens;
  readonly #transport: Transport;
  readonly #requests: Requests;

  constructor(transport: Transport) {
    this.#transport = transport;
    this.#requests = new Requests(transport);
    this.isis = new FarIsis(this.#requests);
    this.audit = new FarAudit(this.#requests);
    this.tokens = new FarTokens(this.#requests);
  }

  version(): Promise<VersionInfo> {
    return this.#requests.get('/v1/version');
  }

  access(query: AccessQuery = {}): Promise<AccessInfo> {
    return this.#requests.get(`/v1/access${queryText({ ...query })}`);
  }

  openings(): Promise<readonly Opening[]> {
    return this.#requests.get('/v1/openings');
  }

  list(filter: ConsoleFilter = {}): Promise<readonly ConsoleSummary[]> {
    return this.#requests.get(`/v1/consoles${queryText({ ...filter })}`);
  }

  watch(after?: FeedPlace, ended?: EndSignal): AsyncGenerator<FeedNews> {
    return watchFar(this.#transport, after, ended);
  }

  async resources(): Promise<ReadonlyMap<string, Resources>> {
    return new Map(Object.entries(await this.#requests.get<Record<string, Resources>>('/v1/resources')));
  }

  pastResources(name: string): Promise<PastResources> {
    return this.#requests.get(`${pathOf(name)}/resources`);
  }

  detail(name: string): Promise<ConsoleDetail> {
    return this.#requests.get(pathOf(name));
  }

  start(name: string, reason?: string): Promise<ConsoleSummary> {
    return this.#requests.post(`${pathOf(name)}/start`, { reason });
  }

  stop(name: string, reason?: string): Promise<ConsoleSummary> {
    return this.#requests.post(`${pathOf(name)}/stop`, { reason });
  }

  restart(name: string, reason?: string): Promise<ConsoleSummary> {
    return this.#requests.post(`${pathOf(name)}/restart`, { reason });
  }

  signal(name: string, signal: number, reason?: string): Promise<ConsoleSummary> {
    return this.#requests.post(`${pathOf(name)}/signal`, { signal, reason });
  }

  hold(name: string, reason: string, until: number | undefined): Promise<ConsoleSummary> {
    const end = until === undefined ? {} : { until: isoTime(until) };
    return this.#requests.post(`${pathOf(name)}/hold`, { reason, ...end });
  }

  release(name: string, reason?: string): Promise<ConsoleSummary> {
    return this.#requests.post(`${pathOf(name)}/release`, { reason });
  }

  log(name: string, { since, until, ...rest }: LogQuery, ended?: EndSignal): AsyncIterable<Uint8Array> {
    const query = {
      ...rest,
      ...(since === undefined ? {} : { since: isoTime(since) }),
      ...(until === undefined ? {} : { until: isoTime(until) }),
    };
    return this.#requests.bytes(`${pathOf(name)}/log${queryText(query)}`, ended);
  }

  search({ since, until, ...rest }: SearchRequest, ended?: EndSignal): AsyncIterable<SearchItem> {
    const body = {
      ...rest,
      ...(since === undefined ? {} : { since: isoTime(since) }),
      ...(until === undefined ? {} : { until: isoTime(until) }),
    };
    return this.#requests.documents('/v1/search', ended, body);
  }

  events(filter: EventFilter): Promise<readonly EventInfo[]> {
    return this.#requests.get(`/v1/events${eventQuery(filter)}`);
  }

  async *followEvents(filter: EventFilter, ended?: EndSignal): AsyncGenerator<EventInfo> {
    yield* this.#requests.documents<EventInfo>(`/v1/events${eventQuery(filter, true)}`, ended);
    if (!ended?.aborted) {
      throw new HoldfastError('HF_NO_SERVER', 'the server went down');
    }
  }

  enter(name: string, options: ClientEnterOptions, sink: SessionSink<SessionPort>): ClientSession {
    return new FarSession(this.#transport, pathOf(name), options, sink);
  }

  configuration(console?: string): Promise<RunningConfig> {
    return this.#requests.get(`/v1/config${queryText({ ...(console === undefined ? {} : { console }) })}`);
  }

  plan(instead?: HostConfig): Promise<PlanResult> {
    return this.#planned(
      instead === undefined
        ? { method: 'GET', target: '/v1/plan' }
        : { method: 'POST', target: '/v1/plan', body: { config: toPlain(withoutOrigins(instead)) } },
    );
  }

  apply(reason?: string, plan?: string): Promise<PlanResult> {
    return this.#planned({ method: 'POST', target: '/v1/apply', body: { reason, plan } });
  }

  async down(all: boolean, reason?: string): Promise<void> {
    await this.#requests.post('/v1/down', { all, reason });
  }

  /** A configuration with mistakes is a result here, and a problem document on the way. */
  async #planned(request: ClientRequest): Promise<PlanResult> {
    const { status, text } = await this.#requests.answer(request);
    if (status === 200) {
      // A server older than this program does not speak of [server].
      const { server = [], ...plan } = JSON.parse(text) as OlderPlan;
      return { ...plan, server };
    }
    const { problems } = status === ERRORS.HF_BAD_CONFIG.status ? (JSON.parse(text) as Partial<PlanResult>) : {};
    if (problems === undefined) {
      throw problemError(status, text);
    }
    return { steps: [], server: [], problems };
  }
}

/** Where its keys are given does not matter for what would change. */
function withoutOrigins({ consoles, ...config }: HostConfig): HostConfig {
  return { ...config, consoles: consoles.map(({ origin, ...console }) => console) };
}

function pathOf(name: string): string {
  return `/v1/consoles/${encodeURIComponent(name)}`;
}

function eventQuery({ from, types, until, ...rest }: EventFilter, follow = false): string {
  return queryText({
    ...rest,
    ...(types === undefined ? {} : { types: types.join(',') }),
    ...(from === undefined ? {} : { from: isoTime(from) }),
    ...(until === undefined ? {} : { until: isoTime(until) }),
    ...(follow ? { follow } : {}),
  });
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
