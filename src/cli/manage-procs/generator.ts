/** Run by systemd at boot and at every daemon-reload: systemd.generator(7), spec/procserv.md 11. */
import { readInstances } from './instances.ts';
import { type Outside, Refused } from './outside.ts';
import { scopeOf } from './scope.ts';
import { writeUnits } from './units.ts';

/**
 * Writes the units of all instances into the first of the three folders that systemd gives. It runs before anything
 * else does, with nothing to talk to: it reads its configuration, writes there and nowhere else, and ends. Exit status
 * 1 only if nothing could be written; mistakes in a configuration are reported, and the rest is used.
 */
export function procServGenerator(flag: '--system' | '--user', words: readonly string[], outside: Outside): number {
  const [folder] = words;
  if (!folder?.startsWith('/')) {
    outside.err('procServ generator: run by systemd, with the folder that units are to be written into\n');
    return 2;
  }
  try {
    const scope = scopeOf(flag, outside);
    writeUnits(readInstances(scope, outside), folder, scope, outside);
    return 0;
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    outside.err(`procServ generator: ${error.message}\n`);
    return error.status;
  }
}
