/** Checks clients' input against the schemas, and converts the texts of a query to the types of its schema. */

import type { TObject, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/schema';
import { HoldfastError } from '../../model/errors.ts';

/** Throws HF_BAD_REQUEST naming the field. `where`: `body`, `query`, `message`. */
export function check(schema: TSchema, value: unknown, where: string): void {
  if (Check(schema, value)) {
    return;
  }
  const [, [first]] = Errors(schema, value) as unknown as [boolean, { instancePath: string; message: string }[]];
  const field = first?.instancePath.replaceAll('/', '.') ?? '';
  throw new HoldfastError('HF_BAD_REQUEST', `${where}${field}: ${unknownKey(schema, value) ?? first?.message}`);
}

/**
 * The query, converted to its schema: integers and flags (`1`, `true`, `0`, `false`) from text, unknown keys refused.
 */
export function readQuery(
  schema: TObject | undefined,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const properties = schema?.properties ?? {};
    const wanted = Object.hasOwn(properties, key) ? (properties[key] as { type?: string }) : undefined;
    if (!wanted) {
      throw new HoldfastError('HF_BAD_REQUEST', `query.${key.slice(0, 64)}: there is no such parameter`);
    }
    query[key] = typeof value === 'string' ? converted(value, wanted.type) : value;
  }
  if (schema) {
    check(schema, query, 'query');
  }
  return query;
}

/** A time of a query or body in milliseconds since 1970; throws HF_BAD_REQUEST. */
export function readTime(text: string, where: string): number {
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new HoldfastError('HF_BAD_REQUEST', `${where}: "${text.slice(0, 64)}" is not an ISO 8601 time`);
  }
  return time;
}

function converted(text: string, type: string | undefined): unknown {
  if (type === 'integer' && /^\d{1,16}$/.test(text)) {
    return Number(text);
  }
  if (type === 'boolean') {
    return text === '1' || text === 'true' ? true : text === '0' || text === 'false' ? false : text;
  }
  return text;
}

/** The checker's own words for this are a list of schema paths. */
function unknownKey(schema: TSchema, value: unknown): string | undefined {
  const known = (schema as { properties?: object }).properties;
  if (known && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const key = Object.keys(value).find((each) => !Object.hasOwn(known, each));
    return key === undefined ? undefined : `there is no such field as "${key.slice(0, 64)}"`;
  }
  return undefined;
}
