import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import Value from 'typebox/value';
import { expectation, type Schema, schemaProblems } from '../../src/grammar/text/schema-check.ts';
import { ConfigSchema } from '../../src/model/config-schema.ts';
import { nearestWord } from '../../src/model/nearest-word.ts';

const SCHEMA = ConfigSchema as unknown as Schema;

/** Values that fit a schema. */
function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.examples && schema.examples.length > 0) {
    return fc.constantFrom(...schema.examples);
  }
  if (schema.anyOf) {
    return fc.oneof(...schema.anyOf.map(fitting));
  }
  if (schema.const !== undefined) {
    return fc.constant(schema.const);
  }
  switch (schema.type) {
    case 'object':
      return schema.properties
        ? fc.record(
            Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, fitting(value)])),
            {
              requiredKeys: [...(schema.required ?? [])],
            },
          )
        : fc.dictionary(
            fc.constantFrom('a', 'b-1', 'C:d'),
            fitting(Object.values(schema.patternProperties ?? {})[0] as Schema),
          );
    case 'array':
      return fc.array(fitting(schema.items as Schema), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return schema.pattern === undefined ? fc.string({ minLength: 1 }) : fc.constant('5s');
    default:
      return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 100 });
  }
}

type Table = Record<string, unknown>;

/** A value to put at one of the places of a document. */
const change = fc.tuple(
  fc.nat(),
  fc.oneof(fc.constantFrom(null, true, -1, 0.5, '', '5s', 'x', [], {}, ['x'], { wait: 1 }), fc.string(), fc.double()),
);

/** A copy of the document with one value replaced, or a key added. */
function changed(document: unknown, [at, value]: readonly [number, unknown]): unknown {
  // Copied as JSON: examples that occur in several places must not change in all of them.
  const copy = JSON.parse(JSON.stringify(document)) as Table;
  const spots: (() => void)[] = [];
  const walk = (node: unknown) => {
    if (typeof node === 'object' && node !== null) {
      for (const key of Object.keys(node)) {
        spots.push(() => Object.defineProperty(node, key, { value, enumerable: true, configurable: true }));
        walk((node as Table)[key]);
      }
      if (!Array.isArray(node)) {
        spots.push(() => Object.assign(node, { 'no such key': value }));
      }
    }
  };
  walk(copy);
  spots[at % spots.length]?.();
  return copy;
}

test('agrees with TypeBox on documents with one change', () => {
  const seen = { fits: 0, not: 0 };
  fc.assert(
    // To make a document costs much more than to check it.
    fc.property(fitting(SCHEMA), fc.array(change, { minLength: 8, maxLength: 8 }), (document, changes) => {
      for (const each of changes) {
        const other = changed(document, each);
        const fits = Value.Check(ConfigSchema, other);
        seen[fits ? 'fits' : 'not']++;
        const problems = schemaProblems(SCHEMA, other);
        assert.equal(problems.length === 0, fits, JSON.stringify(problems));
        assert.ok(problems.length <= 3, `one change, ${JSON.stringify(problems)}`);
      }
    }),
    { numRuns: 80 },
  );
  assert.ok(seen.fits > 50 && seen.not > 200, JSON.stringify(seen));
});

test('agrees with TypeBox on any value', () => {
  fc.assert(
    fc.property(
      fc.object({
        key: fc.constantFrom('console', 'defaults', 'a', 'run', 'log', 'stop', '__proto__'),
        values: [fc.jsonValue()],
      }),
      (value) => {
        assert.equal(schemaProblems(SCHEMA, value).length === 0, Value.Check(ConfigSchema, value));
      },
    ),
    { numRuns: 300 },
  );
});

test('the expectation, in words', () => {
  assert.equal(expectation({ anyOf: [{ const: 'a' }, { const: 2 }, { type: 'boolean' }] }), '"a", 2 or true or false');
  assert.equal(expectation({ type: 'integer', minimum: 1, maximum: 5 }), 'a whole number from 1 to 5');
  assert.equal(expectation({ type: 'array', minItems: 1, items: { type: 'string' } }), 'an array (not empty) of texts');
});

test('the word that was probably meant', () => {
  const known = ['endpoints', 'env', 'env_file', 'run', 'user'];
  const meant = (word: string) => nearestWord(word, known);
  assert.deepEqual(['endpoint', 'enpdoints', 'RUN', 'nur', 'uesr', 'envfile', 'shell', ''].map(meant), [
    'endpoints',
    'endpoints',
    'run',
    undefined,
    'user',
    'env_file',
    undefined,
    undefined,
  ]);
});
