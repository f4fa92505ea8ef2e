/** The lines of `audit.jsonl`, and the events recorded in it besides the verbs that change something. Pure. */
import type { PlanStep } from './config.ts';
import type { FactKind, Facts, HostEvent } from './events.ts';
import { type Principal, principalText, self } from './principal.ts';
import { deedText, type Right, VERBS, type Verb } from './rights.ts';

/** The file in the state directory; its predecessors have `.1`, `.2`... after the name. */
export const AUDIT_FILE = 'audit.jsonl';

/** Of lines that nobody asked for. */
export const THE_SERVER = self('the server');

export const OUTCOME_MEANING = {
  begun: 'about to be carried out; on disk before that. A later line has the outcome, unless the server ended first',
  done: 'carried out',
  failed: 'allowed, but could not be carried out; `error` says why',
  refused: 'not allowed; `right` is the missing one, `error` says why',
} as const;

export type Outcome = keyof typeof OUTCOME_MEANING;

/** Acts recorded under a name that is not a verb of `VERBS`. */
export const AUDIT_ACT_MEANING = {
  giveUp: 'the keyboard was given up, or its session ended',
  login: 'a user tried to log in',
  input:
    'a line was typed: `details.line`, or `details.notRecorded`, the reason why neither it nor the lines after it are recorded',
  up: 'the server came up',
  end: 'the server was told to end; without this line before the next `up` it was killed',
  file: 'a file of the audit begins; `details.oldest` is the number of the oldest line that is kept',
  refusals: 'a number of refusals that are not recorded one by one, since there were too many at a time',
} as const;

export type AuditAct = Verb | keyof typeof AUDIT_ACT_MEANING;

/** In a line for people; the words of a verb are in `VERBS`. */
const ACT_WORDS: Readonly<Record<keyof typeof AUDIT_ACT_MEANING, string>> = {
  giveUp: 'give up the keyboard of NAME',
  login: 'log in',
  input: 'type into NAME',
  up: 'come up',
  end: 'go down',
  file: 'begin a file of the audit',
  refusals: 'more requests than have lines',
};

/** `take the keyboard of vac-01`, `log in`. An act of a later version is its own name. */
export function actText(act: AuditAct, console: string | undefined): string {
  if (Object.hasOwn(VERBS, act)) {
    return deedText(act as Verb, console);
  }
  const words = Object.hasOwn(ACT_WORDS, act) ? ACT_WORDS[act as keyof typeof ACT_WORDS] : `${act} NAME`;
  return words.replace('NAME', () => console ?? 'this server');
}

