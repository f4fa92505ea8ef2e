// `npm test`: lint, room walls, types, then every test. Arguments name files to test instead of all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { REQUIRE, seldom } from './bundle.mjs';
import { installDebianPackages } from './debian.mjs';
import { node, root } from './own-node.mjs';

/** If more files than this fail it is not chance. */
const MAX_RERUNS = 8;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-tests-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const kind = (name) => `test/${name}/**/*.test.ts`;
/** Run beside each other: tests of whole programs wait for much of their time, and those of units use it. */
const PROGRAMS = { files: ['system', 'interop', 'browser'].map(kind), atATime: availableParallelism() + 2 };
const UNITS = { files: [kind('unit')], atATime: Math.ceil(availableParallelism() / 2) };
const compiled = join(root, 'build/test/compile-cache');
const chosen = process.argv.slice(2);

let runs = 0;

/** Runs these files; resolves to whether all passed, and which did not. */
async function run({ files, atATime }, output = 'inherit') {
  const failedList = join(folder, `failed-${++runs}`);
  const reporters = [
    ['spec', 'stdout'],
    ['./test/harness/failed-files.ts', failedList],
  ].flatMap(([name, to]) => [`--test-reporter=${name}`, `--test-reporter-destination=${to}`]);
  const guard = ['quick-start', 'left-open'].flatMap((name) => ['--import', `./test/harness/${name}.ts`]);
  // Servers under test are others than the one that a developer has set these for.
  const { HOLDFAST_CONSOLE: _a, HOLDFAST_CONTROL: _b, HOLDFAST_SOCKET: _c, ...rest } = process.env;
  // Thousands of processes are started of the same few bundles: a fifth of the processor time of most is their compilation.
  const env = {
    ...rest,
    // Programs of the machine first, as a service finds them: python3 by way of a shim of pyenv takes three times as long.
    PATH: `/usr/bin:/bin:${process.env.PATH}:/usr/sbin:/sbin`,
    NODE_COMPILE_CACHE: compiled,
  };
  const limits = [`--test-concurrency=${atATime}`, '--test-timeout=300000'];
  const words = [...guard, '--test', ...reporters, ...limits, ...files];
  const runner = spawn(node, words, { cwd: root, stdio: ['inherit', output, output], env });
  const end = () => runner.kill();
  process.once('SIGTERM', end);
  const [status, signal] = await once(runner, 'exit');
  process.off('SIGTERM', end);
  if (signal !== null) {
    process.exit(1);
  }
  const failed = existsSync(failedList) ? readFileSync(failedList, 'utf8').split('\n').filter(Boolean) : [];
  return { passed: status === 0, failed };
}

async function runAll() {
  const held = join(folder, 'units');
  const runners = await Promise.all([run(PROGRAMS), run(UNITS, openSync(held, 'w'))]);
  process.stdout.write(readFileSync(held));
  // One that failed by itself has no failed files to run again.
  const broken = runners.some(({ passed, failed }) => !passed && failed.length === 0);
  return {
    passed: runners.every(({ passed }) => passed),
    failed: broken ? [] : runners.flatMap(({ failed }) => failed),
  };
}

/**
 * Failed files are run once more, alone: those that pass then are reported as flaky, to be investigated, and do not
 * fail the run.
 */
async function passAlone(files) {
  if (files.length === 0 || files.length > MAX_RERUNS) {
    return false;
  }
  const verdicts = [];
  for (const file of files) {
    verdicts.push([relative(root, file), (await run({ files: [file], atATime: 1 })).passed]);
  }
  for (const [file, passed] of verdicts) {
    process.stdout.write(`# ${passed ? 'flaky: failed, and passed alone' : 'failed twice'}: ${file}\n`);
  }
  return verdicts.every(([, passed]) => passed);
}

/** Runs a tool of the project; ends this process if it fails. */
async function passesCheck(tool, ...words) {
  const running = spawn(join(root, 'node_modules/.bin', tool), words, { cwd: root, stdio: 'inherit' });
  const [status] = await once(running, 'exit');
  if (status !== 0) {
    process.stderr.write(`${tool} ${words.join(' ')}: status ${status}\n`);
    process.exit(1);
  }
}

/**
 * Compiles all tests in one process on a fresh clone: what takes the types out of a file takes a tenth of a second to load, in each process that
 * meets a file for the first time.
 */
async function compileAll() {
  if (existsSync(compiled)) {
    return;
  }
  // None of them is run, since the last import cannot be linked.
  const imports = globSync([...PROGRAMS.files, ...UNITS.files], { cwd: root }).map((path) => `'../../${path}'`);
  const list = join(root, 'build/test/all-tests.mjs');
  writeFileSync(list, [...imports, "{ nothing } from 'node:fs'"].map((each) => `import ${each};\n`).join(''));
  const script = `import(${JSON.stringify(list)}).catch((error) => { if (!(error instanceof SyntaxError)) throw error; })`;
  const words = ['--import', './test/harness/quick-start.ts', '-e', script];
  const running = spawn(node, words, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  await once(running, 'exit');
}

// For test/harness/quick-start.ts.
const asOne = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  plugins: [seldom],
  banner: { js: REQUIRE },
  logLevel: 'warning',
};
/** At once and whole: a test that runs this program must not take them from the tests beside it. */
async function place(options) {
  const { outputFiles } = await build({ ...asOne, ...options, write: false });
  for (const { contents, path } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
}
await place({
  entryPoints: ['typebox', 'typebox/schema', 'typebox/value', 'ws'].map((name) => ({ in: name, out: name })),
  outdir: 'build/test',
  outExtension: { '.js': '.mjs' },
  splitting: true,
});
await place({
  // It is CommonJS, of which esbuild re-exports only the default export.
  stdin: { contents: `import whole from 'fastify'; export const { fastify } = whole;`, resolveDir: root },
  outfile: 'build/test/fastify.mjs',
});
if (chosen.length === 0) {
  // At once, and each in one thread: those of tsc do much of their work twice.
  // Its findings are kept: a second run checks only the changes.
  const types = (config) =>
    passesCheck(
      'tsc',
      '--singleThreaded',
      '-p',
      config,
      '--incremental',
      '--tsBuildInfoFile',
      `build/test/${config}.info`,
    );
  await Promise.all([
    types('tsconfig.json'),
    passesCheck('biome', 'check', '--error-on-warnings', '.'),
    types('tsconfig.pure.json'),
    types('tsconfig.web.json'),
    compileAll(),
  ]);
}
installDebianPackages();
const { passed, failed } = await (chosen.length > 0 ? run({ ...PROGRAMS, files: chosen }) : runAll());
process.exitCode = passed || (chosen.length === 0 && (await passAlone(failed))) ? 0 : 1;
