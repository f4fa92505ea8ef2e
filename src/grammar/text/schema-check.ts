/**
 * Checks a value against a JSON Schema of the kind that the configuration uses, for messages that people read: one
 * problem for each thing that is wrong, at the place where it is wrong. Validators report a value that fits no branch
 * of a union once per branch. Agrees with TypeBox's own check, which a test holds. Pure.
 */
import { didYouMean } from '../../model/nearest-word.ts';
import type { Step } from './toml-places.ts';

/** The supported part of JSON Schema. `title` names a value if its form alone does not tell what it is. */
export interface Schema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  /** Of texts. */
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly minLength?: number;
  /** The value may be a secret: messages do not show it. */
  readonly writeOnly?: boolean;
  /** Only a `title`: what keys of a `patternProperties` table look like. */
  readonly propertyNames?: { readonly title?: string };
}

export interface SchemaProblem {
  readonly path: readonly Step[];
  readonly message: string;
}

type Table = Readonly<Record<string, unknown>>;

/** All problems of `value`; empty if it is valid. */
export function schemaProblems(schema: Schema, value: unknown, path: readonly Step[] = []): SchemaProblem[] {
  if (schema.anyOf) {
    return unionProblems(schema, schema.anyOf, value, path);
  }
  if (schema.type === 'object' && isTable(value)) {
    return tableProblems(schema, value, path);
  }
  if (schema.type === 'array' && Array.isArray(value) && value.length >= (schema.minItems ?? 0)) {
    return value.flatMap((element, index) => schemaProblems(schema.items as Schema, element, [...path, index]));
  }
  if (isScalar(schema, value)) {
    return [];
  }
  const meant = typeof value === 'string' && schema.enum ? didYouMean(value, schema.enum) : '';
  return [{ path, message: `expected ${expectation(schema)}, not ${shown(value, schema)}${meant}` }];
}

/** Describes what a schema accepts: for messages and for the reference page. */
export function expectation(schema: Schema): string {
  if (schema.title !== undefined) {
    return schema.title;
  }
  if (schema.anyOf) {
    return oneOf([...new Set(schema.anyOf.map(expectation))]);
  }
  if (schema.const !== undefined) {
    return typeof schema.const === 'string' ? `"${schema.const}"` : String(schema.const);
  }
  if (schema.enum) {
    return oneOf(schema.enum.map((word) => `"${word}"`));
  }
  switch (schema.type) {
    case 'object':
      return schema.properties ? `a table (${Object.keys(schema.properties).join(', ')})` : 'a table';
    case 'array':
      return `an array${(schema.minItems ?? 0) > 0 ? ' (not empty)' : ''} of ${plural(schema.items as Schema)}`;
    case 'integer':
    case 'number':
      return `${schema.type === 'integer' ? 'a whole number' : 'a number'}${range(schema)}`;
    case 'boolean':
      return 'true or false';
    default:
      return (schema.minLength ?? 0) > 0 ? 'a text (not empty)' : 'a text';
  }
}

function oneOf(words: readonly string[]): string {
  return words.length === 1 ? (words[0] as string) : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function plural(schema: Schema): string {
  return schema.type === 'string' && schema.title === undefined ? 'texts' : `elements that are ${expectation(schema)}`;
}

function range({ minimum, maximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) {
    return ` from ${minimum} to ${maximum}`;
  }
  return minimum === undefined ? '' : ` of at least ${minimum}`;
}

/** A table is judged by the branch that knows its keys, an array by the branch for arrays. */
function unionProblems(
  union: Schema,
  branches: readonly Schema[],
  value: unknown,
  path: readonly Step[],
): SchemaProblem[] {
  const all = branches.map((branch) => schemaProblems(branch, value, path));
  if (all.some((problems) => problems.length === 0)) {
    return [];
  }
  const fitting = branches.flatMap((branch, index) =>
    sameShape(branch, value) ? [all[index] as SchemaProblem[]] : [],
  );
  const deepest = fitting.find((problems) => problems.every((problem) => problem.path.length > path.length));
  if (fitting.length === 1 || deepest) {
    return deepest ?? (fitting[0] as SchemaProblem[]);
  }
  return [{ path, message: `expected ${expectation(union)}, not ${shown(value, union)}` }];
}

function sameShape(schema: Schema, value: unknown): boolean {
  return (schema.type === 'object' && isTable(value)) || (schema.type === 'array' && Array.isArray(value));
}

/** When an object is copied key by key, this key sets the prototype. */
const LOST = '__proto__';

function tableProblems(schema: Schema, table: Table, path: readonly Step[]): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const properties = schema.properties ?? {};
  const patterns = Object.entries(schema.patternProperties ?? {}).map(
    ([pattern, each]) => [cachedRegExp(pattern), each] as const,
  );
  for (const [key, value] of Object.entries(table)) {
    const known = Object.hasOwn(properties, key)
      ? properties[key]
      : patterns.find(([pattern]) => pattern.test(key))?.[1];
    if (key === LOST) {
      problems.push({
        path: [...path, key],
        message: `'${LOST}' is not a name here: programs that read it in JavaScript lose it`,
      });
    } else if (known) {
      // Not all at once: a call takes only so many arguments.
      for (const problem of schemaProblems(known, value, [...path, key])) {
        problems.push(problem);
      }
    } else {
      problems.push({ path: [...path, key], message: unknownKey(schema, key, Object.keys(properties)) });
    }
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(table, key)) {
      problems.push({ path, message: `'${key}' is missing: ${expectation(properties[key] as Schema)}` });
    }
  }
  return problems;
}

function unknownKey(schema: Schema, key: string, known: readonly string[]): string {
  if (schema.patternProperties) {
    return `'${key}' is not a name here; expected ${schema.propertyNames?.title ?? 'another form'}`;
  }
  return `unknown key '${key}'${didYouMean(key, known) || `; known are ${known.join(', ')}`}`;
}

function isScalar(schema: Schema, value: unknown): boolean {
  if (schema.const !== undefined) {
    return value === schema.const;
  }
  if (schema.enum) {
    return typeof value === 'string' && schema.enum.includes(value);
  }
  switch (schema.type) {
    case 'string':
      return (
        typeof value === 'string' &&
        value.length >= (schema.minLength ?? 0) &&
        (schema.pattern === undefined || cachedRegExp(schema.pattern).test(value))
      );
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
    case 'number':
      return (
        (schema.type === 'integer' ? Number.isInteger(value) : Number.isFinite(value)) &&
        (value as number) >= (schema.minimum ?? Number.NEGATIVE_INFINITY) &&
        (value as number) <= (schema.maximum ?? Number.POSITIVE_INFINITY)
      );
    default:
      return false;
  }
}

const regExps = new Map<string, RegExp>();

/** The patterns of a schema, each compiled once. */
function cachedRegExp(pattern: string): RegExp {
  const known = regExps.get(pattern) ?? new RegExp(pattern, 'u');
  regExps.set(pattern, known);
  return known;
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function shown(value: unknown, { writeOnly = false }: Schema): string {
  if (writeOnly && !isTable(value) && !Array.isArray(value)) {
    return `a ${value instanceof Date ? 'date' : typeof value}`;
  }
  if (typeof value === 'string') {
    return `"${value.length > 40 ? `${value.slice(0, 40)}...` : value}"`;
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? 'an empty array' : 'an array';
  }
  return isTable(value) ? 'a table' : value instanceof Date ? 'a date' : String(value);
}
