/** Ends, memory and CPU of a console on one time axis, for the plots and the table. Pure. */
import type { EventInfo, PastResources, Resources } from '../../src/model/api.ts';

export const RANGES = { hour: { ms: 60_000, count: 60 }, day: { ms: 900_000, count: 96 } } as const;
export type Range = keyof typeof RANGES;

export interface Bucket {
  /** When it begins. Milliseconds since 1970. */
  readonly at: number;
  /** Ends that nobody requested, and failed starts. */
  readonly own: number;
  readonly asked: number;
  readonly memoryBytes?: number;
  /** Processors. */
  readonly cpu?: number;
}

export interface Timeline {
  readonly buckets: readonly Bucket[];
  readonly ms: number;
  /** Time since which all ends are counted, if within the range. */
  readonly endsSince?: number;
  /** Time since which the server has sampled memory and CPU, if within the range. */
  readonly usesSince?: number;
}

export interface Facts {
  /** Oldest first. */
  readonly events: readonly EventInfo[];
  /** There are older ones. */
  readonly isCut: boolean;
  readonly past: PastResources | undefined;
  readonly present: Resources | undefined;
}

export function timelineOf({ events, isCut, past, present }: Facts, range: Range, now: number): Timeline {
  const { count, ms } = RANGES[range];
  const last = Math.floor(now / ms);
  const first = last - count + 1;
  const buckets = Array.from({ length: count }, (_, at): Mutable => ({ at: (first + at) * ms, own: 0, asked: 0 }));
  const at = (time: number) => buckets[Math.floor(time / ms) - first];
  for (const { death, time, type } of events) {
    const bucket = at(Date.parse(time));
    if (bucket && (type === 'ended' || type === 'notStarted')) {
      bucket[death?.asked === undefined ? 'own' : 'asked']++;
    }
  }
  const means = new Map<Mutable, { sum: number; seconds: number }>();
  for (const { cpu, memoryBytes, seconds, time } of past?.spans ?? []) {
    // By its middle, as a span need not begin with a bucket.
    const bucket = at(Date.parse(time) + seconds * 500);
    if (bucket) {
      most(bucket, memoryBytes);
      if (cpu !== undefined) {
        const mean = means.get(bucket) ?? { sum: 0, seconds: 0 };
        means.set(bucket, { sum: mean.sum + cpu * seconds, seconds: mean.seconds + seconds });
      }
    }
  }
  for (const [bucket, { seconds, sum }] of means) {
    bucket.cpu = sum / seconds;
  }
  most(buckets.at(-1), present?.memoryBytes);
  const begin = first * ms;
  const oldest = events[0] && isCut ? Date.parse(events[0].time) : begin;
  const since = past === undefined ? begin : Date.parse(past.since);
  return {
    ...{ buckets, ms },
    ...(oldest > begin ? { endsSince: oldest } : {}),
    ...(since > begin ? { usesSince: since } : {}),
  };
}

/** All data is from the last hour, so a day would show only a line at its end. */
export function firstRange({ events, past }: Pick<Facts, 'events' | 'past'>, now: number): Range {
  const known = [events[0]?.time, past?.spans[0]?.time].flatMap((time) =>
    time === undefined ? [] : [Date.parse(time)],
  );
  const { count, ms } = RANGES.hour;
  return known.every((time) => time > now - (count - 1) * ms) ? 'hour' : 'day';
}

type Mutable = { -readonly [Key in keyof Bucket]: Bucket[Key] };

function most(bucket: Mutable | undefined, memoryBytes: number | undefined): void {
  if (bucket && memoryBytes !== undefined) {
    bucket.memoryBytes = Math.max(bucket.memoryBytes ?? 0, memoryBytes);
  }
}

/** The rows of the table: spans with data, newest first. */
export function told(buckets: readonly Bucket[]): readonly Bucket[] {
  return buckets
    .filter(({ asked, cpu, memoryBytes, own }) => own + asked > 0 || cpu !== undefined || memoryBytes !== undefined)
    .reverse();
}

/** The span of the log around an end. Milliseconds. */
const BEFORE_MS = 120_000;
const AFTER_MS = 10_000;

export function around(time: string): { readonly since: number; readonly until: number } {
  const at = Date.parse(time);
  return { since: at - BEFORE_MS, until: at + AFTER_MS };
}

/** The events that the view is made of. */
export const EVENTS = 500;

/** The newest. A server that lost its history restarts its numbers. */
export function joined(known: readonly EventInfo[], newer: readonly EventInfo[]): readonly EventInfo[] {
  const last = known.at(-1)?.seq ?? 0;
  const isAnew = newer[0] !== undefined && newer[0].seq <= last;
  return [...(isAnew ? [] : known), ...newer].slice(-EVENTS);
}

/** A configuration was applied that changed this console: such an event belongs to the host, and names no console. */
export function isAbout({ console, steps = [] }: EventInfo, name: string): boolean {
  return console === undefined && steps.some((step) => 'console' in step && step.console === name);
}
