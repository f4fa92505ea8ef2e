/** One event of the history as written, a line of JSON; a damaged line is not an event. Pure. */
import type { EventInfo } from '../model/api.ts';
import type { Death } from '../model/death.ts';
import { eventInfo } from '../model/event-text.ts';
import { EVENT_MEANING, type FactKind, type HostEvent, type Told } from '../model/events.ts';
import { ASSURANCES, CHANNELS } from '../model/principal.ts';
import { PROCESS_STATES } from '../model/process.ts';
import { askedOfEarlier, earlierEvent } from './earlier-events.ts';

/** More than a server can count in a lifetime; numbers stay exact for much longer. */
const HIGHEST = 2 ** 48;

type Table = Readonly<Record<string, unknown>>;
/** The required fields of each kind of event. */
const NEEDED: Readonly<Record<FactKind, readonly (keyof EventInfo)[]>> = {
  state: ['from', 'to', 'cause'],
  started: ['pid'],
  notStarted: ['reason'],
  ended: ['death'],
  attached: ['by'],
  detached: ['by'],
  writer: [],
  'note break': ['name', 'sequence'],
  'note mode': ['mode'],
  'note init': ['pid'],
  'config applied': ['steps'],
  'isis sent': ['host', 'message'],
  'login refused': ['method', 'reason', 'by'],
  'token made': ['token', 'user', 'until'],
  'token revoked': ['token', 'user'],
  'server up': ['version', 'pid', 'consoles'],
  'server down': ['all'],
  'holder lost': [],
  'holder found': ['living', 'ended'],
  'holder silent': ['silence'],
  'holder answers': ['afterSeconds'],
};
const TOLD: Readonly<Record<Told['type'], true>> = {
  ...{
    note: true,
    log: true,
    config: true,
    isis: true,
    conserver: true,
    token: true,
    network: true,
    server: true,
    holder: true,
  },
};

const isText = (value: unknown): boolean => typeof value === 'string';
const isState = (value: unknown): boolean => (PROCESS_STATES as readonly unknown[]).includes(value);

/** The type of each field, if present. */
const FIELDS: Readonly<Record<keyof EventInfo, (value: unknown) => boolean>> = {
  seq: (value) => Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < HIGHEST,
  time: isTime,
  type: (value) => typeof value === 'string' && Object.hasOwn(EVENT_MEANING, value),
  text: isText,
  by: isPrincipal,
  before: isPrincipal,
  death: isDeath,
  all: (value) => typeof value === 'boolean',
  steps: areSteps,
  failed: areSteps,
  silence: (value) => isTable(value) && Number.isFinite(value.pid) && isTime(value.since),
  ...{ console: isText, what: isText, cause: isText, failure: isText, reason: isText, name: isText, sequence: isText },
  ...{ mode: isText, host: isText, message: isText, version: isText, from: isState, to: isState },
  ...{ pid: Number.isFinite, session: Number.isFinite, consoles: Number.isFinite, living: Number.isFinite },
  ...{
    ended: Number.isFinite,
    afterSeconds: Number.isFinite,
    method: isText,
    token: isText,
    user: isText,
    until: isTime,
  },
};

export function eventLine(event: HostEvent): string {
  return `${JSON.stringify(eventInfo(event))}\n`;
}

/** Undefined if no server can have written this. Fields of a later version are ignored. */
export function readEvent(line: string): HostEvent | undefined {
  const value = tableOf(line);
  const { seq, time, type, text } = value;
  if (![seq, time, type, text].every((each) => each !== undefined)) {
    return undefined;
  }
  const names = (Object.keys(FIELDS) as (keyof EventInfo)[]).filter((name) => value[name] !== undefined);
  if (!names.every((name) => FIELDS[name](value[name]))) {
    return undefined;
  }
  const fields = Object.fromEntries(names.map((name) => [name, value[name]])) as unknown as EventInfo;
  return value.actor === undefined ? eventOf(fields) : earlierEvent(fields, value.actor);
}

function eventOf({ text, ...fields }: EventInfo): HostEvent | undefined {
  const { type, what, death } = fields;
  const needed = NEEDED[(what === undefined ? type : `${type} ${what}`) as FactKind] as
    | (typeof NEEDED)[FactKind]
    | undefined;
  if (needed?.every((name) => (fields as Partial<EventInfo>)[name] !== undefined)) {
    return (death ? { ...fields, death: askedOfEarlier(death) } : fields) as HostEvent;
  }
  return what === undefined && Object.hasOwn(TOLD, type)
    ? ({ ...fields, text } as HostEvent)
    : earlierEvent({ ...fields, text }, undefined);
}

function isDeath(value: unknown): value is Death {
  if (!isTable(value)) {
    return false;
  }
  const { time, pid, uptimeSeconds, code, signal, coreDumped, outOfMemory, maxRssKib, lastLines } = value;
  const { asked, askedBy, askedSignal } = value;
  return (
    isTime(time) &&
    [pid, uptimeSeconds, maxRssKib].every((each) => Number.isFinite(each)) &&
    (code === null || Number.isInteger(code)) &&
    (signal === null || typeof signal === 'string') &&
    [coreDumped, outOfMemory].every((each) => typeof each === 'boolean') &&
    [asked, askedSignal].every((each) => each === undefined || typeof each === 'string') &&
    (askedBy === undefined || isPrincipal(askedBy)) &&
    Array.isArray(lastLines) &&
    lastLines.every((line) => typeof line === 'string')
  );
}

function isPrincipal(value: unknown): boolean {
  if (!isTable(value)) {
    return false;
  }
  const { user, channel, from, assurance, port, pid, uid, behind, reason } = value;
  return (
    [user, from].every(isText) &&
    (CHANNELS as readonly unknown[]).includes(channel) &&
    (ASSURANCES as readonly unknown[]).includes(assurance) &&
    [port, pid, uid].every((each) => each === undefined || Number.isFinite(each)) &&
    [behind, reason].every((each) => each === undefined || isText(each))
  );
}

function areSteps(value: unknown): boolean {
  return Array.isArray(value) && value.every((step) => isTable(step) && [step.action, step.console].every(isText));
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty table if the line is not one. */
function tableOf(line: string): Table {
  try {
    const value: unknown = JSON.parse(line);
    return isTable(value) ? value : {};
  } catch {
    return {};
  }
}
