/** Reads a conserver.cf of this machine (spec/conserver.md 7). */
import { readFileSync } from 'node:fs';
import { parseConserverCf } from '../grammar/conserver/cf.ts';
import { textOfCf } from '../grammar/conserver/console.ts';
import type { ConserverConfig, ServerSettings } from '../grammar/conserver/records.ts';
import type { ReadFile } from '../grammar/conserver/source.ts';
import { type ConserverBlock, parseConserverTree } from '../grammar/conserver/tree.ts';
import { bytesOf } from '../model/byte-text.ts';
import { aside } from '../platform/aside.ts';
import { fsPath } from '../platform/files/byte-names.ts';
import { ownNames, servicePort } from '../platform/net/this-host.ts';
import { systemText } from '../platform/system-text.ts';

export interface LoadedConserver {
  readonly config: ConserverConfig;
  readonly isThisHost: (name: string) => boolean;
  /** Every file that was read, or why it could not be: equal as long as nothing has changed. */
  readonly files: readonly (readonly [path: string, text: string])[];
}

/** Throws what the system says when the file itself cannot be read. `path`: byte text, as all names outside of the file. */
export async function loadConserver(path: string): Promise<LoadedConserver> {
  const text = readFileSync(fsPath(path), 'latin1');
  const file = Buffer.from(bytesOf(path)).toString('latin1');
  const files = new Map([[file, text]]);
  const read: ReadFile = (path) => {
    try {
      const included = files.get(path) ?? readFileSync(Buffer.from(path, 'latin1'), 'latin1');
      files.set(path, included);
      return { text: included };
    } catch (error) {
      return { error: systemText(error) };
    }
  };
  const { blocks } = parseConserverTree(file, text, read);
  // Names are looked up before the file is interpreted: the owner of a block decides what its values are for.
  const names = blocks.flatMap(({ type, name, items }) => [
    ...(['access', 'config'].includes(type) && name !== '*' ? [name] : []),
    ...items
      .filter(({ keyword, value }) => keyword.toLowerCase() === 'master' && value !== '')
      .map(({ value }) => value),
  ]);
  const own = await ownNames(names);
  const isThisHost = (name: string): boolean => own.has(name);
  const config = parseConserverCf(file, text, read, {
    isThisHost,
    servicePort: once(servicePort),
    ...(await knownAccounts(blocks)),
  });
  return { config: { ...config, settings: withPaths(config.settings) }, isThisHost, files: [...files] };
}

/** Paths as the rest of the program has them. */
function withPaths(settings: ServerSettings): ServerSettings {
  const paths = (['logfile', 'unifiedlog', 'passwdfile', 'sslcredentials', 'sslcacertificatefile'] as const).flatMap(
    (key) => {
      const path = settings[key];
      return path === undefined ? [] : [[key, textOfCf(path)] as const];
    },
  );
  return { ...settings, ...Object.fromEntries(paths) };
}

const RUN_AS = ['execrunas', 'initrunas', 'runas'];

/** Which of the names in `USER:GROUP` values there are. */
async function knownAccounts(blocks: readonly ConserverBlock[]) {
  const items = blocks.flatMap((block) => block.items);
  const values = items.filter(({ keyword }) => RUN_AS.includes(keyword.toLowerCase())).map(({ value }) => value);
  const names = [...new Set(values.flatMap((value) => value.split(':')))];
  const users = new Set<string>();
  const groups = new Set<string>();
  const found = names.map(async (name) => {
    if ((await aside.userByName(name)) !== undefined) {
      users.add(name);
    }
    if ((await aside.groupByName(name)) !== undefined) {
      groups.add(name);
    }
  });
  await Promise.allSettled(found);
  return { hasUser: (name: string) => users.has(name), hasGroup: (name: string) => groups.has(name) };
}

/** Each name is looked up once, however many consoles have it. */
function once<Answer>(lookUp: (name: string) => Answer): (name: string) => Answer {
  const known = new Map<string, Answer>();
  return (name) => {
    const answer = known.has(name) ? (known.get(name) as Answer) : lookUp(name);
    known.set(name, answer);
    return answer;
  };
}
