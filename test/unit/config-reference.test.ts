import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { Compile } from 'typebox/schema';
import { configKeys } from '../../scripts/generate/config-keys.ts';
import { DOCUMENTS } from '../../scripts/generate/documents.ts';
import { holdfastToml } from '../../src/grammar/holdfast/holdfast-toml.ts';
import { ConfigTables } from '../../src/grammar/holdfast/tables.ts';
import type { Schema } from '../../src/grammar/text/schema-check.ts';
import { ConfigSchema } from '../../src/model/config-schema.ts';
import { ConserverSchema } from '../../src/model/conserver-schema.ts';
import { isSame } from '../../src/model/is-same.ts';
import { IsisSchema } from '../../src/model/isis-schema.ts';
import { NetworkSchema } from '../../src/model/network-schema.ts';
import { fromPlain, toPlain } from '../../src/model/plain.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

for (const { path, text } of DOCUMENTS) {
  test(`${path} is up to date`, () => {
    assert.ok(read(path) === text(), 'run `npm run generate`');
  });
}

/** Parts that an example of one key leaves out: a source, and the named users. */
const AROUND = '[defaults]\nrun = ["true"]\n[template.ioc]\n[console.gateway]\n';

/** The required keys missing from a one-key example of `[network]`. */
function networkAround(block: string): string[] {
  const needed = [
    ...['listen = ["127.0.0.1:7633"]', 'certificate = "c.pem"', 'key = "k.pem"'],
    'url = "https://ioc1.example.org:7633"',
  ];
  const missing = needed.filter((line) => !block.includes(`\n${line.split(' ')[0]} = `));
  return block.startsWith('[network]') ? ['[access]', `[network]\n${missing.join('\n')}`] : [];
}

function resultOf(...texts: readonly string[]) {
  const tables = new ConfigTables(texts.map((text, index) => ({ file: `/etc/${index}.toml`, text })));
  const found = new Map([...tables.discover.keys()].map((table) => [table, [{ name: 'found', dir: '/opt/found' }]]));
  return holdfastToml({ tables, directories: { runtimeDir: '/run/h', stateDir: '/s' }, found });
}

const problemsOf = (...texts: readonly string[]) => resultOf(...texts).problems ?? [];

test('every key has a description, and an example or subkeys that have some', () => {
  const keys = configKeys(ConfigSchema as unknown as Schema);
  assert.ok(keys.length > 10);
  const all = [
    ...configKeys(ConfigSchema.properties.defaults as unknown as Schema),
    ...configKeys(ConfigSchema.properties.server as unknown as Schema),
    ...configKeys(ConfigSchema.properties.discover.patternProperties['^.*$'] as unknown as Schema),
    ...configKeys(IsisSchema as unknown as Schema),
    ...configKeys(ConserverSchema as unknown as Schema),
    ...configKeys(NetworkSchema as unknown as Schema),
  ];
  assert.ok(all.length > 60, String(all.length));
  for (const { name, description, examples } of all) {
    const covered = all.some((other) => other.name.startsWith(`${name}.`) && other.examples.length > 0);
    assert.ok(description.length > 10 || name === 'stop[]', `${name} has no description`);
    const [list = '', element] = name.split('[]');
    const shown = element !== undefined && all.some((other) => other.name === list && other.examples.length > 0);
    assert.ok(examples.length > 0 || covered || shown, `${name} has no example`);
  }
});

const blocks = [...read('docs/reference/config.md').matchAll(/```toml\n(.*?)```/gs)].map((match) => match[1] as string);
const jsonSchema = Compile(JSON.parse(read('docs/reference/config.schema.json')));

