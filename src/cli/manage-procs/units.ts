/** The units of all instances, as files: for `manage-procs add` and for the generators that systemd runs at boot. */
import { join } from 'node:path';
import type { Configured } from './instances.ts';
import type { Outside } from './outside.ts';
import type { Scope } from './scope.ts';
import { isUnitName, unitName, unitText } from './unit.ts';
import { writeWhole } from './write-file.ts';

/**
 * The names of those written. An instance without a command, or with a name that no unit can have, is skipped with a
 * message.
 */
export function writeUnits({ instances }: Configured, folder: string, scope: Scope, outside: Outside): string[] {
  const written: string[] = [];
  for (const instance of instances) {
    const { name, place, command } = instance;
    if (!isUnitName(name)) {
      const why = 'is not a name for a unit of systemd: letters, digits and : _ . - only';
      outside.err(`manage-procs: ${place.file}:${place.line}: '${name}' ${why}; left out\n`);
    } else if (command !== undefined) {
      writeWhole(join(folder, unitName(name)), unitText(instance, scope, outside.programs));
      written.push(name);
    }
  }
  return written;
}
