/** Which files make up the log of a console. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Oldest first, the current file last: `log.3.gz`, `log.2`, `log.1`, `log`. */
export async function logFilesOf(path: string): Promise<string[]> {
  const folder = dirname(path);
  const own = basename(path);
  const rotated: { readonly number: number; readonly name: string }[] = [];
  let current = false;
  for (const name of await readdir(folder).catch(() => [])) {
    const number = /^\.(\d+)(?:\.gz)?$/.exec(name.startsWith(own) ? name.slice(own.length) : '')?.[1];
    if (number !== undefined) {
      rotated.push({ number: Number(number), name });
    }
    current ||= name === own;
  }
  const names = rotated.sort((a, b) => b.number - a.number).map(({ name }) => name);
  return [...names, ...(current ? [own] : [])].map((name) => join(folder, name));
}
