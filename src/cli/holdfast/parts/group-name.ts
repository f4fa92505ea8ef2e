import { readFileSync } from 'node:fs';

/** Of /etc/group; what another directory knows is told by its number. */
export function groupName(gid: number): string {
  try {
    const lines = readFileSync('/etc/group', 'utf8').split('\n');
    return lines.find((each) => each.split(':')[2] === String(gid))?.split(':')[0] ?? String(gid);
  } catch {
    return String(gid);
  }
}
