/** Commands on configuration files, without a server. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configPlace, type Owner } from '../../config/config-files.ts';
import { loadHostConfig } from '../../config/load-config.ts';
import { OwnFile } from '../../platform/files/own-file.ts';
import { namesIn } from './find-files.ts';
import { findOnHost } from './find-on-host.ts';
import { importSource, KINDS } from './kinds.ts';
import { sampleText } from './sample.ts';

export function configTools(owner: Owner, kinds = KINDS) {
  return {
    load: (file?: string, uid = owner.uid) => loadHostConfig(file, { ...owner, uid }),
    async sample(file?: string) {
      const { main, dropIns } = configPlace(file, owner);
      const own = namesIn(dropIns).filter((name) => name.endsWith('.toml') && !name.startsWith('.'));
      const found = await findOnHost(kinds, importSource(owner.env, owner.uid, owner.uid !== 0));
      return {
        ...{
          path: main,
          text: sampleText(found),
          imports: found.imports.flatMap(({ kind, problems }) => (problems.length === 0 ? [kind] : [])),
        },
        there: [...(existsSync(main) ? [main] : []), ...own.map((name) => join(dropIns, name))],
      };
    },
    write(path: string, text: string) {
      mkdirSync(dirname(path), { recursive: true });
      OwnFile.write(path, text);
    },
  };
}
