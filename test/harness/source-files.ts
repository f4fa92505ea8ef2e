// What the files of src/ import and export, for the tests that hold the house to its plan.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = join(dirname(fileURLToPath(import.meta.url)), '../../src');
const IMPORT = /^ *(?:import|export)\s[^;]*?from\s+'([^']+)'|\bimport\s*\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm;

export interface SourceFile {
  /** Below `src/`. */
  readonly path: string;
  readonly text: string;
  readonly packages: readonly string[];
  /** Other files of `src/`, by path; those of which only types are wanted with them. */
  readonly imports: readonly string[];
}

function sourceFile(path: string): SourceFile {
  const text = readFileSync(join(src, path), 'utf8');
  const targets = Array.from(text.matchAll(IMPORT), (match) => (match[1] ?? match[2] ?? match[3]) as string);
  return {
    path,
    text,
    packages: targets.filter((target) => !target.startsWith('.')),
    imports: targets
      .filter((target) => target.startsWith('.'))
      .map((target) => relative(src, normalize(join(src, dirname(path), target))))
      .filter((target) => target !== '../package.json'),
  };
}

export function sourceFiles(): SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map(sourceFile);
}

export type Edge = readonly [from: string, to: string];

/** The files that can be reached from these, themselves included. */
export function reached(edges: readonly Edge[], from: readonly string[]): Set<string> {
  const next = Map.groupBy(edges, ([file]) => file);
  const found = new Set(from);
  // A Set that grows while it is walked hands out what is added.
  for (const file of found) {
    for (const [, to] of next.get(file) ?? []) {
      found.add(to);
    }
  }
  return found;
}

/** The edges that lie on a circle. */
export function circular(edges: readonly Edge[]): Edge[] {
  return edges.filter(([from, to]) => reached(edges, [to]).has(from));
}
