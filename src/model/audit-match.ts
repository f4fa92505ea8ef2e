/** Whether a line of the audit matches a query. Pure. */
import type { AuditFilter, AuditRecord } from './audit.ts';
import { auditText } from './audit-text.ts';

export function matches(filter: AuditFilter, record: AuditRecord): boolean {
  const { before, console, outcome, since, text, until, user, verb } = filter;
  const at = Date.parse(record.time);
  return (
    (since === undefined || at >= since) &&
    (until === undefined || at < until) &&
    (user === undefined || record.by.user === user || record.by.behind === user) &&
    (verb === undefined || record.act === verb) &&
    (console === undefined || record.console === console) &&
    (outcome === undefined || record.outcome === outcome) &&
    (before === undefined || record.seq < before) &&
    (text === undefined || auditText(record).toLowerCase().includes(text.toLowerCase()))
  );
}
