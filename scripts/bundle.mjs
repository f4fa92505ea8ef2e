// One CommonJS file for each program: a single file starts in a third of the time that the module graph needs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Packages that are loaded late, each in a file of its own beside the bundles: they need not be parsed at every start. */
const LATE = ['fastify', 'ws'];

const besides = {
  name: 'besides',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^(${LATE.join('|')})$`) }, ({ path }) => ({
      path: `./${path}.cjs`,
      external: true,
    }));
  },
};

/**
 * Modules of Node that few runs of a program use, while loading them costs every run: node:tls reads some 150 certificates
 * of authorities, in a thread of its own (12 ms of processor time, and 6 of ours), node:crypto takes 5 ms, node:child_process 2 ms.
 */
const SELDOM = ['child_process', 'crypto', 'http2', 'https', 'tls', 'zlib'];

/** Loads those when one of their exports is first used. It inherits them, since esbuild copies what a module itself has. */
export const seldom = {
  name: 'seldom',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: new RegExp(`^(node:)?(${SELDOM.join('|')})$`) }, ({ path }) => ({
      path: path.replace(/^node:/, ''),
      namespace: 'seldom',
    }));
    onLoad({ filter: /./, namespace: 'seldom' }, ({ path }) => ({
      contents: `
        const get = (_, name) => process.getBuiltinModule('node:${path}')[name];
        module.exports = Object.create(new Proxy({}, { get }));`,
    }));
  },
};

/**
 * What Fastify requires and our control API does not use: validation and answers by JSON Schema, logs, requests without a socket, versions of
 * plugins, addresses behind proxies, patterns in the paths of routes. They are two thirds of it, and compiled by every server that is asked something.
 */
const UNUSED = {
  '@fastify/ajv-compiler': 'undefined',
  '@fastify/fast-json-stringify-compiler': 'undefined',
  '@fastify/proxy-addr': 'undefined',
  'light-my-request': 'undefined',
  pino: 'undefined',
  semver: 'undefined',
  // It is called for three patterns of the router's own.
  'safe-regex2': '() => true',
};

const unused = {
  name: 'unused',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: new RegExp(`^(${Object.keys(UNUSED).join('|')})$`) }, ({ path }) => ({
      path,
      namespace: 'unused',
    }));
    onLoad({ filter: /./, namespace: 'unused' }, ({ path }) => ({ contents: `module.exports = ${UNUSED[path]};` }));
  },
};

/** Prepended to modules that contain CommonJS packages, such as ws. */
export const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);";

/**
 * Bundles `src/main/NAME.main.ts`, a program, and `NAME.late.ts`, a part that a program loads when it is needed, into
 * `build/NAME.cjs` for every given file name.
 */
export async function bundle(root, entries) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await build({
    absWorkingDir: root,
    entryPoints: entries.map((name) => ({
      in: join('src/main', name),
      out: name.replace(/\.(main|late)\.ts$/, ''),
    })),
    outdir: 'build',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    define: { HOLDFAST_VERSION: JSON.stringify(version), 'import.meta.filename': '__filename' },
    // As require(): Node's import() would scan all of Fastify for its exports first.
    supported: { 'dynamic-import': false },
    plugins: [besides, seldom],
    legalComments: 'none',
    logLevel: 'warning',
  });
  for (const name of LATE) {
    await build({
      absWorkingDir: root,
      stdin: { contents: `module.exports = require('${name}');`, resolveDir: root },
      outfile: `build/${name}.cjs`,
      bundle: true,
      platform: 'node',
      target: 'node22',
      format: 'cjs',
      // Otherwise ws looks for an absent package in every folder up to the root.
      define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"' },
      plugins: [seldom, unused],
      legalComments: 'none',
      logLevel: 'warning',
    });
  }
  // The public entries `holdfast/client` and `holdfast/isis`: Node strips no types inside node_modules.
  await build({
    absWorkingDir: root,
    entryPoints: [
      { in: 'src/client/index.ts', out: 'client' },
      { in: 'src/isis/client/index.ts', out: 'isis-client' },
    ],
    outdir: 'build',
    outExtension: { '.js': '.mjs' },
    banner: { js: REQUIRE },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
  });
}
