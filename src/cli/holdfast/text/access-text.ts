/** Who may do what, as text. */

import { plainName } from '../../../model/access-text.ts';
import type { AccessGrant, AccessInfo, AccessRights, AccessRule } from '../../../model/api.ts';
import { clean, width, wrapped } from './display.ts';
import { nameRanges } from './name-ranges.ts';

const INDENT = '  ';

const OWNERS = 'Root and the user that the server runs as may do everything, whatever the rules say.';
const UNGOVERNED = 'There is no [access] in the configuration: whoever may open the control socket may do everything.';

export interface AccessView {
  readonly columns: number;
  /** The one console that was asked for. */
  readonly console?: string | undefined;
  /** Another user was asked for. */
  readonly isOther: boolean;
}

/** Lines of at most `columns`. */
export function accessLines(info: AccessInfo, view: AccessView): readonly string[] {
  const { columns, console } = view;
  const notes = [
    ...(info.account === false ? [`This system has no user ${clean(info.user)}.`] : []),
    ...(info.bound ? [`This way in leaves ${clean(info.user)} at most: ${rightsText(info.bound)}.`] : []),
    ...(info.boundOn ? [`It is only for ${info.boundOn.map(clean).join(', ')}.`] : []),
  ];
  if (!info.governed) {
    return [...notes, UNGOVERNED].flatMap((text) => wrapped(text, columns));
  }
  const told = [
    ...notes.flatMap((text) => wrapped(text, columns)),
    ...ofUser(info, view),
    ...(console === undefined ? [] : ofEverybody(info, console, columns)),
  ];
  return info.contact === undefined ? told : [...told, ...wrapped(`Ask for a right: ${clean(info.contact)}`, columns)];
}

function ofUser(info: AccessInfo, { columns, console, isOther }: AccessView): readonly string[] {
  const user = plainName(clean(info.user));
  if (info.unlimited) {
    return wrapped(`${user} may do everything: no rule is about root and the user that the server runs as.`, columns);
  }
  const where = console === undefined ? '' : ` on ${clean(console)}`;
  const how = isOther ? ', by the control socket' : '';
  if (info.rights.length === 0) {
    return wrapped(`${user} may do nothing${where}${how}.`, columns);
  }
  const rows = info.rights.flatMap((row) => [
    ...(console === undefined ? wrapped(placesText(row), columns) : []),
    ...entries(row, info.rules, columns),
  ]);
  return [...wrapped(`${user} may${where}${how}:`, columns), ...rows];
}

function placesText({ consoles, server }: AccessRights): string {
  return server ? 'the server itself' : nameRanges(consoles).map(clean).join(', ');
}

function ofEverybody(info: AccessInfo, console: string, columns: number): readonly string[] {
  if (!info.everybody) {
    return wrapped('Who else may do what here is told to those with the right `configure` or `admin`.', columns);
  }
  const rows = info.rules.flatMap((rule) => [
    ...wrapped(whoText(rule), columns),
    ...aligned([entryOf(rule, rule.may)], columns),
  ]);
  const title =
    info.rules.length === 0 ? `No rule is about ${clean(console)}.` : `Who may do what on ${clean(console)}:`;
  return [...wrapped(title, columns), ...rows, ...wrapped(OWNERS, columns)];
}

/** `vacuum operators (@vac-operators, jdoe)`. */
function whoText({ label, who }: AccessRule): string {
  const names = who.map(clean).join(', ');
  return label === undefined ? names : `${clean(label)} (${names})`;
}

type Entry = readonly [rights: string, by: string];

/** The rights of each rule, then the limits on them. */
function entries({ grants, limits }: AccessRights, rules: readonly AccessRule[], columns: number): readonly string[] {
  const given = ({ rule, may }: AccessGrant) => {
    const found = rules[rule];
    return found ? [entryOf(found, may)] : [];
  };
  const limiting = (at: number) => {
    const found = rules[at];
    return found ? [entryOf(found, found.may)] : [];
  };
  return aligned([...grants.flatMap(given), ...limits.flatMap(limiting)], columns);
}

function entryOf({ file, line, kind, reason, hours }: AccessRule, may: readonly string[]): Entry {
  const rights = kind === 'limit' && may.length > 0 ? `at most ${rightsText(may)}` : rightsText(may);
  const more = [
    ...(reason === undefined ? [] : [reason === 'required' ? 'a reason is required' : 'a reason is asked for']),
    ...(hours === undefined ? [] : [clean(hours)]),
  ];
  return [rights, [`${clean(file)}:${line}`, ...more].join(', ')];
}

function rightsText(may: readonly string[]): string {
  return may.length === 0 ? 'nothing' : may.join(', ');
}

function aligned(all: readonly Entry[], columns: number): readonly string[] {
  const most = Math.max(...all.map(([rights]) => width(rights)));
  return all.flatMap(([rights, by]) => {
    const line = `${INDENT}${rights}${' '.repeat(most - width(rights))}${INDENT}${by}`;
    return width(line) <= columns ? [line] : [`${INDENT}${rights}`, ...wrapped(by, columns, INDENT.repeat(2))];
  });
}
