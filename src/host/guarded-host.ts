/** The host as one principal uses it: each call is asked for in `VERBS`, and what changes something is told to the audit. */
import { searchHost } from '../logs/search-host.ts';
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
import type { AuditReader } from '../model/audit.ts';
import type { HostConfig } from '../model/config.ts';
import { problemText } from '../model/config-problem.ts';
import { counted } from '../model/counted.ts';
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import type { FeedNews, FeedPlace } from '../model/feed.ts';
import type {
  AccessQuery,
  ActingHost,
  ConsoleFilter,
  EventFilter,
  LogFiles,
  LogQuery,
  NearEventFilter,
  NearHost,
  SearchRequest,
} from '../model/host-port.ts';
import type { IsisPort } from '../model/isis-port.ts';
import type { Principal } from '../model/principal.ts';
import type { Resources } from '../model/resources.ts';
import { type Right, VERBS, type Verb } from '../model/rights.ts';
import type { RightsPort } from '../model/rights-port.ts';
import type { EnterOptions, Session, SessionSink } from '../model/session.ts';
import type { TokensPort } from '../model/token-port.ts';
import { type AccessSubject, everything } from './access-overview.ts';
import { type AuditPort, auditIsOff, NO_AUDIT } from './audit-port.ts';
import { guardOf } from './guard.ts';
import { guardedTokens } from './guarded-tokens.ts';

export interface HostRights extends RightsPort {
  /** Whether nothing is refused to this principal. */
  isUnlimited(by: Principal): boolean;
  /** The rights on these consoles of `by`, or of `user`. `everybody`: with all rules about the one console. */
  overview(by: Principal, wanted: AccessWanted): Promise<AccessInfo>;
  openings(): Promise<readonly Opening[]>;
  /** Another number where a principal may have other rights than before. */
  readonly generation: number;
}

export interface AccessWanted {
  readonly user?: string | undefined;
  readonly subjects: readonly AccessSubject[];
  readonly everybody: boolean;
}

export interface Guarded {
  readonly host: NearHost;
  /** Absent: this host can have no ISIS servers. */
  readonly isis?: IsisPort | undefined;
  /** Absent: this host keeps none. */
  readonly tokens?: TokensPort | undefined;
  readonly access: HostRights;
  readonly audit: AuditPort;
  /** Absent: there is nothing to be read of it. */
  readonly recorded?: AuditReader;
}

/** For a host that everybody who reaches it may do everything to. */
export const UNGUARDED: Pick<Guarded, 'access' | 'audit'> = {
  access: {
    learn: async () => undefined,
    refusal: () => undefined,
    isUnlimited: () => true,
    overview: async (by, { user }) => everything(user === undefined ? by : { user }, { governed: false }),
    openings: async () => [],
    generation: 0,
  },
  audit: NO_AUDIT,
};

export class GuardedHost implements ActingHost {
  readonly by: Principal;
  readonly isis: ActingHost['isis'];
  readonly audit: AuditReader;
  readonly tokens: ActingHost['tokens'];
  readonly #parts: Guarded;

  constructor(parts: Guarded, by: Principal) {
    this.#parts = parts;
    this.by = by;
    this.isis = this.#guardedIsis();
    this.audit = this.#guardedAudit();
    this.tokens = guardedTokens({
      by,
      tokens: parts.tokens,
      may: (verb) => parts.access.refusal(by, verb) === undefined,
      act: (verb, reason, action, details) => this.#do(verb, undefined, reason, action, details),
    });
  }

