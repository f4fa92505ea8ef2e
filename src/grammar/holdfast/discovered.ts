/**
 * The consoles of a host: those with a table of their own, and those that were found in folders. For a console that
 * is both, its own table wins over discovery. Pure.
 */
import type { ConfigProblem } from '../../model/config.ts';
import type { DiscoverRequest, Found, FoundFolder } from '../../model/config-input.ts';
import { ConfigSchema, type ConsoleTable, type DiscoverTable } from '../../model/config-schema.ts';
import { fillInAll } from '../../model/fill-in.ts';
import { folderOf, resolvePath } from '../text/file-paths.ts';
import type { Schema } from '../text/schema-check.ts';
import { TomlPlaces } from '../text/toml-places.ts';
import { defaultsOf } from './layers.ts';
import { type ConfigTables, isConsoleName, PlacedTable } from './tables.ts';

type Layer = PlacedTable<ConsoleTable>;

export interface ConsoleTables {
  readonly own: Layer;
  /** Values from discovery, with lower precedence than templates. */
  readonly between: readonly Layer[];
  /** Defaults that replace the built-in ones, below those of `[defaults]`. */
  readonly below?: Layer;
  /** Where discovery found it. */
  readonly foundIn?: string;
}

const SCHEMA = ConfigSchema.properties.discover.patternProperties['^.*$'];
const BUILT_IN = defaultsOf(SCHEMA as unknown as Schema) as Required<DiscoverTable>;

/** The lookups of all `[discover.NAME]` tables without mistakes. */
export function discoverRequests(tables: ConfigTables): DiscoverRequest[] {
  return [...tables.discover].flatMap(([table, placed]) => {
    if (placed.table.dir === undefined || placed.broken.size > 0) {
      return [];
    }
    const { file, match } = { ...BUILT_IN, ...placed.table };
    return [{ table, dir: dirOf(placed), match, file }];
  });
}

export interface Discovered {
  readonly consoles: Map<string, ConsoleTables>;
  /** Warnings about folders that cannot be read or cannot be consoles: the rest starts without them. */
  readonly warnings: ConfigProblem[];
  /** The folders that cannot be read. */
  readonly unread: string[];
}

/** `found`: what each table looked for and found, by its name. */
export function discovered(tables: ConfigTables, found: ReadonlyMap<string, Found>): Discovered {
  const consoles = new Map<string, ConsoleTables>();
  const warnings: ConfigProblem[] = [];
  const unread: string[] = [];
  for (const [name, own] of tables.console) {
    consoles.set(name, { own, between: [] });
  }
  for (const [table, placed] of tables.discover) {
    const folders = found.get(table) ?? [];
    if ('error' in folders) {
      warnings.push(placed.problem(['dir'], folders.error));
      unread.push(dirOf(placed));
    }
    if ('error' in folders || !found.has(table)) {
      tables.incomplete = true;
      continue;
    }
    const file = placed.table.file ?? BUILT_IN.file;
    for (const folder of folders) {
      if (!isConsoleName(folder.name)) {
        const allowed = 'letters, digits and _ . : @ + -, the first a letter or digit';
        warnings.push(
          placed.problem([], `${folder.dir}: '${folder.name}' is not a name of a console; expected ${allowed}`),
        );
      } else if (!tables.refused.has(folder.name)) {
        addFound(consoles, placed, folder, `${folder.dir}/${file}`, warnings);
      }
    }
  }
  return { consoles, warnings, unread };
}

function dirOf({ table, file }: PlacedTable<DiscoverTable>): string {
  return resolvePath(folderOf(file), table.dir as string);
}

function addFound(
  consoles: Map<string, ConsoleTables>,
  placed: PlacedTable<DiscoverTable>,
  { name, dir }: FoundFolder,
  file: string,
  warnings: ConfigProblem[],
): void {
  const known = consoles.get(name);
  if (known && known.between.length > 0) {
    const message = `${dir}: console '${name}' was found already by ${(known.between[0] as Layer).where()}`;
    warnings.push(placed.problem([], message));
    return;
  }
  const { template, run } = placed.table;
  const fill = (words: readonly string[]) => words.map((word) => fillInAll(word, { dir, file, name }));
  const layer = (table: ConsoleTable): Layer => {
    const places = new TomlPlaces();
    places.set(placed.path, placed.line());
    return new PlacedTable(table, placed.file, placed.path, places);
  };
  const between = [layer({ run: fill(BUILT_IN.run), chdir: dir })];
  const own = known?.own ?? layer(run ? { run: fill(run) } : {});
  if (known && run) {
    between.unshift(layer({ run: fill(run) }));
  }
  if (template !== undefined && own.table.template === undefined && !own.broken.has('template')) {
    own.table.template = template;
  }
  consoles.set(name, { own, between, foundIn: dirOf(placed) });
}
