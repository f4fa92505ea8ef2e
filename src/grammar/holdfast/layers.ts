/** The tables that a console is made of, nearest first, and their merged values. Pure. */
import type { ConfigProblem } from '../../model/config.ts';
import { ConsoleSchema, type ConsoleTable } from '../../model/config-schema.ts';
import { SOURCES, type SourceKind } from '../../model/keys/record.ts';
import { Suggestions } from '../../model/nearest-word.ts';
import { circleText } from '../text/circle-text.ts';
import { isTable, type Schema } from '../text/schema-check.ts';
import type { Step } from '../text/toml-places.ts';
import type { ConfigTables, PlacedTable } from './tables.ts';

export type Layer = PlacedTable<ConsoleTable>;

/** Maximum depth of templates: each console searches all of them, for each of its keys. */
const DEEPEST = 100;

/** The `default` values of the schema, as a table. */
export function defaultsOf(schema: Schema): Record<string, unknown> {
  const defaults: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const inner = value.properties ? value : value.anyOf?.find((branch) => branch.properties);
    if (value.default !== undefined) {
      defaults[key] = value.default;
    } else if (inner && Object.keys(defaultsOf(inner)).length > 0) {
      defaults[key] = defaultsOf(inner);
    }
  }
  return defaults;
}

export const BUILT_IN = defaultsOf(ConsoleSchema as unknown as Schema) as ConsoleTable;

export class Layers {
  /** The console's own table first, the defaults last. */
  readonly tables: readonly Layer[];
  /** Whether all of them were found and readable. */
  readonly complete: boolean;

  constructor(tables: readonly Layer[], complete: boolean) {
    this.tables = tables;
    this.complete = complete;
  }

  /** The value that the nearest table gives to a key, or the built-in default. */
  get<Key extends keyof ConsoleTable>(key: Key): ConsoleTable[Key] {
    for (const { table } of this.tables) {
      if (table[key] !== undefined) {
        return table[key];
      }
    }
    return BUILT_IN[key];
  }

  /**
   * Tables of all layers in one: the nearer value wins, and built-in defaults come last. `long`: the table that another
   * value is short for; without it, such a value in the nearest table is the whole.
   */
  merged(key: keyof ConsoleTable, long?: (short: never) => object): unknown {
    const given = this.tables.flatMap(({ table }) => (table[key] === undefined ? [] : [table[key]]));
    if (given.length > 0 && !isTable(given[0]) && !long) {
      return given[0];
    }
    const tables = given.map((value) => (isTable(value) ? value : long?.(value as never)));
    return Object.assign(Object.create(null), BUILT_IN[key], ...tables.reverse());
  }

  /** The nearest table that gives a key; the console's own if none sets it. */
  owner(...path: readonly string[]): Layer {
    return this.tables.find(({ table }) => isGiven(table, path)) ?? (this.tables[0] as Layer);
  }

  /** The source keys of the nearest table that has any; a nearer source replaces a farther one of another kind. */
  get sources(): readonly SourceKind[] {
    for (const { table } of this.tables) {
      const given = SOURCES.filter((key) => table[key] !== undefined);
      if (given.length > 0) {
        return given;
      }
    }
    return [];
  }

  /** Whether a source was given that had a reported problem. */
  get brokenSource(): boolean {
    return this.tables.some(({ broken }) => SOURCES.some((key) => broken.has(key)));
  }
}

function isGiven(table: ConsoleTable, path: readonly string[]): boolean {
  let value: unknown = table;
  for (const key of path) {
    value = isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value !== undefined;
}

/** The tables of one console. A missing template, or one that builds on itself, is reported once. */
export class LayerFinder {
  readonly #tables: ConfigTables;
  readonly #problems: ConfigProblem[];
  readonly #told = new Set<Layer>();
  readonly #suggestions: Suggestions;
  #toldDeep = false;

  constructor(tables: ConfigTables, problems: ConfigProblem[]) {
    this.#tables = tables;
    this.#problems = problems;
    this.#suggestions = new Suggestions(() => tables.template.keys());
  }

  /**
   * `between` lies between the templates and the defaults, `below` beneath these. A console without a template gets that
   * of the defaults.
   */
  of(own: Layer, between: readonly Layer[] = [], below?: Layer): Layers {
    const first = own.table.template === undefined ? this.#tables.defaults.find(({ table }) => table.template) : own;
    return this.#along(own, first ?? own, between, below ? [below] : []);
  }

  #along(own: Layer, first: Layer, between: readonly Layer[], below: readonly Layer[]): Layers {
    const chain: Layer[] = [own];
    const names = new Set<string>();
    let complete = ![own, ...this.#tables.defaults].some(({ broken }) => broken.has('template'));
    for (let layer = first, name = first.table.template; name !== undefined; name = layer.table.template) {
      const next = this.#tables.template.get(name);
      if (next === undefined || names.has(name) || names.size === DEEPEST) {
        complete = false;
        this.#tell(layer, name, names);
        break;
      }
      names.add(name);
      chain.push(next);
      complete &&= !next.broken.has('template');
      layer = next;
    }
    const tables = [...chain, ...between, ...this.#tables.defaults, ...below];
    return new Layers(tables, complete && !this.#tables.incomplete);
  }

  /** Unused templates are checked too. */
  checkAll(): void {
    for (const template of this.#tables.template.values()) {
      this.#along(template, template, [], []);
    }
  }

  /** `names`: the templates on the way to this one. */
  #tell(layer: Layer, name: string, names: ReadonlySet<string>): void {
    const known = this.#tables.template.has(name);
    if (this.#told.has(layer) || (!known && this.#tables.incomplete)) {
      return;
    }
    this.#told.add(layer);
    const all = [...names];
    const from = names.has(name) ? all.indexOf(name) : all.length;
    // One report for a long chain, whichever of its templates is checked first.
    const isDeep = known && from === all.length;
    for (const member of isDeep ? all : all.slice(from)) {
      this.#told.add(this.#tables.template.get(member) as Layer);
    }
    if (isDeep && this.#toldDeep) {
      return;
    }
    this.#toldDeep ||= isDeep;
    const message = isDeep
      ? `more than ${DEEPEST} templates build on each other; join some of them`
      : from < all.length
        ? `templates build on each other in a circle: ${circleText(all, from)}`
        : `unknown template '${name}'${this.#suggestions.didYouMean(name) || `; there is no [template.${name}]`}`;
    this.#problems.push(layer.problem(['template'] as readonly Step[], message));
  }
}
