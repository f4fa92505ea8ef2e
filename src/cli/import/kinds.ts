/** The tools whose configuration can be read, and where each is asked for. */
import { hostname } from 'node:os';
import { importConserver } from './conserver.ts';
import { importE3 } from './e3.ts';
import type { Imported, ImportSource } from './imported.ts';
import { importIocRunner } from './ioc-runner.ts';
import { importManageIocs } from './manage-iocs.ts';
import { importProcServ } from './procserv.ts';

export interface ImportKind {
  readonly help: string;
  readonly read: (source: ImportSource) => Imported | Promise<Imported>;
}

export const KINDS: Readonly<Record<string, ImportKind>> = {
  procserv: { help: 'procServ.conf and procServ.d/*.conf of manage-procs (INI)', read: importProcServ },
  e3: { help: 'a folder of e3-ioc-NAME/st.cmd [/opt/iocs]', read: importE3 },
  'manage-iocs': { help: 'NAME/config below /epics/iocs and /opt/epics/iocs', read: importManageIocs },
  conserver: { help: 'conserver.cf, with what it includes [/etc/conserver/conserver.cf]', read: importConserver },
  'ioc-runner': { help: 'procServ.d/*.conf of epics-ioc-runner (NAME="VALUE")', read: importIocRunner },
};

/** The files found in the usual places. `user`: those of this user, not of the machine. */
export function importSource(env: ImportSource['env'], uid: number, user: boolean): ImportSource {
  return {
    paths: [],
    user,
    runtime: user ? env.XDG_RUNTIME_DIR || `/run/user/${uid}` : '/run',
    env,
    hostname: hostname(),
  };
}
