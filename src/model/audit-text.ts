/** Lines of the audit as people read them, in the journal and on a terminal. Pure. */
import { type AuditEntry, type AuditRecord, type AuditVerdict, actText, THE_SERVER } from './audit.ts';
import { counted } from './counted.ts';
import { principalText } from './principal.ts';
import { signalName } from './signals.ts';

type Line = AuditEntry & Pick<AuditRecord, 'torn' | 'missed'>;

/** `vera (as root) via api from pid 4711: restart vac-01: HV card`, `jo via ...: take the keyboard of a, refused: lacks the right write`. */
export function auditText(entry: Line): string {
  const what = [actText(entry.act, entry.console), ...(entry.outcome === 'done' ? [] : [entry.outcome])].join(', ');
  const about = auditAbout(entry);
  return `${auditWho(entry)}: ${what}${about === '' ? '' : `: ${about}`}`;
}

export function auditWho({ by }: Pick<Line, 'by'>): string {
  return by.channel === 'self' && by.from === THE_SERVER.from ? by.user : principalText(by);
}

/** The reason, what it did, and what prevented it; may be empty. */
export function auditAbout(entry: Line): string {
  const { missed, torn } = entry;
  const notes = [
    ...(torn === undefined ? [] : ['the line before was torn']),
    ...(missed === undefined ? [] : [`${missed} lines before could not be written`]),
  ];
  return [...aboutOf(entry), ...notes].join('; ');
}

/** The result of a check of the chain. */
export function verdictLines({
  anchored,
  broken,
  files,
  first,
  last,
  lines,
  missed,
  torn,
}: AuditVerdict): readonly string[] {
  if (broken) {
    return [`${broken.file}:${broken.line}: ${broken.what}`];
  }
  return [
    first === undefined
      ? 'there are no lines'
      : `the chain holds: ${counted(lines, 'line')} in ${counted(files, 'file')}, numbers ${first} to ${last}`,
    ...(torn === 0 ? [] : [`${counted(torn, 'line')} torn, when a server was killed or a disk was full`]),
    ...(missed === 0 ? [] : [`${counted(missed, 'line')} could not be written at the time`]),
    ...(anchored
      ? []
      : ['the last lines were not compared with what a server knows: if some were removed, it does not show']),
  ];
}

/** Details that are shown without their name, since their value says what they are. */
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
