/** Whether logs can grow without end. */

import type { ConsoleConfig } from '../../../model/config.ts';
import { someOf } from '../../../model/counted.ts';
import { clean } from '../text/display.ts';
import { type Finding, ok, warning } from './doctor-checks.ts';

/** Consoles shown by name. */
const SHOWN = 5;

/** `consoles`: as the files have them. */
export function checkLogBounds(consoles: readonly Pick<ConsoleConfig, 'name' | 'log'>[]): readonly Finding[] {
  const logged = consoles.filter(({ log }) => log !== undefined);
  const endless = logged.filter(({ log }) => log?.size === undefined && log?.age === undefined);
  if (logged.length === 0) {
    return [];
  }
  if (endless.length === 0) {
    return [ok('size of logs', 'all are bounded')];
  }
  const names = endless.map(({ name }) => clean(name));
  return [
    warning(
      'size of logs',
      `nothing bounds those of ${someOf(names, SHOWN)}`,
      'log = { size = "10M" } in [defaults] keeps the last 60 MB of each; fine if logrotate takes care of them',
    ),
  ];
}
