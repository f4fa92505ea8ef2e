/** Files and folders that an import was pointed at. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConfigText } from '../../model/config-input.ts';
import type { Note } from './imported.ts';

/** Where the units of this machine are; the first match counts. */
export const UNIT_FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
];

/** The names in a folder, in order; none where there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Text of a file; undefined, with a problem, where it cannot be read. Paths become absolute. */
export function readText(path: string, problems: Note[]): ConfigText | undefined {
  const file = resolve(path);
  try {
    if (!statSync(file).isFile()) {
      throw new Error('is not a regular file');
    }
    return { file, text: readFileSync(file, 'utf8') };
  } catch (error) {
    problems.push({ place: { file, line: 1 }, text: (error as Error).message.replace(/, \w+( '.*')?$/, '') });
    return undefined;
  }
}

/** Every file that is named, and every `*.conf` of a folder that is named. */
export function confFiles(paths: readonly string[], problems: Note[]): ConfigText[] {
  return paths
    .flatMap((path) => {
      const names = isFolder(path)
        ? namesIn(path).filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
        : [];
      return isFolder(path) ? names.map((name) => join(path, name)) : [path];
    })
    .map((path) => readText(path, problems))
    .filter((text) => text !== undefined);
}
