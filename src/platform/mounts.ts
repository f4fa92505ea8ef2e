/** On which mount a path lies, by its text: no file system is asked, so none can hang. */
import { readFileSync } from 'node:fs';

/** Mount points, the longest first. */
function mountPoints(): readonly string[] {
  try {
    const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    // Blanks and the like are written in octal.
    const points = lines.map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      ),
    );
    return points.filter((point) => point !== '').sort((a, b) => b.length - a.length);
  } catch {
    return [];
  }
}

/** The mount point of a path; links in it are not followed. */
export function mountOf(path: string): string {
  const holds = (point: string) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`);
  return mountPoints().find(holds) ?? '';
}
