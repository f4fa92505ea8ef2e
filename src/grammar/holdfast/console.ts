/** The tables of a console -> its configuration: defaults filled in, units and names resolved. Pure. */
import type { ConfigProblem, ConsoleConfig, ConsoleSource, ServerConfig } from '../../model/config.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { fillIn } from '../../model/fill-in.ts';
import { SETTING_KEYS } from '../../model/keys/console-keys.ts';
import { type At, type ConsoleKey, propertyOf } from '../../model/keys/record.ts';
import { SERIAL_KEYS, SOURCE_KEYS } from '../../model/keys/source-keys.ts';
import { folderOf, resolvePath } from '../text/file-paths.ts';
import type { Layers } from './layers.ts';
import type { PlacedTable } from './tables.ts';

type Entry = readonly [key: keyof ConsoleTable, property: string, record: ConsoleKey];

const SETTINGS = entriesOf(SETTING_KEYS);
const LINE_SETTINGS = entriesOf(SERIAL_KEYS);

/** The configuration, or what is wrong with the console as a whole. */
export function consoleConfig(
  name: string,
  layers: Layers,
  server: ServerConfig,
  foundIn?: string,
): ConsoleConfig | readonly ConfigProblem[] {
  const own = layers.tables[0] as PlacedTable<ConsoleTable>;
  const problems: ConfigProblem[] = [];
  const resolver = new Resolver(name, layers, server, problems);
  const source = resolver.source();
  if (source === undefined && layers.complete && !layers.brokenSource) {
    const message = `console '${name}' has no source; give it one of run, unix, tcp, telnet, serial`;
    problems.push(own.problem([], message));
  }
  const settings = resolver.values(SETTINGS, source?.kind);
  if (source === undefined || problems.length > 0) {
    return problems;
  }
  return {
    name,
    place: { file: own.file, line: own.line() },
    ...(foundIn !== undefined && { foundIn }),
    source,
    ...settings,
  } as ConsoleConfig;
}

function entriesOf(keys: Readonly<Record<string, ConsoleKey>>): readonly Entry[] {
  return Object.entries(keys).map(([key, record]) => [key as keyof ConsoleTable, propertyOf(key), record]);
}

class Resolver {
  readonly #name: string;
  readonly #layers: Layers;
  readonly #server: ServerConfig;
  readonly #problems: ConfigProblem[];

  constructor(name: string, layers: Layers, server: ServerConfig, problems: ConfigProblem[]) {
    this.#name = name;
    this.#layers = layers;
    this.#server = server;
    this.#problems = problems;
  }

  source(): ConsoleSource | undefined {
    const [kind] = this.#layers.sources;
    if (kind === undefined) {
      return undefined;
    }
    const source = this.#value(kind, SOURCE_KEYS[kind]) as ConsoleSource;
    return kind === 'serial' ? { ...source, ...(this.values(LINE_SETTINGS, kind) as object) } : source;
  }

  /** By property; those without a value are left out. */
  values(entries: readonly Entry[], kind: ConsoleSource['kind'] | undefined): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const [key, property, record] of entries) {
      const has = record.only === undefined || record.only === kind;
      const value = has ? this.#value(key, record) : record.elsewhere;
      if (value !== undefined) {
        values[property] = value;
      }
    }
    return values;
  }

  #value(key: keyof ConsoleTable, record: ConsoleKey): unknown {
    const given = record.layers === 'merged' ? this.#layers.merged(key, record.long) : this.#layers.get(key);
    return given === undefined ? undefined : record.value(given, this.#at(key));
  }

  #at(key: keyof ConsoleTable): At {
    const fill = (text: string) => fillIn(text, this.#name);
    return {
      fill,
      path: (base, path) =>
        resolvePath(base === 'file' ? folderOf(this.#layers.owner(key).file) : this.#server[base], fill(path)),
      tell: (path, message) => void this.#problems.push(this.#layers.owner(key).problem([key, ...path], message)),
    };
  }
}
