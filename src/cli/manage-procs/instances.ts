/** The instances that this machine is configured with. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcServConf, type ProcServInstance, procServConf } from '../../grammar/text/procserv-conf.ts';
import { textOf } from '../../model/byte-text.ts';
import type { ConfigText } from '../../model/config-input.ts';
import { type Outside, Refused } from './outside.ts';
import type { Scope } from './scope.ts';

export interface Configured extends ProcServConf {
  readonly texts: readonly ConfigText[];
}

/**
 * `<base>.conf`, then `<base>.d/*.conf` in the order of their names. Mistakes are reported on standard error, and the
 * rest is used.
 */
export function readInstances({ base }: Scope, outside: Outside): Configured {
  const texts: ConfigText[] = [];
  for (const file of [`${base}.conf`, ...dropIns(`${base}.d`)]) {
    try {
      texts.push({ file, text: textOf(readFileSync(file)) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        outside.err(`manage-procs: ${(error as Error).message}\n`);
      }
    }
  }
  const conf = procServConf(texts);
  for (const { file, line, key, message } of [...conf.problems, ...conf.unknown]) {
    outside.err(`manage-procs: ${file}:${line}: ${key === '' ? '' : `${key}: `}${message}\n`);
  }
  return { ...conf, texts };
}

function dropIns(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.conf') && !name.startsWith('.'));
    return names.sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** The instance of that name; refused if there is none. */
export function instanceOf({ instances, templates, texts }: Configured, name: string): ProcServInstance {
  const found = instances.find((instance) => instance.name === name);
  if (found) {
    return found;
  }
  if (templates.includes(name)) {
    throw new Refused(`'${name}' is not an instance: its section says 'instance = false'`);
  }
  const read = texts.length === 0 ? 'no configuration file was found' : texts.map(({ file }) => file).join(', ');
  throw new Refused(`no section [${name}] (${read})`);
}
