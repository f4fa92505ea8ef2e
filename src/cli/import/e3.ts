/**
 * Folders of IOCs as ESS has them (`/opt/iocs/e3-ioc-NAME/st.cmd`) -> one line of configuration that keeps discovering
 * them.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CONSOLE_NAME_PATTERN } from '../../model/config-forms.ts';
import { isFolder, namesIn, UNIT_FOLDERS } from './find-files.ts';
import type { Imported, ImportSource, Note } from './imported.ts';

const PREFIX = 'e3-ioc-';
const GOOD = new RegExp(CONSOLE_NAME_PATTERN);

/** Run as `nobody` rather than as root. */
const NOBODY = { user: 'nobody' };

export function importE3({ paths, iocsh, user }: ImportSource): Imported {
  const account = accountOfUnit();
  const notes: Note[] = [];
  const problems: Note[] = [];
  const dir = resolve(paths[0] ?? '/opt/iocs');
  const at = (name: string) => ({ file: join(dir, name), line: 1 });
  if (paths.length > 1) {
    problems.push({ place: { file: resolve(paths[1] as string), line: 1 }, text: 'one folder at a time' });
  }
  if (!isFolder(dir)) {
    problems.push({ place: { file: dir, line: 1 }, text: 'there is no such folder' });
  }
  const found: string[] = [];
  for (const name of namesIn(dir)) {
    const console = name.slice(PREFIX.length);
    if (!name.startsWith(PREFIX) || !isFolder(join(dir, name))) {
      continue;
    }
    if (!namesIn(join(dir, name)).includes('st.cmd')) {
      notes.push({ place: at(name), text: 'has no st.cmd; passed over, now and until it has one' });
    } else if (GOOD.test(console)) {
      found.push(console);
    } else {
      notes.push({
        place: at(name),
        text: `'${console}' is not a name for a console (letters, digits and _ . : @ + - only); passed over`,
      });
    }
  }
  if (problems.length === 0 && found.length === 0) {
    problems.push({ place: { file: dir, line: 1 }, text: `has no folder ${PREFIX}NAME with a st.cmd` });
  }
  return {
    about: [
      `Finds ${found.length} consoles now: ${found.join(', ')}`,
      'New folders join at the next `holdfast reload`.',
      `${iocsh} has to be in the PATH of the server, or written with its path.`,
      ...(account === undefined
        ? ['The user is set in ioc@.service, which is not on this machine: `user` of the template is a guess.']
        : []),
      'procServ let these logs grow, hence size = "unlimited"; with another `size` they are rotated.',
      'Take these IOCs from systemd before you start them here: systemctl disable --now ioc@NAME.',
    ],
    template: {
      name: 'e3',
      table: {
        ...(user ? {} : (account ?? NOBODY)),
        ignore: '^D^C^]',
        keys: { logout: '^D' },
        endpoints: ['unix:/run/procServ/{name}/control'],
        log: { path: '/var/log/procServ/{name}/out.log', size: 'unlimited' },
      },
    },
    discover: {
      name: 'e3',
      table: { dir, match: `${PREFIX}*`, file: 'st.cmd', run: [iocsh, '{file}'], template: 'e3' },
    },
    found,
    consoles: [],
    notes,
    problems,
  };
}

/** The user that `ioc@.service` runs them as. */
function accountOfUnit(): { user: string; group?: string } | undefined {
  const folder = UNIT_FOLDERS.find((each) => namesIn(each).includes('ioc@.service'));
  const text = folder === undefined ? '' : readFileSync(join(folder, 'ioc@.service'), 'utf8');
  const value = (key: string) => new RegExp(`^${key}=[ \\t]*(\\S+)`, 'm').exec(text)?.[1];
  const [user, group] = [value('User'), value('Group')];
  return user === undefined ? undefined : { user, ...(group !== undefined && { group }) };
}
