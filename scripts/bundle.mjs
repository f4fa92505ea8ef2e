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
    plugins: [besides],
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
    // ws is a CommonJS package.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
    },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
  });
}
