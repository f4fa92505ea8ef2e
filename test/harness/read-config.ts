/** Configurations as tests write them. */
import assert from 'node:assert/strict';
import { discoverRequests } from '../../src/grammar/holdfast/discovered.ts';
import { holdfastToml } from '../../src/grammar/holdfast/holdfast-toml.ts';
import { ConfigTables } from '../../src/grammar/holdfast/tables.ts';
import type { HostConfig } from '../../src/model/config.ts';
import type { DiscoverRequest, Found } from '../../src/model/config-input.ts';

export const DIRECTORIES = { runtimeDir: '/run/holdfast', stateDir: '/var/lib/holdfast', logDir: '/var/log/holdfast' };

/** Text by file; one text alone is `/etc/h/a.toml`. */
export type Files = Readonly<Record<string, string>>;

interface More {
  readonly discover?: (request: DiscoverRequest) => Found;
}

export function read(files: string | Files, { discover = () => [] }: More = {}) {
  const given = typeof files === 'string' ? { '/etc/h/a.toml': files } : files;
  const tables = new ConfigTables(Object.entries(given).map(([file, text]) => ({ file, text })));
  const found = new Map(discoverRequests(tables).map((request) => [request.table, discover(request)]));
  return holdfastToml({ tables, directories: DIRECTORIES, found });
}

/** Without the places of the keys, which `read` has. */
export function accepted(files: string | Files, more?: More): HostConfig {
  const { config, problems } = read(files, more);
  assert.deepEqual(problems, undefined);
  const { consoles, ...rest } = config as HostConfig;
  return { ...rest, consoles: consoles.map(({ origin, ...each }) => each) };
}

/** All problems as `file:line key: message`, file without its folder. */
export function refused(files: string | Files, more?: More): string[] {
  const { problems } = read(files, more);
  assert.ok(problems && problems.length > 0, 'accepted');
  return problems.map(({ file, line, key, message }) => `${file.replace('/etc/h/', '')}:${line} ${key}: ${message}`);
}
