/** The unit of systemd that this process runs in. */
import { readFileSync } from 'node:fs';

export interface OwnUnit {
  readonly unit: string;
  /** Of the manager of a user, not of the machine. */
  readonly user: boolean;
}

/** Undefined if it is not a service. `text`: of /proc/PID/cgroup. */
export function unitOf(text: string): OwnUnit | undefined {
  // On a machine with both cgroup hierarchies, systemd uses one of them for its units.
  const paths = Array.from(text.matchAll(/^(?:0:|\d+:name=systemd):(.*)$/gm), ([, path = '']) => path.split('/'));
  const services = paths.flatMap((path) => path.filter((each) => each.endsWith('.service')));
  const unit = services.at(-1);
  return unit === undefined || /^user@\d+\.service$/.test(unit)
    ? undefined
    : { unit, user: services.some((each) => /^user@\d+\.service$/.test(each)) };
}

export function ownUnit(): OwnUnit | undefined {
  try {
    return unitOf(readFileSync('/proc/self/cgroup', 'utf8'));
  } catch {
    return undefined;
  }
}
