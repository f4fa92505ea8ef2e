/** The chain of the lines of an audit: each names the hash of the one before. */
import { createHash } from 'node:crypto';
import type { AuditEntry, AuditHead, AuditRecord } from '../model/audit.ts';

/** Before the first line that ever was. */
export const NO_HASH = '0'.repeat(64);

/** Characters. */
const LONGEST_TEXT = 1000;

export const NO_LINES: ChainEnd = { seq: 0, hash: NO_HASH };

/** The end of a chain, on which the next line is put. */
export interface ChainEnd extends AuditHead {
  /** Bytes that stand behind it in the file and are not a line; `hash` covers them then. */
  readonly torn?: number;
}

export function hashOf(line: string | Uint8Array): string {
  return createHash('sha256').update(line).digest('hex');
}

/** Something stands behind the last line that is not one: what it covers, and what stands there. */
export function hashOfTorn(before: string, scrap: Uint8Array): string {
  return createHash('sha256').update(before).update(scrap).digest('hex');
}

/** A line, without its line end, and the end of the chain that it makes. */
export function chained(
  end: ChainEnd,
  { act, by, outcome, time, ...entry }: AuditEntry,
  missed: number,
): { readonly line: string; readonly end: ChainEnd } {
  const { reason = entry.reason, ...who } = by;
  const record: AuditRecord = {
    seq: end.seq + 1,
    ...{ time, act, outcome, by: who },
    ...entry,
    ...(reason === undefined ? {} : { reason }),
    ...(end.torn === undefined ? {} : { torn: end.torn }),
    ...(missed === 0 ? {} : { missed }),
    prev: end.hash,
  };
  const line = JSON.stringify(record, (_, value) => bounded(value));
  return { line, end: { seq: record.seq, hash: hashOf(line) } };
}

/** Strangers choose names, too. */
function bounded(value: unknown): unknown {
  return typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}...` : value;
}

/** Undefined: it is not a line of an audit, or not a whole one. */
export function parseRecord(line: string): AuditRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { seq, time, act, outcome, by, prev } = (value ?? {}) as Partial<Record<keyof AuditRecord, unknown>>;
  const isWhole =
    Number.isSafeInteger(seq) &&
    [time, act, outcome, prev].every((each) => typeof each === 'string') &&
    typeof by === 'object' &&
    by !== null;
  return isWhole ? (value as AuditRecord) : undefined;
}
