/** A console as the API shows it. */
import type { ConsoleDetail, ConsoleSummary, HoldInfo } from '../model/api.ts';
import type { Backend } from '../model/backend.ts';
import type { ConsoleConfig, LinkSource } from '../model/config.ts';
import { notationOf } from '../model/endpoint.ts';
import { deathInfo } from '../model/event-text.ts';
import { printable } from '../model/printable.ts';
import { isUp, NO_PID, type ProcessState } from '../model/process.ts';
import type { Resources } from '../model/resources.ts';
import { signalName } from '../model/signals.ts';
import { timesOf } from '../model/stop-recipe.ts';
import type { Lives } from './lives.ts';
import type { ProcessConsole } from './process-console.ts';
import type { SessionRegistry } from './session-registry.ts';

/** States in which a console may be that is wanted up and does not come up. */
const NOT_UP: ReadonlySet<ProcessState> = new Set(['starting', 'waiting', 'crash-looping', 'failed']);

/** The visible parts of a console. */
export interface Viewed {
  readonly config: ConsoleConfig;
  readonly hold: HoldInfo | undefined;
  readonly backend: Backend;
  readonly supervised: ProcessConsole;
  readonly registry: SessionRegistry;
  readonly lives: Lives;
  /** The obstacle that a start waits for. */
  readonly waitsFor: ConsoleSummary['waitsFor'];
}

export class ConsoleView {
  readonly #console: Viewed;
  #lastLine = '';

  constructor(console: Viewed) {
    this.#console = console;
  }

  /** Takes the current last line of the output, and returns the one to show: the last that was not empty. */
  lastLine(now: string): string {
    this.#lastLine = now || this.#lastLine;
    return printable(this.#lastLine);
  }

  summary(): ConsoleSummary {
    const { config, supervised, hold, lives, registry, waitsFor } = this.#console;
    const { logState } = this.#console.backend;
    const { writer } = registry;
    const startTrouble = NOT_UP.has(supervised.state) ? lives.startTrouble : undefined;
    return {
      name: config.name,
      kind: config.source.kind,
      state: supervised.state,
      since: new Date(lives.since).toISOString(),
      ...(this.#pid === undefined ? {} : { pid: this.#pid }),
      restarts: lives.restarts,
      ...(lives.flapping && isUp(supervised.state) ? { flapping: true } : {}),
      ...(writer ? { writer } : {}),
      sessions: registry.size,
      lastLine: this.lastLine(this.#console.backend.lineNow),
      groups: config.groups,
      description: config.description,
      labels: config.labels,
      ...(config.user === undefined ? {} : { user: config.user }),
      ...(hold ? { hold } : {}),
      ...(waitsFor ? { waitsFor } : {}),
      ...this.#stopping,
      ...this.#readiness,
      ...(startTrouble ? { startTrouble: { ...startTrouble, since: new Date(startTrouble.since).toISOString() } } : {}),
      ...(config.log ? { log: config.log.path } : {}),
      ...(logState ? { logTrouble: { text: logState.text, since: new Date(logState.since).toISOString() } } : {}),
    };
  }

  detail(): ConsoleDetail {
    const { config, lives, registry, supervised } = this.#console;
    const { source } = config;
    const bounds = config.endpoints.flatMap((endpoint) =>
      typeof endpoint === 'string' ? [] : [[endpoint.at, endpoint.may] as const],
    );
    return {
      ...this.summary(),
      ...(source.kind === 'run'
        ? { command: source.argv }
        : source.kind === 'none'
          ? {}
          : { address: addressOf(source) }),
      ...(config.chdir === undefined ? {} : { chdir: config.chdir }),
      restartMode: supervised.supervisor.policy.mode,
      ...(config.ready?.pattern === undefined ? {} : { readyPattern: config.ready.pattern }),
      endpoints: config.endpoints.map(notationOf),
      ...(bounds.length === 0 ? {} : { bounded: Object.fromEntries(bounds) }),
      sessionList: registry.list,
      deaths: lives.deaths.map(deathInfo),
    };
  }

  /** It has a process, which uses something. */
  get hasProcess(): boolean {
    return this.#pid !== undefined;
  }

  /** The resources of its processes, if any. */
  async resources(): Promise<Resources | undefined> {
    return this.hasProcess
      ? this.#console.backend.resources().catch((error: Error) => ({ missing: error.message }))
      : undefined;
  }

  get #stopping(): Pick<ConsoleSummary, 'stopping'> {
    const { config, supervised } = this.#console;
    const { stopping } = supervised;
    if (!stopping || config.source.kind !== 'run') {
      return {};
    }
    const steps = timesOf(stopping.steps).map(({ after, step }) => ({
      afterSeconds: after / 1000,
      ...('signal' in step ? { signal: signalName(step.signal) } : step),
    }));
    return { stopping: { since: new Date(stopping.since).toISOString(), steps } };
  }

  get #readiness(): Pick<ConsoleSummary, 'readiness'> {
    const { config, supervised } = this.#console;
    const { pid, startedAt, state } = supervised;
    const { ready } = config;
    if (!ready || pid === undefined || startedAt === undefined || !(state === 'starting' || state === 'running')) {
      return {};
    }
    const what = ready.pattern === undefined ? `port ${ready.port}` : `'${ready.pattern}' in its output`;
    return { readiness: { what, until: new Date(startedAt + ready.within).toISOString() } };
  }

  /** Of a process; a link has none. */
  get #pid(): number | undefined {
    const { pid } = this.#console.supervised;
    return pid === NO_PID ? undefined : pid;
  }
}

/** The target of a link. */
export function addressOf(source: LinkSource): string {
  return 'path' in source ? source.path : `${source.host}:${source.port}`;
}
