/** Values of a configuration as JSON has them, and back: maps, sets, and what is undefined stay what they are. Pure. */

/** Key of an object that stands for a value that JSON does not have; nothing in a configuration is called so. */
const KIND = '\0';

type Plain = Readonly<Record<string, unknown>>;

export function toPlain(value: unknown): unknown {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) {
    return { [KIND]: String(value) };
  }
  if (value instanceof Map || value instanceof Set) {
    return { [KIND]: value instanceof Map ? 'map' : 'set', of: [...value].map(toPlain) };
  }
  if (Array.isArray(value)) {
    return value.map(toPlain);
  }
  return typeof value === 'object' && value !== null ? mapped(value, toPlain) : value;
}

/** Throws a TypeError for what `toPlain` has not made. */
export function fromPlain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(fromPlain);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { [KIND]: kind, of } = value as Plain;
  switch (kind) {
    case undefined:
      return mapped(value, fromPlain);
    case 'map':
      return new Map(fromPlain(of) as [unknown, unknown][]);
    case 'set':
      return new Set(fromPlain(of) as unknown[]);
    default:
      return kind === 'undefined' ? undefined : Number(kind);
  }
}

function mapped(value: object, one: (value: unknown) => unknown): Plain {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, one(each)]));
}