  get #host(): NearHost {
    return this.#parts.host;
  }

  version(): Promise<VersionInfo> {
    return this.#host.version();
  }

  async access({ user, console }: AccessQuery = {}): Promise<AccessInfo> {
    const isOther = user !== undefined && user !== this.by.user;
    if (isOther) {
      this.#must('accessOfOthers');
    }
    return this.#parts.access.overview(this.by, {
      user: isOther ? user : undefined,
      subjects: await this.#subjects(console),
      everybody: console !== undefined && this.#parts.access.refusal(this.by, 'accessOfOthers') === undefined,
    });
  }

  async openings(): Promise<readonly Opening[]> {
    this.#must('openings');
    return this.#parts.access.openings();
  }

  /** One, or all that rules can be about. */
  async #subjects(name: string | undefined): Promise<readonly AccessSubject[]> {
    const servers = ((await this.#parts.isis?.list()) ?? []).map((each) => isisName(each.name));
    if (name !== undefined) {
      const isIsis = servers.includes(name);
      if (!isIsis) {
        this.#host.mustKnow(name);
      }
      return [{ on: isIsis ? 'isis' : 'console', name }];
    }
    return [
      ...(await this.#host.list()).map((each) => ({ on: 'console' as const, name: each.name })),
      ...servers.map((each) => ({ on: 'isis' as const, name: each })),
      { on: 'host' },
    ];
  }

  async list(filter?: ConsoleFilter): Promise<readonly ConsoleSummary[]> {
    return this.#mine('list', await this.#host.list(filter), ({ name }) => name);
  }

  async *watch(after?: FeedPlace, ended?: EndSignal): AsyncGenerator<FeedNews> {
    const { access } = this.#parts;
    const { generation } = access;
    if (access.isUnlimited(this.by)) {
      for await (const news of this.#host.watch(after, ended)) {
        if (access.generation !== generation) {
          return;
        }
        yield news;
      }
      return;
    }
    const mark = `/${generation}`;
    // Where the rights have changed since, the place is of another feed, and the table comes again.
    const place = after?.feed.endsWith(mark) ? { ...after, feed: after.feed.slice(0, -mark.length) } : undefined;
    for await (const news of this.#host.watch(place, ended)) {
      if (access.generation !== generation) {
        return;
      }
      const feed = news.feed + mark;
      yield news.type === 'table'
        ? { ...news, feed, consoles: this.#mine('watch', news.consoles, ({ name }) => name) }
        : { ...news, feed, changed: this.#mine('watch', news.changed, ({ name }) => name) };
    }
  }

  async resources(): Promise<ReadonlyMap<string, Resources>> {
    return new Map(this.#mine('resources', [...(await this.#host.resources())], ([name]) => name));
  }

  async pastResources(name: string): Promise<PastResources> {
    this.#must('pastResources', name);
    return this.#host.pastResources(name);
  }

  async detail(name: string): Promise<ConsoleDetail> {
    this.#must('detail', name);
    return this.#host.detail(name);
  }

  start(name: string, reason?: string): Promise<ConsoleSummary> {
    return this.#do('start', name, reason, (by) => this.#host.start(name, by));
  }

  stop(name: string, reason?: string): Promise<ConsoleSummary> {
    return this.#do('stop', name, reason, (by) => this.#host.stop(name, by));
  }

  restart(name: string, reason?: string): Promise<ConsoleSummary> {
    return this.#do('restart', name, reason, (by) => this.#host.restart(name, by));
  }

  signal(name: string, signal: number, reason?: string): Promise<ConsoleSummary> {
    return this.#do('signal', name, reason, (by) => this.#host.signal(name, signal, by), { signal });
  }

  hold(name: string, reason: string, until: number | undefined): Promise<ConsoleSummary> {
    return this.#do('hold', name, reason, (by) => this.#host.hold(name, reason, until, by));
  }

  release(name: string, reason?: string): Promise<ConsoleSummary> {
    return this.#do('release', name, reason, (by) => this.#host.release(name, by));
  }

  async *log(name: string, query: LogQuery, ended?: EndSignal): AsyncGenerator<Uint8Array> {
    this.#must('log', name);
    yield* this.#host.log(name, query, ended);
  }

  logFiles(name: string): LogFiles {
    this.#must('log', name);
    return this.#host.logFiles(name);
  }

  /** Consoles that are not named are left out where their logs may not be read. */
  search(request: SearchRequest, ended?: EndSignal): AsyncIterable<SearchItem> {
    return searchHost(this, request, ended);
  }

  async searchable(): Promise<readonly string[]> {
    const names = (await this.#host.list()).map(({ name }) => name);
    return this.#mine('search', names, (name) => name);
  }

  async events(filter: EventFilter): Promise<readonly EventInfo[]> {
    return this.#host.events({ ...filter, ...this.#seen });
  }

  followEvents(filter: EventFilter, ended?: EndSignal, behind?: () => void): AsyncIterable<EventInfo> {
    return this.#host.followEvents({ ...filter, ...this.#seen }, ended, behind);
  }

  /** Asked for each event: a right may be gone by then. */
  get #seen(): Pick<NearEventFilter, 'sees'> {
    return { sees: (console) => this.#sees('events', console) };
  }

  async configuration(name?: string): Promise<RunningConfig> {
    this.#must('configuration');
    return this.#host.configuration(name);
  }

  async plan(instead?: HostConfig): Promise<PlanResult> {
    this.#must('plan');
    return this.#host.plan(instead);
  }

  apply(reason?: string, plan?: string): Promise<PlanResult> {
    return this.#do('apply', undefined, reason, (by) => this.#host.apply(by, plan), {}, nothingApplied);
  }

  down(all: boolean, reason?: string): Promise<void> {
    return this.#do('down', undefined, reason, (by) => this.#host.down(all, by), { all });
  }

  mustEnter(name: string): void {
    this.#host.mustKnow(name);
    this.#must('enter', name);
  }

  /** The session asks for its rights itself, since it may lose them while it is there. */
  enter(name: string, options: EnterOptions, sink: SessionSink): Session {
    return this.#host.enter(name, this.by, options, sink);
  }

  refusal(verb: Verb, name?: string): HoldfastError | undefined {
    return this.#parts.access.refusal(this.by, verb, name);
  }

  ask(verb: Verb, name?: string): HoldfastError | undefined {
    return guardOf(this.#parts).ask(this.by, verb, name);
  }

  deny(verb: Verb, why: string, name?: string): void {
    guardOf(this.#parts).deny(this.by, verb, name, new Error(why));
  }

  evict(name: string, sessions: readonly number[], reason: string): Promise<number> {
    return this.#do('evict', name, undefined, (by) => this.#host.evict(name, sessions, reason, by), { sessions });
  }

  reopenLogs(): Promise<void> {
    return this.#do('reopenLogs', undefined, undefined, (by) => this.#host.reopenLogs(by));
  }

  #guardedIsis(): ActingHost['isis'] {
    const port = (name: string): IsisPort => {
      const { isis } = this.#parts;
      if (isis === undefined) {
        throw new HoldfastError('HF_NO_ISIS', `no ISIS server is named '${name}'`);
      }
      return isis;
    };
    return {
      list: async () => this.#mine('listIsis', (await this.#parts.isis?.list()) ?? [], ({ name }) => isisName(name)),
      hosts: async (name) => {
        this.#must('listIsis', isisName(name));
        return port(name).hosts(name);
      },
      ports: async (name) => {
        this.#must('listIsis', isisName(name));
        return port(name).ports(name);
      },
      send: (name, to, text, seconds, reason) =>
        this.#do('sendIsis', isisName(name), reason, async (by) => port(name).send(name, to, text, seconds, by), {
          to,
          text,
        }),
      ping: async (name, to, seconds) => {
        this.#must('pingIsis', isisName(name));
        return port(name).ping(name, to, seconds);
      },
      watch: (name, filter, ended) => {
        this.#must('watchIsis', isisName(name));
        return port(name).watch(name, filter, ended);
      },
    };
  }

  #guardedAudit(): AuditReader {
    const recorded = (): AuditReader => {
      this.#must('audit');
      if (this.#parts.recorded === undefined) {
        throw auditIsOff();
      }
      return this.#parts.recorded;
    };
    return {
      records: (...how) => recorded().records(...how),
      verify: async (...how) => recorded().verify(...how),
    };
  }

  #sees(verb: Verb, name: string | undefined): boolean {
    return name === undefined || this.refusal(verb, name) === undefined;
  }

  #mine<T>(verb: Verb, all: readonly T[], nameOf: (one: T) => string | undefined): readonly T[] {
    return this.#parts.access.isUnlimited(this.by) ? all : all.filter((one) => this.#sees(verb, nameOf(one)));
  }

  /** Throws what is missing. */
  #must(verb: Verb, name?: string, by = this.by): void {
    const refusal = guardOf(this.#parts).ask(by, verb, name);
    if (refusal) {
      throw refusal;
    }
  }

  async #do<T>(
    verb: Verb,
    name: string | undefined,
    reason: string | undefined,
    act: (by: Principal) => Promise<T>,
    details: Readonly<Record<string, unknown>> = {},
    /** Why a result is none, for the record. */
    fault: (result: T) => Error | undefined = () => undefined,
  ): Promise<T> {
    const by = reason === undefined ? this.by : { ...this.by, reason };
    const deed = { verb, by, ...(name === undefined ? {} : { console: name }), details };
    this.#must(verb, name, by);
    // Not waited for without need: what is asked for is asked for when this returns.
    if (mustBeOnRecord(verb)) {
      await this.#parts.audit.mayDo(deed);
    }
    try {
      const result = await act(by);
      const wrong = fault(result);
      if (wrong) {
        this.#parts.audit.failed(deed, wrong);
      } else {
        this.#parts.audit.done(deed);
      }
      return result;
    } catch (error) {
      this.#parts.audit.failed(deed, error as Error);
      throw error;
    }
  }
}

function nothingApplied({ problems: [first, ...others] }: PlanResult): Error | undefined {
  const more = others.length === 0 ? '' : `, and ${counted(others.length, 'other problem')}`;
  return first && new Error(`nothing was applied: ${problemText(first)}${more}`);
}

/** As rules know an ISIS server. */
function isisName(name: string): string {
  return `isis.${name}`;
}

/** The rights refused while nothing can be recorded: never those that keep consoles running. */
function mustBeOnRecord(verb: Verb): boolean {
  const { right }: { readonly right?: Right } = VERBS[verb];
  return right === 'admin' || right === 'configure';
}
