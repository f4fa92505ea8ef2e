/** Finds the file system of a path without touching the path itself, which might hang. */
import { readFileSync } from 'node:fs';

/** Milliseconds for which the table of mounts is used. */
const VALID_FOR_MS = 1000;

let known: { readonly points: readonly string[]; readonly until: number } | undefined;

/** The mount point above an absolute path, by name: symbolic links are not followed. `/` if that is unknown. */
export function mountPointOf(path: string): string {
  const now = performance.now();
  if (known === undefined || now >= known.until) {
    known = { points: mountPoints(), until: now + VALID_FOR_MS };
  }
  return known.points.find((point) => path === point || path.startsWith(`${point}/`)) ?? '/';
}

/** Without `/`; the longest first. */
function mountPoints(): string[] {
  let table: string;
  try {
    table = readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return [];
  }
  const points = table.split('\n').flatMap((line) => line.split(' ')[4] ?? []);
  return [...new Set(points)]
    .filter((point) => point !== '/')
    .map((point) => point.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))))
    .sort((a, b) => b.length - a.length);
}
