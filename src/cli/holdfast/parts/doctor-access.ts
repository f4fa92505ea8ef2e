/** Checks of access that is open to many. */

import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AccessInfo, Opening } from '../../../model/api.ts';
import { counted, someOf } from '../../../model/counted.ts';
import { nameRanges } from '../text/name-ranges.ts';
import { type Finding, failed, ok, warning } from './doctor-checks.ts';
import { groupName } from './group-name.ts';

/** Consoles named in one line. */
const SHOWN = 8;

/** Without `[access]`, everybody who may open the socket may type into every console. */
export function checkSocket(path: string, { governed }: Pick<AccessInfo, 'governed'>): Finding {
  const check = 'control socket';
  const { mode, gid } = statSync(path);
  const bits = (mode & 0o777).toString(8).padStart(4, '0');
  const folder = statSync(dirname(path));
  // In a sticky folder (/tmp) others cannot replace our socket.
  if ((folder.mode & 0o002) !== 0 && (folder.mode & 0o1000) === 0) {
    return failed(check, `${dirname(path)} is writable by everybody`, `chmod o-w ${dirname(path)}`);
  }
  const rest = governed ? '; [access] says what each of them may do' : '';
  if ((mode & 0o006) !== 0) {
    const text = `${path} is open to every user (mode ${bits})`;
    return governed
      ? ok(check, `${text}${rest}`)
      : failed(
          check,
          `${text}, who may do everything`,
          `chmod o-rwx ${path}; 'control_mode' and 'control_group' of [server] set it for good, or [access] says who may do what`,
        );
  }
  const group = (mode & 0o060) === 0 ? '' : `, open to group ${groupName(gid)}${rest}`;
  return ok(check, `${path}, mode ${bits}${group}`);
}

export function checkOpenings(all: readonly Opening[]): readonly Finding[] {
  return [...endpoints(all), ...all.flatMap(otherOpening)];
}

/** Those that allow the same are one finding. */
function endpoints(all: readonly Opening[]): readonly Finding[] {
  const open = all.filter(({ kind }) => kind === 'endpoint');
  return [...Map.groupBy(open, ({ may = [] }) => may.join(', '))].map(([may, each]) => {
    const names = nameRanges([...new Set(each.map(({ console = '' }) => console))]);
    const count = `${counted(each.length, 'endpoint')} beyond loopback (${someOf(names, SHOWN)})`;
    const text = `${count}: whoever reaches ${each.length === 1 ? 'it' : 'them'}, without a password, may ${may === '' ? 'do nothing' : `${may} there`}`;
    return ['', 'see', 'read'].includes(may)
      ? ok('network', text)
      : warning(
          'network',
          text,
          "put the endpoint on loopback, bound it (endpoints = [{ at = ..., may = ['read'] }]), or limit all of them: [[access.limit]] who = ['channel:procserv']",
        );
  });
}

function otherOpening({ kind, who = [], may = [], file, line }: Opening): readonly Finding[] {
  const [names, place] = [who.join(', '), `${file}:${line}`];
  switch (kind) {
    case 'trusted':
      return [
        warning(
          'network',
          `[conserver] trusts ${names}: whoever comes from there is any user that they say they are`,
          "'allowed' instead of 'trusted' asks for a password",
        ),
      ];
    case 'proxy':
      return [
        warning(
          'network',
          `[network.proxy] takes the word of ${names}: every user of this machine can say to be anybody there`,
          'a unix socket tells the proxy from other users: listen = ["unix:/run/holdfast-gateway/http"] of [network], from = ["user:www-data"] (as whom the proxy runs)',
        ),
      ];
    case 'rule':
      return [
        warning(
          'access',
          `${place} gives ${may.join(', ')} to ${names}, who need no name for it`,
          'name users or groups: what they do is then told with their names',
        ),
      ];
    case 'nobody':
      return [
        warning(
          'access',
          `${place} names ${names}, whom this system does not know: nobody has these rights by that name`,
          "'getent passwd' and 'getent group' list those that it knows; one of an identity provider may be unknown here",
        ),
      ];
    default:
      return [];
  }
}
