// Every key of a console does what its record says it does, or is refused.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type ConfigKey, configKeys } from '../../scripts/generate/config-keys.ts';
import { childSpec } from '../../src/config/child-spec.ts';
import type { Schema } from '../../src/grammar/text/schema-check.ts';
import type { ConsoleConfig } from '../../src/model/config.ts';
import { ConsoleSchema } from '../../src/model/config-schema.ts';
import { CONSOLE_KEYS } from '../../src/model/keys/console-keys.ts';
import { type ConsoleKey, SOURCES, type SourceKind } from '../../src/model/keys/record.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { native, type SpawnRequest } from '../../src/platform/native.ts';
import { LocalRunner } from '../../src/terminal/local-runner.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeKernel } from '../fakes/fake-kernel.ts';
import { ConfiguredHost, OBSERVED, type Observation, PROGRAM } from '../harness/configured-host.ts';
import { accepted, refused } from '../harness/read-config.ts';

const RECORDS: Readonly<Record<string, ConsoleKey>> = CONSOLE_KEYS;
const ALL = configKeys(ConsoleSchema as unknown as Schema);
/** Those with a value of their own, and not only keys below them; elements of lists are values of the list. */
const KEYS = ALL.filter(({ name, examples }) => !name.includes('[]') && examples.length > 0);

/** Lines of a console with this source. */
const SOURCE: Readonly<Record<SourceKind, string>> = {
  run: `run = ["${PROGRAM}"]`,
  unix: 'unix = "/nonexistent/socket"',
  tcp: 'tcp = "127.0.0.1:1"',
  telnet: 'telnet = "127.0.0.1:1"',
  serial: 'serial = "/dev/a"',
};

/** In place of examples that would reach out of this test. */
const VALUES: Readonly<Record<string, string>> = { ...SOURCE, endpoints: 'endpoints = ["unix:{name}.sock"]' };

/** The keys without which a key has no meaning. */
const WITH: Readonly<Record<string, string>> = {
  'ready.within': 'ready.pattern = "never"',
  'init.user': 'init.command = "true"',
  'init.group': 'init.command = "true"',
  'idle.send': 'idle.after = "5m"',
};

const AROUND = '[template.ioc]\ndescription = "of the template"\n[console.gateway]\nrun = ["gateway"]\n';

function config(...lines: readonly (string | undefined)[]): string {
  return `${AROUND}[console.${OBSERVED}]\n${lines.filter((line) => line !== undefined).join('\n')}\n`;
}

async function observed(t: TestContext, text: string): Promise<Observation> {
  return (await ConfiguredHost.begun(t, text)).observe();
}

function recordOf({ name }: ConfigKey): ConsoleKey {
  return RECORDS[name.split('.')[0] as string] as ConsoleKey;
}

/** The kind of source to try a key on. */
function kindsFor(key: ConfigKey): readonly SourceKind[] {
  const { only } = recordOf(key);
  // Of a link it is refused: see below.
  return only ? [only] : key.name === 'restart.policy' || key.name === 'restart' ? ['run'] : ['run', 'serial'];
}

test('every key of the schema has a record, and the other way round', () => {
  assert.deepEqual(Object.keys(ConsoleSchema.properties), Object.keys(RECORDS));
  assert.deepEqual([...new Set(ALL.map(({ name }) => name.split(/[.[]/)[0]))], Object.keys(RECORDS));
});

test('equal configurations are equal in everything that is observed', async (t) => {
  for (const kind of ['run', 'serial'] as const) {
    const [one, other] = await Promise.all([1, 2].map(() => observed(t, config(SOURCE[kind]))));
    assert.deepEqual(one, other);
  }
});

const TRIED = KEYS.filter(({ name }) => !(SOURCES as readonly string[]).includes(name)).flatMap((key) =>
  kindsFor(key).flatMap((kind) =>
    (key.name in VALUES ? [VALUES[key.name] as string] : key.examples).map((line) => ({ key, kind, line })),
  ),
);

for (const { key, kind, line } of TRIED) {
  const { sets, change } = recordOf(key);
  const plain = config(SOURCE[kind], WITH[key.name]);
  const given = config(SOURCE[kind], WITH[key.name], line);
  test(`${kind}: ${line.split('\n').at(-1)} sets the ${sets}`, async (t) => {
    const [without, wanted] = await Promise.all([plain, given].map((text) => observed(t, text)));
    assert.notDeepEqual(wanted?.[sets], without?.[sets]);
    if (change === 'console' || sets === 'start') {
      // Another console takes its place, or it matters to the next server.
      return;
    }
    const host = await ConfiguredHost.begun(t, plain);
    await host.apply(given);
    if (change === 'process' || sets === 'readiness') {
      await host.restart();
    }
    assert.deepEqual((await host.observe())[sets], wanted?.[sets], 'after a reload');
  });
}

for (const kind of SOURCES.filter((other) => other !== 'run')) {
  test(`${SOURCE[kind]} sets the source`, async (t) => {
    const [plain, given] = await Promise.all((['run', kind] as const).map((each) => observed(t, config(SOURCE[each]))));
    assert.notDeepEqual(given?.source, plain?.source);
  });
}

test('what only one kind of source has is refused for the others, with its line', () => {
  const only = KEYS.filter((key) => recordOf(key).only !== undefined && !key.name.includes('.'));
  assert.ok(only.length > 10, String(only.length));
  for (const key of only) {
    const { only: owner } = recordOf(key);
    for (const kind of SOURCES.filter((other) => other !== owner)) {
      assert.deepEqual(refused(`[console.a]\n${SOURCE[kind]}\n${key.examples[0]}`), [
        `a.toml:3 console.a.${key.name}: only a console with '${owner}' has this; the source here is '${kind}'`,
      ]);
    }
    assert.ok(accepted(`[console.a]\n${SOURCE[owner as SourceKind]}\n${key.examples[0]}`));
  }
});

test('what a console has without being told, it has with every kind of source', () => {
  const properties = (kind: SourceKind) =>
    Object.keys(accepted(config(SOURCE[kind])).consoles.find(({ name }) => name === OBSERVED) as ConsoleConfig).sort();
  for (const kind of SOURCES) {
    assert.deepEqual(properties(kind), properties('run'));
  }
});

/** Settings of a child that are not the addon's: its cgroup, its stop by the holder, the readers of its output. */
const NOT_OF_THE_ADDON = ['caps', 'stop', 'stripHigh'];

test('what the keys give to a child is passed to the addon, which reads it', async () => {
  const lines = TRIED.flatMap(({ key, kind, line }) => (kind === 'run' && recordOf(key).child ? [line] : []));
  assert.ok(lines.length > 3, String(lines));
  const { consoles } = accepted(config(SOURCE.run, 'env.A = "b"', ...lines));
  const spec = await childSpec(consoles.find(({ name }) => name === OBSERVED) as ConsoleConfig, {
    waits: () => undefined,
    notes: () => undefined,
  });
  const kernel = new FakeKernel();
  const ring = new OutputRing({ keep: 1024, most: 1024 }, (size) => Buffer.alloc(size));
  new LocalRunner(ring, undefined, new FakeClock(), undefined, kernel).start(spec);
  await turn();
  const { request } = kernel.newest;
  for (const property of Object.keys(spec).filter((each) => !NOT_OF_THE_ADDON.includes(each))) {
    assert.ok(property in request, `${property} is not passed on`);
    const wrong = { file: 'true', argv: ['true'], columns: 0, rows: 0, [property]: {} } as unknown as SpawnRequest;
    assert.throws(() => native.spawn(wrong, () => undefined), TypeError, `${property} is not read`);
  }
});
