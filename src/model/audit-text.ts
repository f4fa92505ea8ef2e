/** Lines of the audit as people read them, in the journal and on a terminal. Pure. */
import { type AuditEntry, type AuditRecord, actText, THE_SERVER } from './audit.ts';
import { principalText } from './principal.ts';
import { signalName } from './signals.ts';

/** `vera (as root) via api from pid 4711: restart vac-01: HV card`, `jo via ...: take the keyboard of a, refused: lacks the right write`. */
export function auditText(entry: AuditEntry & Pick<AuditRecord, 'torn' | 'missed'>): string {
  const { act, by, console, missed, outcome, torn } = entry;
  const what = [actText(act, console), ...(outcome === 'done' ? [] : [outcome])].join(', ');
  const who = by.channel === 'self' && by.from === THE_SERVER.from ? by.user : principalText(by);
  const notes = [
    ...(torn === undefined ? [] : ['the line before was torn']),
    ...(missed === undefined ? [] : [`${missed} lines before could not be written`]),
  ];
  const about = [...aboutOf(entry), ...notes].join('; ');
  return `${who}: ${what}${about === '' ? '' : `: ${about}`}`;
}

/** What they are is seen. */
const NAMELESS: ReadonlySet<string> = new Set(['steps', 'text', 'line']);

function aboutOf({ details = {}, error, reason, right }: AuditEntry): string[] {
  return [
    ...(reason === undefined ? [] : [reason]),
    ...Object.entries(details).flatMap(([key, value]) => (value === false ? [] : [detailText(key, value)])),
    ...(right === undefined ? [] : [`lacks the right ${right}`]),
    // Of a missing right it says all of this again, and whom to ask.
    ...(error === undefined || right !== undefined ? [] : [error.message]),
  ];
}

function detailText(key: string, value: unknown): string {
  if (key === 'signal' && typeof value === 'number') {
    return signalName(value);
  }
  if (value === true) {
    return key;
  }
  return NAMELESS.has(key) ? shown(value) : `${key === 'notRecorded' ? 'not recorded:' : key} ${shown(value)}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(shown).join(', ');
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
