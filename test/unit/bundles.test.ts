import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const BUILD = join(import.meta.dirname, '../../build');

/** Packages whose code a bundle has, with the most bytes of it: a program compiles all of it at every start. */
const PACKAGES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'conserver.cjs': { typebox: 20_000 },
  'holdfast-config.cjs': { 'smol-toml': 30_000, typebox: 20_000 },
  'holdfast-import.cjs': { 'smol-toml': 30_000, typebox: 20_000 },
  'holdfast-programs.cjs': { 'smol-toml': 30_000, typebox: 20_000 },
  'holdfast-hosts.cjs': { 'smol-toml': 40_000 },
  // It checks what clients of the API send.
  'holdfast-control.cjs': { typebox: 150_000 },
  'holdfast-oidc.cjs': { 'openid-client': 25_000, oauth4webapi: 70_000 },
  'holdfast-server.cjs': { 'smol-toml': 30_000, typebox: 20_000 },
};
/** Only packages. */
const PACKAGES_ALONE = ['fastify.cjs', 'ws.cjs'];

const BUNDLES = readdirSync(BUILD).filter((file) => file.endsWith('.cjs'));

/** Bytes of each package: esbuild names every file above its code. */
function packagesIn(bundle: string): Map<string, number> {
  const packages = new Map<string, number>();
  for (const part of readFileSync(join(BUILD, bundle), 'utf8').split(/^(?=\/\/ (?:node_modules|src)\/)/m)) {
    const name = /^\/\/ node_modules\/([^/]+)/.exec(part)?.[1];
    if (name !== undefined) {
      packages.set(name, (packages.get(name) ?? 0) + part.length);
    }
  }
  return packages;
}

test('a program has no more of the packages in it than it uses', () => {
  const bundles = BUNDLES.filter((file) => !PACKAGES_ALONE.includes(file));
  assert.ok(bundles.length > 10);
  const excess = bundles.flatMap((bundle) =>
    [...packagesIn(bundle)].flatMap(([name, bytes]) =>
      bytes <= (PACKAGES[bundle]?.[name] ?? 0) ? [] : [`${bundle} has ${bytes} bytes of ${name}: see decision 89`],
    ),
  );
  assert.deepEqual(excess, []);
});

test('Fastify is bundled without what the control API does not use', () => {
  const unused = ['light-my-request', 'pino', 'semver'];
  const packages = packagesIn('fastify.cjs');
  assert.ok(packages.has('fastify'));
  assert.deepEqual(
    unused.filter((name) => packages.has(name)),
    [],
  );
});

test('modules of Node that few runs use are loaded with their first use', () => {
  const atOnce = BUNDLES.filter((file) =>
    /require\("(node:)?(child_process|crypto|http2|https|tls|zlib)"\)/.test(readFileSync(join(BUILD, file), 'utf8')),
  );
  assert.deepEqual(atOnce, []);
});

test('a command loads none of them, and makes no collator', () => {
  const tell = `data:text/javascript,
    Intl.Collator = class { constructor() { console.log('Intl.Collator'); } };
    process.on('exit', () => console.log(process.moduleLoadList.filter((name) => name.startsWith('NativeModule ')).join()));`;
  const words = ['--import', tell, join(BUILD, 'holdfast.cjs'), 'holdfast', 'help'];
  const said = execFileSync(join(BUILD, 'node'), words, { encoding: 'utf8' });
  assert.match(said, /NativeModule fs,/);
  assert.doesNotMatch(said, /NativeModule (child_process|crypto|http2|https|tls|zlib)\b|Intl\.Collator/);
});
