/** Every key of the configuration with its data from the schema, in the order of the schema. */
import { expectation, type Schema } from '../../src/grammar/text/schema-check.ts';

export interface ConfigKey {
  /** As written in its section: `restart.holdoff`; `stop[].wait` for keys of tables in an array. */
  readonly name: string;
  readonly expects: string;
  readonly description: string;
  readonly default?: unknown;
  readonly required: boolean;
  /** Lines of TOML, each with a value of `examples` and the keys that it requires. */
  readonly examples: readonly string[];
}

export function configKeys(table: Schema, prefix = ''): ConfigKey[] {
  return Object.entries(table.properties ?? {}).flatMap(([key, schema]) => {
    const name = `${prefix}${key}`;
    const needed = (table.required ?? []).filter((other) => other !== key);
    const siblings = needed.map((other) => {
      const example = table.properties?.[other]?.examples?.[0];
      return `${prefix}${other} = ${toml(example)}`;
    });
    const own: ConfigKey = {
      name,
      expects: expectation(schema),
      description: schema.description ?? '',
      default: schema.default,
      required: table.required?.includes(key) ?? false,
      examples: (schema.examples ?? []).map((value) => [...siblings, `${name} = ${toml(value)}`].join('\n')),
    };
    return [own, ...inner(schema, name)];
  });
}

function inner(schema: Schema, name: string): ConfigKey[] {
  const tables = [schema, ...(schema.anyOf ?? [])];
  const elements = schema.items ? (schema.items.anyOf ?? [schema.items]) : [];
  return [
    ...tables.flatMap((table) => configKeys(table, `${name}.`)),
    ...elements.flatMap((table) => configKeys(table, `${name}[].`)),
  ];
}

/** A value in one line. Keys of inline tables are bare words here. */
export function toml(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(toml).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, element]) => `${key} = ${toml(element)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  return JSON.stringify(value);
}
