/** Finds what could become consoles on this machine, for `holdfast init`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn, UNIT_FOLDERS } from './find-files.ts';
import type { Imported, ImportSource, Note } from './imported.ts';
import type { ImportKind } from './kinds.ts';

export interface FoundOnHost {
  readonly imports: readonly FoundImport[];
  /** Units that run an IOC or a procServ, which no import reads: paths. */
  readonly units: readonly string[];
}

/** What `holdfast import KIND` would read. */
export interface FoundImport {
  readonly kind: string;
  readonly what: string;
  /** Of consoles. */
  readonly names: readonly string[];
  /** Why it could not be read as it is; empty: it can. */
  readonly problems: readonly Note[];
}

export async function findOnHost(
  kinds: Readonly<Record<string, ImportKind>>,
  source: ImportSource,
  unitFolders: readonly string[] = UNIT_FOLDERS,
): Promise<FoundOnHost> {
  const imports: FoundImport[] = [];
  for (const [kind, { help, read }] of Object.entries(kinds)) {
    const { consoles, discover, problems, found = [] }: Imported = await read(source);
    const names = [...consoles.map(({ name }) => name), ...found];
    const what = help.replace(/ \[.*\]$/, '');
    const told = problems.filter(({ place }) => existsSync(place.file));
    if (told.length > 0 || (problems.length === 0 && (consoles.length > 0 || discover))) {
      imports.push({ kind, what, names, problems: told });
    }
  }
  return { imports, units: unitFolders.flatMap(iocUnits) };
}

/** A word of the line that is started. */
const STARTS_IOC = /^ExecStart=.*(?:^|[\s/=])(?:procServ|softIoc(?:PVA|PVX)?|iocsh(?:\.bash)?|st\.cmd)(?=\s|$)/m;
/** Those that `import` reads, and our own. */
const KNOWN = /^(?:ioc@|procserv@|procserv-|holdfast|conserver)/;

function iocUnits(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => name.endsWith('.service') && !KNOWN.test(name))
    .map((name) => join(folder, name))
    .filter((path) => {
      try {
        return STARTS_IOC.test(readFileSync(path, 'utf8'));
      } catch {
        // A link that leads nowhere, as of a unit that was removed.
        return false;
      }
    });
}
