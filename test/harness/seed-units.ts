/** The unit files of the pages that people install from, verbatim. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/** The text that a page shows as `cat PATH` in a console block, without the block's indentation. */
export function shown(page: string, path: string): string {
  const lines = readFileSync(join(FIXTURES, 'seeds', page), 'utf8').split('\n');
  const first = lines.findIndex((line) => line.trimEnd().endsWith(`$ cat ${path}`));
  if (first < 0) {
    throw new Error(`${page} does not show ${path}`);
  }
  const indent = (lines[first] as string).search(/\S/);
  const end = lines.findIndex((line, index) => index > first && line.trim() === '```');
  return `${lines
    .slice(first + 1, end)
    .map((line) => line.slice(indent))
    .join('\n')}\n`;
}

export function fixture(name: string): string {
  return readFileSync(join(FIXTURES, 'systemd', name), 'utf8');
}

function found(page: string, pattern: RegExp): string {
  const value = pattern.exec(page)?.[1];
  if (value === undefined) {
    throw new Error(`isis-systemd.md does not show ${pattern}`);
  }
  return value;
}

/**
 * The service of the ISIS page. The page shows it running, so its names, paths and command are extracted from there;
 * the rest (Restart=, Environment=) is in spec/isis.md 15, and in the two fixtures.
 */
export function isisService() {
  const page = readFileSync(join(FIXTURES, 'seeds/isis-systemd.md'), 'utf8');
  const script = found(page, /─\d+ \/bin\/sh (\S+)/);
  const command = found(page, /─\d+ (\/\S+ -d)/);
  const seconds = found(page, /restart automatically in about (\d+)s/);
  return {
    unitFile: found(page, /Loaded: loaded \((\S+?);/),
    description: found(page, /● isis\.service - (.*)/),
    script,
    /** The command of the script. */
    command,
    seconds: Number(seconds),
    unit: fixture('isis.service')
      .replace(/^Description=.*$/m, `Description=${found(page, /● isis\.service - (.*)/)}`)
      .replace(/^ExecStart=.*$/m, `ExecStart=${script}`)
      .replace(/^RestartSec=.*$/m, `RestartSec=${seconds}s`),
    shell: fixture('isis.sh').replaceAll(/\/usr\/local\/bin\/isis -d/g, command),
  };
}
