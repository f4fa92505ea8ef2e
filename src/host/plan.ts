/** The changes of a new configuration, console by console. Pure. */
import type { ConsoleConfig, FailedStep, HostConfig, PlanStep, ServerChange, ServerConfig } from '../model/config.ts';

/** Takes effect with the next start of the process; everything else at once. */
const WITH_RESTART: ReadonlySet<string> = new Set([
  ...['run', 'user', 'group', 'chdir', 'env', 'env_file', 'umask', 'limits', 'quota'],
]);

/** Keys of the server that are looked up when they are needed. */
const LIVE: ReadonlySet<string> = new Set(['startAtOnce', 'eventsKeep']);

/** Keys that are passed to the holder at its start. */
const WITH_HOLDER: ReadonlySet<string> = new Set(['runtimeDir']);

/** Lists whose order is irrelevant. */
const SETS: ReadonlySet<string> = new Set(['after', 'endpoints', 'groups']);

/**
 * Whether a change of a console is a reset: its source is closed, and opened again as it is configured now, with its users on it.
 * Where there is such a rule no console is replaced, and nothing waits for the next start.
 */
export type Resets = (before: ConsoleConfig, after: ConsoleConfig) => boolean;

/** Removals first, since they free ports, sockets and logs; then additions and changes in the order of the new configuration. */
export function comparePlan(before: HostConfig, after: HostConfig, resets?: Resets): PlanStep[] {
  const wanted = new Map(after.consoles.map((console) => [console.name, console]));
  const running = new Map(before.consoles.map((console) => [console.name, console]));
  const removed = before.consoles.filter((console) => {
    const next = wanted.get(console.name);
    return next === undefined || (!resets && isReplaced(console, next));
  });
  return [
    ...removed.map(({ name }): PlanStep => ({ action: 'remove', console: name })),
    ...after.consoles.flatMap((console) => stepsTo(running.get(console.name), console, resets)),
  ];
}

/**
 * The target configuration while folders of consoles cannot be read: consoles found there earlier stay as they are.
 * Otherwise every outage of a file server would stop them.
 */
export function withUnread(before: HostConfig, after: HostConfig): HostConfig {
  const unread = new Set(after.unread);
  const kept = new Map(
    before.consoles.flatMap((console) =>
      console.foundIn !== undefined && unread.has(console.foundIn) ? [[console.name, console]] : [],
    ),
  );
  if (kept.size === 0) {
    return after;
  }
  const named = new Set(after.consoles.map(({ name }) => name));
  const consoles = after.consoles.map((console) => kept.get(console.name) ?? console);
  return { ...after, consoles: [...consoles, ...[...kept.values()].filter(({ name }) => !named.has(name))] };
}

/**
 * The configuration in force after applying everything except failed steps: a console that failed to be added is
 * missing, others are unchanged.
 */
export function inForce(
  before: readonly ConsoleConfig[],
  after: readonly ConsoleConfig[],
  failed: readonly FailedStep[],
): readonly ConsoleConfig[] {
  if (failed.length === 0) {
    return after;
  }
  const notAdded = new Set(failed.flatMap(({ action, console }) => (action === 'add' ? [console] : [])));
  const asBefore = new Set(failed.flatMap(({ action, console }) => (action === 'add' ? [] : [console])));
  const kept = new Map(before.flatMap((config) => (asBefore.has(config.name) ? [[config.name, config]] : [])));
  const wanted = after.filter(({ name }) => !notAdded.has(name) && !kept.has(name));
  return [...wanted, ...kept.values()];
}

/** Keys of `[server]` that differ from what is in force. */
export function serverChanges(inForce: ServerConfig, after: ServerConfig): ServerChange[] {
  return differences({ ...inForce }, { ...after }).map((key) => ({
    key: asWritten(key),
    effect: LIVE.has(key) ? 'live' : WITH_HOLDER.has(key) ? 'holder' : 'server',
  }));
}

/** The configuration in force once `after` is applied without any restart. */
export function serverInForce(before: ServerConfig, { startAtOnce, eventsKeep }: ServerConfig): ServerConfig {
  return { ...before, startAtOnce, eventsKeep };
}

function stepsTo(before: ConsoleConfig | undefined, after: ConsoleConfig, resets: Resets | undefined): PlanStep[] {
  if (before === undefined || (!resets && isReplaced(before, after))) {
    return [{ action: 'add', console: after.name }];
  }
  const keys = differences(comparable(before), comparable(after));
  const effect = !resets && keys.some((key) => WITH_RESTART.has(key)) ? 'restart' : 'live';
  return keys.length === 0 ? [] : [{ action: 'change', console: after.name, keys, effect }];
}

/** Another kind of source, or a link to another target: nothing of the old console can be kept. */
function isReplaced(before: ConsoleConfig, after: ConsoleConfig): boolean {
  return before.source.kind === 'run' && after.source.kind === 'run' ? false : !isSame(before.source, after.source);
}

/** By the keys of the files. */
function comparable({ name, place, foundIn, source, envFiles, ...rest }: ConsoleConfig): Record<string, unknown> {
  return { run: source, env_file: envFiles, ...rest };
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.filter((key) => !isSame(ordered(key, before[key]), ordered(key, after[key])));
}

function ordered(key: string, value: unknown): unknown {
  return SETS.has(key) && Array.isArray(value) ? value.toSorted() : value;
}

/** Values of a configuration: scalars, lists, records whose order of keys is irrelevant. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b;
  }
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}

/** `logDelay` is written `log_delay`. */
function asWritten(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
