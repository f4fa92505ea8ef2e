/** One event of the history as it is written down, a line of JSON; what is damaged is none. Pure. */
import { type Death, EVENT_MEANING, type HostEvent } from '../model/api.ts';
import { PROCESS_STATES } from '../model/process.ts';

/** Above what a server can have counted in a lifetime; numbers must stay exact for much longer. */
const HIGHEST = 2 ** 48;

export function eventLine(event: HostEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** Undefined where that is not an event that a server has written. */
export function readEvent(line: string): HostEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isEvent(value) ? value : undefined;
}

function isEvent(value: unknown): value is HostEvent {
  if (!isTable(value)) {
    return false;
  }
  const { seq, time, type, text, console, actor, from, to, death } = value;
  return (
    Number.isSafeInteger(seq) &&
    (seq as number) > 0 &&
    (seq as number) < HIGHEST &&
    isTime(time) &&
    typeof type === 'string' &&
    Object.hasOwn(EVENT_MEANING, type) &&
    typeof text === 'string' &&
    [console, actor].every((each) => each === undefined || typeof each === 'string') &&
    [from, to].every((each) => each === undefined || (PROCESS_STATES as readonly unknown[]).includes(each)) &&
    (death === undefined || isDeath(death))
  );
}

function isDeath(value: unknown): value is Death {
  if (!isTable(value)) {
    return false;
  }
  const { time, pid, uptimeSeconds, code, signal, coreDumped, outOfMemory, asked, maxRssKib, lastLines } = value;
  return (
    isTime(time) &&
    [pid, uptimeSeconds, maxRssKib].every((each) => Number.isFinite(each)) &&
    (code === null || Number.isInteger(code)) &&
    (signal === null || typeof signal === 'string') &&
    [coreDumped, outOfMemory].every((each) => typeof each === 'boolean') &&
    (asked === undefined || typeof asked === 'string') &&
    Array.isArray(lastLines) &&
    lastLines.every((line) => typeof line === 'string')
  );
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