test('every example of the reference page is accepted, by the reader and by the JSON Schema', () => {
  assert.ok(blocks.length > 60, String(blocks.length));
  for (const block of blocks) {
    const around = block.includes('[defaults]') ? [] : [AROUND, ...networkAround(block)];
    // The keys of a table in one file.
    const user = /^proxy\.groups_header/m.test(block) ? 'proxy.user_header = "X-User"\n' : '';
    const from = /^proxy\.(?!from)/m.test(block) ? `proxy.from = ["10.0.0.5"]\n${user}` : '';
    const provider = ['oidc.issuer = "https://sso.example.org"', 'oidc.client_id = "holdfast"'].filter(
      (line) => /^oidc\./m.test(block) && !block.includes(line.split(' ')[0] as string),
    );
    const { config, problems = [] } = resultOf(...around, `${block}${from}${provider.join('\n')}`);
    assert.deepEqual(problems, [], block);
    // As `plan -c` sends it.
    const sent = { ...config, consoles: config?.consoles.map(({ origin, ...each }) => each) };
    assert.ok(isSame(fromPlain(JSON.parse(JSON.stringify(toPlain(sent)))), sent), block);
    assert.ok(jsonSchema.Check(parse(block)), block);
  }
});

test('the JSON Schema refuses what the reader refuses', () => {
  for (const text of [
    'consoles = 1',
    'console.a.rum = "x"',
    'defaults.history = -1',
    'template.t.log.keep = 0',
    'console."/" = {}',
  ]) {
    assert.notDeepEqual(problemsOf(text), [], text);
    assert.equal(jsonSchema.Check(parse(text)), false, text);
  }
});

test('the defaults on the page are the ones that apply', () => {
  const stated = configKeys(ConfigSchema.properties.defaults as unknown as Schema).filter(
    (key) => key.default !== undefined && !key.name.startsWith('stop['),
  );
  assert.ok(stated.length > 20);
  const plain = new ConfigTables([{ file: '/a.toml', text: 'console.a.run = "x"' }]);
  const spelled = new ConfigTables([
    { file: '/a.toml', text: 'console.a.run = "x"' },
    {
      file: '/b.toml',
      text: `[defaults]\n${stated.map(({ name, default: value }) => `${name} = ${inToml(value)}`).join('\n')}`,
    },
  ]);
  const directories = { runtimeDir: '/run/h', stateDir: '/s' };
  const [a, b] = [spelled, plain].map((tables) => {
    const [{ origin, ...config } = {}] = holdfastToml({ tables, directories, found: new Map() }).config?.consoles ?? [];
    return { config, values: JSON.stringify(origin?.keys.map(({ path, value }) => [path, value])) };
  });
  assert.deepEqual(a, b);
});

/** The forms that a value with a text in it may have. */
const WITH_NAME = ['"x{name}x"', '["x{name}x"]', '{ A = "x{name}x" }', '"x{name}x:1"', '["unix:x{name}x"]'];

/** Whether `{name}` is filled in. */
function fillsIn(key: string): boolean {
  const source = /^(run|unix|tcp|telnet|serial)$/.test(key) ? '' : 'run = ["true"]\n';
  return WITH_NAME.some((value) => {
    const tables = new ConfigTables([{ file: '/a.toml', text: `[console.vac]\n${source}${key} = ${value}` }]);
    const { config } = holdfastToml({
      tables,
      directories: { runtimeDir: '/run/h', stateDir: '/s' },
      found: new Map(),
    });
    return JSON.stringify(config?.consoles ?? '').includes('xvacx');
  });
}

test('the page says of all keys in which the name of the console is filled in, and of no other', () => {
  const [, list = ''] =
    /stands for the name of the console in (.*?)\. Any/s.exec(read('docs/reference/config.md')) ?? [];
  const filled = configKeys(ConfigSchema.properties.defaults as unknown as Schema).flatMap(({ name }) =>
    !name.includes('[]') && fillsIn(name) ? [name] : [],
  );
  assert.deepEqual(Array.from(list.matchAll(/`([^`]+)`/g), ([, key]) => key).sort(), filled.sort());
});

function inToml(value: unknown): string {
  return JSON.stringify(value).replace(/"(\w+)":/g, '$1 = ');
}

const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.toml'));

test('there are example configurations', () => assert.ok(examples.length >= 3, String(examples)));

for (const name of examples) {
  test(`examples/${name} has no mistakes`, () => {
    const text = read(`examples/${name}`);
    assert.deepEqual(problemsOf(text), []);
    assert.ok(jsonSchema.Check(parse(text)));
  });
}
