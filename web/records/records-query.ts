/** The filter in the address: `#history?console=vac-01&kind=ended&last=8h`. Pure. */
import { AUDIT_ACT_MEANING, type AuditFilter, OUTCOME_MEANING, type Outcome } from '../../src/model/audit.ts';
import { EVENT_MEANING, type EventType } from '../../src/model/events.ts';
import type { EventFilter } from '../../src/model/host-port.ts';
import { VERBS } from '../../src/model/rights.ts';
import { LASTS, type Last } from '../log/log-query.ts';

/** The kind for all events but sessions and keyboard. */
export const CHANGES = 'changes';
export const KINDS = [CHANGES, ...Object.keys(EVENT_MEANING)] as readonly (typeof CHANGES | EventType)[];
export const OUTCOMES = Object.keys(OUTCOME_MEANING) as readonly Outcome[];
/** The acts that an audit can have, by name. */
export const ACTS: readonly string[] = [
  ...Object.entries(VERBS).flatMap(([verb, { changes }]) => (changes ? [verb] : [])),
  ...Object.keys(AUDIT_ACT_MEANING),
].sort();

const FIELDS = ['console', 'user', 'kind', 'act', 'outcome', 'last', 'since', 'until', 'q', 'before'] as const;
export type Field = (typeof FIELDS)[number];
export type Fields = Readonly<Partial<Record<Field, string>>>;

/** Impossible values are left out. */
export function fieldsOf(query: string): Fields {
  const given = new URLSearchParams(query);
  const isGood: Partial<Record<Field, (value: string) => boolean>> = {
    kind: (value) => (KINDS as readonly string[]).includes(value),
    act: (value) => ACTS.includes(value),
    outcome: (value) => (OUTCOMES as readonly string[]).includes(value),
    last: (value) => Object.hasOwn(LASTS, value),
    since: isTime,
    until: isTime,
    before: (value) => /^\d{1,15}$/.test(value),
  };
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const value = given.get(field) ?? '';
      return value !== '' && (isGood[field]?.(value) ?? true) ? [[field, value]] : [];
    }),
  );
}

export function queryOf(fields: Fields): string {
  const given = FIELDS.flatMap((field) => {
    const value = fields[field] ?? '';
    return value === '' ? [] : [[field, value]];
  });
  return new URLSearchParams(Object.fromEntries(given)).toString();
}

/** `now`: milliseconds since 1970. */
export function eventFilterOf({ before, console, kind, q, user, ...period }: Fields, now: number): EventFilter {
  const { since, until } = periodOf(period, now);
  return {
    ...(console && { console }),
    ...(user && { user }),
    ...(kind === CHANGES ? { changes: true } : kind ? { types: [kind as EventType] } : {}),
    ...(since !== undefined && { from: since }),
    ...(until !== undefined && { until }),
    ...(q && { text: q }),
    ...(before && { before: Number(before) }),
  };
}

export function auditFilterOf({ act, before, console, outcome, q, user, ...period }: Fields, now: number): AuditFilter {
  return {
    ...(console && { console }),
    ...(user && { user }),
    ...(act && { verb: act }),
    ...(outcome && { outcome: outcome as Outcome }),
    ...periodOf(period, now),
    ...(q && { text: q }),
    ...(before && { before: Number(before) }),
  };
}

function periodOf(
  { last, since, until }: Pick<Fields, 'last' | 'since' | 'until'>,
  now: number,
): Pick<AuditFilter, 'since' | 'until'> {
  if (last) {
    return { since: now - LASTS[last as Last] };
  }
  return { ...(since && { since: Date.parse(since) }), ...(until && { until: Date.parse(until) }) };
}

function isTime(value: string): boolean {
  return /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value));
}
