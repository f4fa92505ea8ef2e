/** Which file system a path is on, told without a touch of the path itself: that might hang. */
import { readFileSync } from 'node:fs';

/** How long the table of mounts is good for. Milliseconds. */
const GOOD_FOR = 1000;

let known: { readonly points: readonly string[]; readonly until: number } | undefined;

/** The mount point that an absolute path is below, by its name: symbolic links are not followed. `/` where that is not known. */
export function mountPointOf(path: string): string {
  const now = performance.now();
  if (known === undefined || now >= known.until) {
    known = { points: mountPoints(), until: now + GOOD_FOR };
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
