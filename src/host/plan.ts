/** The changes of a new configuration, console by console. Pure. */
import type { ConsoleConfig, FailedStep, HostConfig, PlanStep, ServerChange, ServerConfig } from '../model/config.ts';
import { isSame } from '../model/is-same.ts';
import { CONSOLE_KEYS } from '../model/keys/console-keys.ts';
import { type ConsoleKey, keyOf } from '../model/keys/record.ts';
import { SERVER_KEYS, type ServerEffect, type ServerKey } from '../model/keys/server-keys.ts';

const CONSOLE_RECORDS: Readonly<Record<string, ConsoleKey>> = CONSOLE_KEYS;
const SERVER_RECORDS: Readonly<Record<string, ServerKey>> = SERVER_KEYS;

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
  return differences({ ...inForce }, { ...after }).map((key) => ({ key, effect: effectOf(key) }));
}

/** The configuration in force once `after` is applied without any restart. */
export function serverInForce(before: ServerConfig, after: ServerConfig): ServerConfig {
  const properties = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof ServerConfig)[];
  const entries = properties.map((property) => {
    const source = effectOf(keyOf(property)) === 'live' ? after : before;
    return [property, source[property]] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as unknown as ServerConfig;
}

function effectOf(key: string): ServerEffect {
  return SERVER_RECORDS[key]?.change ?? 'server';
}

function stepsTo(before: ConsoleConfig | undefined, after: ConsoleConfig, resets: Resets | undefined): PlanStep[] {
  if (before === undefined || (!resets && isReplaced(before, after))) {
    return [{ action: 'add', console: after.name }];
  }
  const keys = differences(comparable(before), comparable(after));
  const effect = !resets && keys.some((key) => CONSOLE_RECORDS[key]?.change === 'process') ? 'restart' : 'live';
  return keys.length === 0 ? [] : [{ action: 'change', console: after.name, keys, effect }];
}

/** Another kind of source, or a link to another target: nothing of the old console can be kept. */
function isReplaced({ source: before }: ConsoleConfig, { source: after }: ConsoleConfig): boolean {
  const isKept = before.kind === after.kind && CONSOLE_RECORDS[after.kind]?.change === 'process';
  return !isKept && !isSame(before, after);
}

function comparable({ name, place, foundIn, origin, source, ...settings }: ConsoleConfig): Record<string, unknown> {
  return { [source.kind]: source, ...settings };
}

/** The keys of properties that differ. */
function differences(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const properties = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differ = properties.filter((property) => !isSame(before[property], after[property]));
  return differ.flatMap((property) => {
    const key = keyOf(property);
    return isSame(ordered(key, before[property]), ordered(key, after[property])) ? [] : [key];
  });
}

function ordered(key: string, value: unknown): unknown {
  return CONSOLE_RECORDS[key]?.unordered && Array.isArray(value) ? value.toSorted(byText) : value;
}

function byText(a: unknown, b: unknown): number {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one < other ? -1 : Number(one > other);
}
