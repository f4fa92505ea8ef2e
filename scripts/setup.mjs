// The shared first step of `npm start`, `npm test` and `npm run bench`: installs, builds the addon, bundles the
// programs. Runs on any Node from 20 up, since it installs the project's own Node. Every step is keyed by a digest of
// its inputs, so that a second run does and prints nothing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const build = join(root, 'build');

/** Every file below `folder`, sorted, so that the digest does not depend on the order of the directory. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    hash.update(`${relative(root, path)}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** Runs `work` unless it was done before for the same inputs and all `products` exist. */
async function step(name, inputs, products, work) {
  const stamp = join(build, `${name}.stamp`);
  const key = digest(inputs);
  const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === key && products.every((path) => existsSync(path));
  if (done) {
    return;
  }
  process.stderr.write(`setup: ${name}\n`);
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(build, { recursive: true });
  writeFileSync(stamp, key);
}

function run(command, args, hint) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.error || result.status !== 0) {
    const reason = result.error ? result.error.message : `exit status ${result.status ?? result.signal}`;
    process.stderr.write(`setup: ${command} ${args[0]}: ${reason}\nsetup: ${hint}\n`);
    process.exit(1);
  }
}

const nodePackage = join(root, 'node_modules', `node-linux-${process.arch}`);
const nodeBinary = join(nodePackage, 'bin', 'node');
if (process.platform !== 'linux') {
  process.stderr.write(`setup: Holdfast runs on Linux (ptys, unix sockets, systemd), not on ${process.platform}\n`);
  process.exit(1);
}

// Not `npm ci`: it refuses a lock file that lacks the packages of other platforms, which a registry need not carry.
await step(
  'packages',
  ['package.json', 'package-lock.json', '.npmrc'].map((name) => join(root, name)),
  [nodeBinary],
  () =>
    run(
      'npm',
      ['install', '--no-save', '--no-progress', '--loglevel=error'],
      'npm could not install the packages of package-lock.json',
    ),
);

const addonSources = filesBelow(join(root, 'native')).filter((path) => dirname(path) === join(root, 'native'));
const addon = join(build, 'holdfast.node');
await step('addon', addonSources, [addon], () =>
  run(
    process.env.CC ?? 'cc',
    [
      ...['-shared', '-fPIC', '-O2', '-std=gnu11', '-pthread', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden'],
      ...['-DNAPI_VERSION=8', '-I', join(root, 'node_modules/node-api-headers/include')],
      // uv.h is the one header that node-api-headers leaves out; libuv keeps its ABI over all of 1.x.
      ...['-I', join(nodePackage, 'include/node')],
      ...addonSources.filter((path) => path.endsWith('.c')),
      ...['-o', addon],
    ],
    'the addon needs a C compiler and the C library headers (Debian: apt-get install gcc libc6-dev)',
  ),
);

// A separate program: PAM modules may do things to their process that a server must not suffer.
const pamSources = filesBelow(join(root, 'native/pam'));
const pamHelper = join(build, 'holdfast-pam');
await step('pam', pamSources, [pamHelper], () =>
  run(
    process.env.CC ?? 'cc',
    ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-Werror', ...pamSources, '-ldl', '-o', pamHelper],
    'the PAM helper needs a C compiler and the C library headers (Debian: apt-get install gcc libc6-dev)',
  ),
);

// The launchers exec this link: no search at every start, and `ls -l build/node` says which Node runs.
const link = join(build, 'node');
await step('node', [join(nodePackage, 'package.json')], [link], () => {
  rmSync(link, { force: true });
  symlinkSync(relative(build, nodeBinary), link);
});

const sources = [
  ...filesBelow(join(root, 'src')),
  ...['package.json', 'scripts/bundle.mjs', 'tsconfig.json', 'tsconfig.client.json'].map((name) => join(root, name)),
];
const entries = readdirSync(join(root, 'src/main')).filter((name) => /\.(main|late)\.ts$/.test(name));
const bundles = entries.map((name) => join(build, name.replace(/\.(main|late)\.ts$/, '.cjs')));
const declarations = ['client', 'isis/client'].map((room) => join(build, 'types', room, 'index.d.ts'));
const packages = ['fastify.cjs', 'ws.cjs'].map((name) => join(build, name));
await step('bundles', sources, [...bundles, ...packages], async () => {
  const { bundle } = await import('./bundle.mjs');
  await bundle(root, entries);
});
const webSources = [
  ...filesBelow(join(root, 'web')),
  ...sources,
  ...['scripts/web.mjs', 'package-lock.json'].map((name) => join(root, name)),
];
await step('web', webSources, [join(build, 'web/manifest.json')], async () => {
  const { bundleWeb } = await import('./web.mjs');
  await bundleWeb(root);
});
// For TypeScript programs, which would check the sources with their own settings. `generate` writes types that these are made of.
if (!process.argv.includes('--without-types')) {
  await step('types', sources, declarations, () =>
    run(
      join(root, 'node_modules/.bin/tsc'),
      ['--singleThreaded', '-p', 'tsconfig.client.json'],
      'the types of holdfast/client and holdfast/isis were not written',
    ),
  );
}
