import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const sources = join(root, 'bench/native');
const products = join(root, 'build/bench');

function changed(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Compiles what is new in `bench/native/*.c` into `build/bench/`; returns the path of a program by its name. */
export function compileNative(): (name: string) => string {
  const { CC = 'cc' } = process.env;
  mkdirSync(products, { recursive: true });
  const files = readdirSync(sources);
  const headers = Math.max(
    0,
    ...files.filter((name) => name.endsWith('.h')).map((name) => changed(join(sources, name))),
  );
  for (const file of files.filter((name) => name.endsWith('.c'))) {
    const source = join(sources, file);
    const product = join(products, basename(file, '.c'));
    if (changed(product) > Math.max(changed(source), headers)) {
      continue;
    }
    const flags = ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-o', product, source, '-lutil'];
    const { status, error } = spawnSync(CC, flags, { stdio: 'inherit' });
    if (status !== 0) {
      throw new Error(`bench: ${source} does not compile: ${error?.message ?? `status ${status}`}`);
    }
  }
  return (name) => join(products, name);
}
