/** `[audit]` -> what is recorded, or what is wrong with it. Pure. */
import type { AuditConfig } from '../../model/audit-config.ts';
import { AUDIT_KEEP, type AuditTable, LEAST_KEEP_BYTES } from '../../model/audit-schema.ts';
import type { ConfigProblem } from '../../model/config.ts';
import { bytes } from '../../model/units.ts';
import type { ConfigTables } from './tables.ts';

/** Undefined: nothing is recorded. There is an audit where `[audit]` says how, and where `[access]` says who may do what. */
export function auditConfig({ access, audit }: ConfigTables, problems: ConfigProblem[]): AuditConfig | undefined {
  if (audit.length === 0 && access.length === 0) {
    return undefined;
  }
  const table: AuditTable = Object.assign({}, ...audit.map((placed) => placed.table));
  const keep = bytes(table.keep ?? AUDIT_KEEP);
  if (keep < LEAST_KEEP_BYTES) {
    const placed = audit.find((each) => each.table.keep !== undefined);
    problems.push(...(placed ? [placed.problem(['keep'], `expected at least ${LEAST_KEEP_BYTES >> 20}M`)] : []));
  }
  return { keep, whenFull: table.when_full ?? 'refuse', input: consolesOf(table.input) };
}

function consolesOf(input: AuditTable['input'] = false): readonly string[] {
  return typeof input === 'boolean' ? (input ? ['*'] : []) : input;
}
