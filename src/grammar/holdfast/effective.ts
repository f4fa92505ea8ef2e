/** The values that hold for a console, each with the table that gives it: for `holdfast show`. Pure. */
import type { ConsoleTable } from '../../model/config-schema.ts';
import { CONSOLE_KEYS } from '../../model/keys/console-keys.ts';
import { type ConsoleKey, SOURCES } from '../../model/keys/record.ts';
import type { Place } from '../../model/place.ts';
import { isTable } from '../text/schema-check.ts';
import type { Layers } from './layers.ts';

export interface EffectiveKey {
  /** `['log', 'size']`. */
  readonly path: readonly string[];
  /** As written. */
  readonly value: unknown;
  /** Absent: it is the default. */
  readonly place?: Place;
}

/** In the order of the reference page; what has no value is left out, and so is what only another kind of source has. */
export function effectiveKeys(layers: Layers): readonly EffectiveKey[] {
  const [kind] = layers.sources;
  return Object.entries(CONSOLE_KEYS as Readonly<Record<string, ConsoleKey>>).flatMap(([name, record]) => {
    const key = name as keyof ConsoleTable;
    const isOther = (SOURCES as readonly string[]).includes(key) ? key !== kind : (record.only ?? kind) !== kind;
    const value =
      isOther || key === 'template'
        ? undefined
        : record.layers === 'merged'
          ? layers.merged(key, record.long)
          : layers.get(key);
    if (value === undefined) {
      return [];
    }
    if (record.layers !== 'merged' || !isTable(value)) {
      return [{ path: [key], value, ...given(layers, key) }];
    }
    return Object.entries(value).map(([inner, one]) => ({
      path: [key, inner],
      value: one,
      ...given(layers, key, inner, record),
    }));
  });
}

/** Where the nearest table gives it; nothing where none does. */
function given(layers: Layers, key: keyof ConsoleTable, inner?: string, record?: ConsoleKey): { place?: Place } {
  for (const layer of layers.tables) {
    const value = layer.table[key];
    if (value === undefined) {
      continue;
    }
    const whole = isTable(value) ? value : record?.long?.(value as never);
    if (inner === undefined || (whole !== undefined && Object.hasOwn(whole, inner))) {
      const path = inner !== undefined && isTable(value) ? [key, inner] : [key];
      return { place: { file: layer.file, line: layer.line(path) } };
    }
  }
  return {};
}

/** The templates that it builds on, nearest first. */
export function templatesOf(layers: Layers): readonly string[] {
  return layers.tables.flatMap(({ path: [section, name] }) => (section === 'template' ? [String(name)] : []));
}