/** A record before it has its place in the chain. */
export interface AuditEntry {
  /** ISO 8601 with milliseconds, UTC. */
  readonly time: string;
  readonly act: AuditAct;
  readonly outcome: Outcome;
  readonly by: Principal;
  /** Absent: the server as a whole; `isis.NAME`: an ISIS server. */
  readonly console?: string;
  readonly reason?: string;
  readonly right?: Right;
  readonly error?: { readonly code?: string; readonly message: string };
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One line of the file. */
export interface AuditRecord extends AuditEntry {
  /** Counts from 1, across files and servers, without gaps. */
  readonly seq: number;
  /** Bytes of the line before that is not one: a server was killed, or the disk was full, while it was written. */
  readonly torn?: number;
  /** Lines that could not be written before this one. */
  readonly missed?: number;
  /** SHA-256 of the line before, without its line end, hexadecimal; of the first one that ever was, zeros. */
  readonly prev: string;
}

/** Where a line stands. */
export interface PlacedRecord {
  readonly record: AuditRecord;
  /** `audit.jsonl.1` */
  readonly file: string;
  readonly line: number;
}

export interface AuditFilter {
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
  readonly user?: string;
  readonly verb?: string;
  readonly console?: string;
  readonly outcome?: Outcome;
  /** Only lines whose text for people contains this, in upper or lower case. */
  readonly text?: string;
  /** Only lines with a smaller number. */
  readonly before?: number;
  /** Only so many, the newest ones. */
  readonly limit?: number;
  /** As people read it (`AuditRows`): what was begun only where no other line says what came of it. */
  readonly rows?: boolean;
}

/** The newest line, as its server knows it. */
export interface AuditHead {
  readonly seq: number;
  /** SHA-256 of it. */
  readonly hash: string;
}

export interface AuditVerdict {
  readonly files: number;
  readonly lines: number;
  /** Numbers of the oldest and the newest line; absent: there is none. */
  readonly first?: number;
  readonly last?: number;
  /** The first place at which the chain does not hold. */
  readonly broken?: { readonly file: string; readonly line: number; readonly what: string };
  /** Lines that were torn, as the next one says. */
  readonly torn: number;
  /** Lines that could not be written, as others say. */
  readonly missed: number;
  /** Whether the newest line was compared with what the server knows. */
  readonly anchored: boolean;
}

/** The audit as it is read. */
export interface AuditReader {
  /** Oldest first. `mustKeep` is called for each file that is opened: it throws where that is one of the last descriptors. */
  records(filter: AuditFilter, mustKeep?: (fd: number) => void): AsyncIterable<PlacedRecord>;
  verify(mustKeep?: (fd: number) => void): Promise<AuditVerdict>;
}

type EventOf<Kind extends FactKind> = Kind extends `${infer T} ${infer W}`
  ? Extract<HostEvent, { readonly type: T; readonly what: W }>
  : Extract<HostEvent, { readonly type: Kind }>;

interface Told {
  /** Another one than the event says. */
  readonly by?: Principal;
  readonly act: AuditAct;
  readonly outcome: Outcome;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly error?: NonNullable<AuditEntry['error']>;
}

/** Steps of a configuration that a line names; the rest is counted. */
const MOST_STEPS = 100;

/** `change [conserver] (write, trusted)` */
function stepText(step: PlanStep): string {
  const keys = step.action === 'change' ? ` (${step.keys.join(', ')})` : '';
  return `${step.action} ${step.console}${keys}`;
}

/** The events that are recorded. Verbs are recorded by the guard that checks their rights. */
const OF_EVENTS: { readonly [Kind in FactKind]?: (event: EventOf<Kind>) => Told } = {
  'config applied': ({ steps, failed = [] }) => ({
    act: 'apply',
    outcome: failed.length === 0 ? 'done' : 'failed',
    details: {
      steps: steps.slice(0, MOST_STEPS).map(stepText),
      ...(failed.length === 0
        ? {}
        : {
            failed: failed.slice(0, MOST_STEPS).map(({ action, console, reason }) => `${action} ${console}: ${reason}`),
          }),
      ...(steps.length > MOST_STEPS ? { more: steps.length - MOST_STEPS } : {}),
    },
  }),
  writer: ({ before, by }) =>
    by === undefined
      ? { act: 'giveUp', outcome: 'done', by: before ?? THE_SERVER }
      : {
          act: before ? 'force' : 'take',
          outcome: 'done',
          ...(before && { details: { from: principalText(before) } }),
        },
  'login refused': ({ method, reason }) => ({
    ...{ act: 'login', outcome: 'refused', details: { method }, error: { message: reason } },
  }),
  'server up': ({ version, pid, consoles }) => ({ act: 'up', outcome: 'done', details: { version, pid, consoles } }),
  'server down': ({ all }) => ({ act: 'end', outcome: 'done', details: { all } }),
};

/** The record of an event; undefined: it is not recorded. */
export function toldBy(event: HostEvent): Told | undefined {
  const kind = ('what' in event ? `${event.type} ${event.what}` : event.type) as FactKind;
  const told = 'text' in event ? undefined : (OF_EVENTS[kind] as ((event: Facts) => Told) | undefined);
  return told?.(event as Facts);
}
