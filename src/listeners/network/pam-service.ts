/** Whether PAM knows how to ask people for passwords in the name of a service. */
import { join } from 'node:path';
import { type Aside, aside } from '../../platform/aside.ts';

/** Of the machine, of its vendor. */
const FOLDERS = ['/etc/pam.d', '/usr/etc/pam.d', '/usr/lib/pam.d'];

/** True where a machine has no PAM: there /etc/shadow decides. */
export async function hasPamService(
  service: string,
  files: Pick<Aside, 'readFile'> = aside,
  folders: readonly string[] = FOLDERS,
): Promise<boolean> {
  const isThere = (name: string) => (folder: string) =>
    files.readFile(join(folder, name)).then(
      () => true,
      () => false,
    );
  const [named, other] = await Promise.all([service, 'other'].map((name) => Promise.all(folders.map(isThere(name)))));
  return named?.includes(true) === true || other?.includes(true) !== true;
}
