/** A summary of all consoles: counts by state, and trouble that the table does not show. */

import type { ConsoleSummary, VersionInfo } from '../../../model/api.ts';
import { conditionOf, countConditions } from '../../../model/condition.ts';
import type { ConfigProblem } from '../../../model/config.ts';
import { counted, someOf } from '../../../model/counted.ts';
import type { Io } from '../command/command.ts';
import { clean } from './display.ts';
import { problemLine } from './plan-text.ts';
import { paint, stateStyle } from './styles.ts';
import { local } from './times.ts';

/** Consoles shown by name. */
const SHOWN = 5;

/** `25 consoles: 23 ready, 1 crash-looping, 1 held`. */
export function summaryLine(consoles: readonly ConsoleSummary[], { color }: Pick<Io, 'color'>): string {
  const counts = countConditions(consoles).map(([condition, count]) =>
    paint(color, stateStyle(condition), `${count} ${condition}`),
  );
  const all = counted(consoles.length, 'console');
  return counts.length === 0 ? all : `${all}: ${counts.join(', ')}`;
}

/** Folders that discovery passed over, and other parts of the configuration. */
export function leftOutNotes({ leftOut = [] }: Partial<VersionInfo['config']>): readonly string[] {
  const [first, ...more] = leftOut as readonly ConfigProblem[];
  if (first === undefined) {
    return [];
  }
  return [
    more.length === 0
      ? `left out of the configuration: ${clean(problemLine(first))}`
      : `${leftOut.length} parts are left out of the configuration: 'holdfast doctor' names them`,
  ];
}

/** Links that are dark, and logs that are not written. */
export function troubleNotes(consoles: readonly ConsoleSummary[]): readonly string[] {
  const dark = consoles.filter((console) => conditionOf(console) === 'dark').map(({ name }) => clean(name));
  const unlogged = consoles.flatMap(({ name, logTrouble }) =>
    logTrouble ? [`${clean(name)} since ${local(logTrouble.since)}`] : [],
  );
  return [
    ...(dark.length === 0
      ? []
      : [`${dark.length === 1 ? 'this link is' : `${dark.length} links are`} dark: ${someOf(dark, SHOWN)}`]),
    ...(unlogged.length === 0 ? [] : [`not logged: ${someOf(unlogged, SHOWN)}`]),
  ];
}
