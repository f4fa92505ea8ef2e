/** The values that hold for a console, each with the table that gives it: for `holdfast show`. Pure. */
import type { ConsoleOrigin, EffectiveKey } from '../../model/config.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import { CONSOLE_KEYS } from '../../model/keys/console-keys.ts';
import { type ConsoleKey, SOURCES } from '../../model/keys/record.ts';
import { isTable } from '../text/schema-check.ts';
import { BUILT_IN, type Layer, type Layers } from './layers.ts';

type Key = keyof ConsoleTable;

const RECORDS = Object.entries(CONSOLE_KEYS) as unknown as readonly (readonly [key: Key, record: ConsoleKey])[];
const DEFAULTS = new Map(
  RECORDS.map(([key, record]) => [key, BUILT_IN[key] === undefined ? [] : keysOf(key, record, BUILT_IN[key])]),
);
/** Made once for each table: all consoles of a template share what it gives. */
const MADE = new WeakMap<Layer, Map<Key, readonly EffectiveKey[]>>();

export function originOf(layers: Layers): ConsoleOrigin {
  const templates = layers.tables.flatMap(({ path: [section, name] }) =>
    section === 'template' ? [String(name)] : [],
  );
  return { templates, keys: effectiveKeys(layers) };
}

/** In the order of the reference page; what has no value is left out, and so is what only another kind of source has. */
function effectiveKeys(layers: Layers): readonly EffectiveKey[] {
  const [kind] = layers.sources;
  return RECORDS.flatMap(([key, record]) => {
    const isOther = (SOURCES as readonly string[]).includes(key) ? key !== kind : (record.only ?? kind) !== kind;
    return isOther || key === 'template' ? [] : keysFrom(layers, key, record);
  });
}

function keysFrom({ tables }: Layers, key: Key, record: ConsoleKey): readonly EffectiveKey[] {
  const given = tables.filter(({ table }) => table[key] !== undefined).map((layer) => givenBy(layer, key, record));
  const [nearest] = given;
  const defaults = DEFAULTS.get(key) ?? [];
  if (nearest === undefined) {
    return defaults;
  }
  if (record.layers !== 'merged' || nearest.some(isWhole)) {
    return nearest;
  }
  const tablesOnly = given.filter((keys) => !keys.some(isWhole)).reverse();
  const joined = [defaults.filter((each) => !isWhole(each)), ...tablesOnly].flat();
  return [...new Map(joined.map((each) => [each.path[1], each])).values()];
}

function isWhole({ path }: EffectiveKey): boolean {
  return path.length === 1;
}

function givenBy(layer: Layer, key: Key, record: ConsoleKey): readonly EffectiveKey[] {
  const made = MADE.get(layer) ?? new Map<Key, readonly EffectiveKey[]>();
  MADE.set(layer, made);
  const keys = made.get(key) ?? keysOf(key, record, layer.table[key], layer);
  made.set(key, keys);
  return keys;
}

/** One for each inner key of a table that is merged. Without `layer` it is a default. */
function keysOf(key: Key, record: ConsoleKey, value: unknown, layer?: Layer): readonly EffectiveKey[] {
  const at = (path: readonly string[]) => (layer ? { place: { file: layer.file, line: layer.line(path) } } : {});
  const whole = isTable(value) ? value : record.long?.(value as never);
  if (record.layers !== 'merged' || whole === undefined) {
    return [{ path: [key], value, ...at([key]) }];
  }
  return Object.entries(whole).map(([inner, one]) => ({
    path: [key, inner],
    value: one,
    ...at(isTable(value) ? [key, inner] : [key]),
  }));
}
