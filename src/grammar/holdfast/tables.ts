/** Texts of configuration files -> their tables, each with its place; or what is wrong with their form. Pure. */
import { parse, TomlError } from 'smol-toml';
import type { AccessTable } from '../../model/access-schema.ts';
import type { AuditTable } from '../../model/audit-schema.ts';
import type { ConfigProblem } from '../../model/config.ts';
import { CONSOLE_NAME_PATTERN } from '../../model/config-forms.ts';
import type { ConfigText } from '../../model/config-input.ts';
import {
  type ConfigFile,
  ConfigSchema,
  type ConsoleTable,
  type DiscoverTable,
  type ServerTable,
} from '../../model/config-schema.ts';
import type { ConserverTable } from '../../model/conserver-schema.ts';
import type { IsisTable } from '../../model/isis-schema.ts';
import type { NetworkTable } from '../../model/network-schema.ts';
import { isTable, type Schema, schemaProblems } from '../text/schema-check.ts';
import { type Step, type TomlPlaces, tomlPlaces } from '../text/toml-places.ts';

/** A table, and the places of it and its keys. */
export class PlacedTable<T> {
  readonly table: T;
  readonly file: string;
  /** Path of the table in its file. */
  readonly path: readonly Step[];
  /** First-level keys that have a problem already; they are no longer in `table`. */
  readonly broken = new Set<string>();
  readonly #places: TomlPlaces;

  constructor(table: T, file: string, path: readonly Step[], places: TomlPlaces) {
    this.table = table;
    this.file = file;
    this.path = path;
    this.#places = places;
  }

  line(path: readonly Step[] = []): number {
    return this.#places.nearest([...this.path, ...path]);
  }

  /** `file:line` of the table itself. */
  where(): string {
    return `${this.file}:${this.line()}`;
  }

  problem(path: readonly Step[], message: string): ConfigProblem {
    return { file: this.file, line: this.line(path), key: dotted([...this.path, ...path]), message };
  }

  /** Removes a key after its problem was reported, so that nothing else is reported about it. */
  drop(key: string): void {
    this.broken.add(key);
    delete (this.table as Record<string, unknown>)[key];
  }
}

/** The keys that have a problem, by the path of their table; tables are `[server]` or `[console.NAME]`. */
class BrokenKeys {
  readonly #keys = new Map<string, Set<string>>();

  add(path: readonly Step[]): void {
    for (const length of [1, 2]) {
      if (path.length > length) {
        const table = JSON.stringify(path.slice(0, length));
        const keys = this.#keys.get(table) ?? new Set();
        this.#keys.set(table, keys.add(String(path[length])));
      }
    }
  }

  of(path: readonly Step[]): Iterable<string> {
    return this.#keys.get(JSON.stringify(path)) ?? [];
  }
}

type Placed<T> = Map<string, PlacedTable<T>>;

/** The merged tables of all files. */
export class ConfigTables {
  readonly files: string[] = [];
  readonly server: PlacedTable<ServerTable>[] = [];
  readonly defaults: PlacedTable<ConsoleTable>[] = [];
  readonly template: Placed<ConsoleTable> = new Map();
  readonly console: Placed<ConsoleTable> = new Map();
  readonly discover: Placed<DiscoverTable> = new Map();
  readonly isis: Placed<IsisTable> = new Map();
  readonly conserver: PlacedTable<ConserverTable>[] = [];
  readonly access: PlacedTable<AccessTable>[] = [];
  readonly audit: PlacedTable<AuditTable>[] = [];
  readonly network: PlacedTable<NetworkTable>[] = [];
  readonly problems: ConfigProblem[] = [];
  /** Refused console names: references to them are not reported as unknown. */
  readonly refused = new Set<string>();
  /** A file could not be parsed as TOML: it may define what seems to be missing. */
  incomplete = false;

  constructor(texts: readonly ConfigText[]) {
    for (const text of texts) {
      this.files.push(text.file);
      this.#add(text);
    }
  }

  #add({ file, text }: ConfigText): void {
    const document = this.#parse(file, text);
    if (document === undefined) {
      this.incomplete = true;
      return;
    }
    const places = tomlPlaces(text);
    const whole = new PlacedTable(document, file, [], places);
    const bad = schemaProblems(ConfigSchema as unknown as Schema, document);
    const broken = new BrokenKeys();
    for (const { path, message } of bad) {
      this.problems.push(whole.problem(path, `${message}${nameHint(document, path)}`));
      broken.add(path);
    }
    const placed = <T>(table: unknown, path: readonly Step[]): PlacedTable<T> => {
      const one = new PlacedTable(table as T, file, path, places);
      for (const key of broken.of(path)) {
        one.drop(key);
      }
      return one;
    };
    for (const section of ['server', 'defaults', 'conserver', 'access', 'audit', 'network'] as const) {
      if (isTable(document[section])) {
        this.#shared(this[section] as PlacedTable<unknown>[], placed(document[section], [section]));
      }
    }
    for (const section of ['template', 'console', 'discover', 'isis'] as const) {
      for (const [name, table] of Object.entries(isTable(document[section]) ? document[section] : {})) {
        if (isTable(table) && ((section !== 'console' && section !== 'isis') || isConsoleName(name))) {
          this.#named(this[section] as Placed<unknown>, name, placed(table, [section, name]));
        } else if (section === 'console') {
          this.refused.add(name);
        }
      }
    }
  }

  #parse(file: string, text: string): ConfigFile | undefined {
    try {
      return parse(text) as ConfigFile;
    } catch (error) {
      const { message } = error as Error;
      const line = error instanceof TomlError ? error.line : 1;
      const said = (message.split('\n')[0] as string).replace(/^Invalid TOML document: /, '');
      this.problems.push({ file, line, key: '', message: `syntax error: ${said}` });
      return undefined;
    }
  }

  /** These sections may be spread over files, each key but a list of tables in one of them. */
  #shared(earlier: PlacedTable<unknown>[], table: PlacedTable<unknown>): void {
    for (const [key, value] of Object.entries(table.table as object)) {
      const isList = Array.isArray(value) && value.every(isTable);
      const other = !isList && earlier.find((one) => Object.hasOwn(one.table as object, key));
      if (other) {
        this.problems.push(
          table.problem([key], `given already in ${other.file}:${other.line([key])}; keep one of them`),
        );
        table.drop(key);
      }
    }
    earlier.push(table);
  }

  #named(tables: Placed<unknown>, name: string, table: PlacedTable<unknown>): void {
    const other = tables.get(name);
    if (other) {
      const message = `'${name}' is given already in ${other.where()}; rename or remove one of them`;
      this.problems.push(table.problem([], message));
    } else {
      tables.set(name, table);
    }
  }
}

const CONSOLE_NAME = new RegExp(CONSOLE_NAME_PATTERN);

export function isConsoleName(name: string): boolean {
  return CONSOLE_NAME.test(name);
}

/** `[console.vac.01]` is the table `01` of the console `vac`. */
function nameHint(document: ConfigFile, path: readonly Step[]): string {
  const [section, name, key] = path;
  const table = (document.console as Record<string, Record<string, unknown>> | undefined)?.[String(name)];
  const isName = section === 'console' && path.length === 3 && isTable(table?.[String(key)]);
  return isName ? `; a name with a dot in it is quoted: [console."${name}.${key}"]` : '';
}

/** `console.vac-01.restart.holdoff`; keys with other characters in quotes. */
export function dotted(path: readonly Step[]): string {
  return path
    .map((step) => (typeof step === 'number' || /^[A-Za-z0-9_-]+$/.test(step) ? step : JSON.stringify(step)))
    .join('.');
}
