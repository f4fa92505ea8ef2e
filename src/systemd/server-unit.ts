/** The unit that runs the server at the usual place, of the machine or of a user, if systemd has one. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** systemctl itself waits for its manager without limit. */
const TIMEOUT_MS = 3000;
const UNIT = 'holdfast.service';
/** There while systemd is the manager of the machine: sd_booted(3). */
const BOOTED = '/run/systemd/system';

export interface ServerUnit {
  /** `systemctl`, or `systemctl --user`. */
  readonly systemctl: string;
  readonly unit: string;
  /** It is up, is enabled, or was asked to start. */
  readonly inUse: boolean;
  readonly hasFailed: boolean;
}

/** Undefined if there is none, or the manager does not say. */
export async function serverUnit(user: boolean): Promise<ServerUnit | undefined> {
  if (!existsSync(BOOTED)) {
    return undefined;
  }
  const words = [...(user ? ['--user'] : []), 'show', '--property=LoadState,ActiveState,UnitFileState', UNIT];
  try {
    const { stdout } = await promisify(execFile)('systemctl', words, { timeout: TIMEOUT_MS });
    return unitOf(stdout, user);
  } catch {
    return undefined;
  }
}

/** `text`: the properties, as `systemctl show` prints them. */
export function unitOf(text: string, user: boolean): ServerUnit | undefined {
  const of = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1] ?? '';
  return of('LoadState') === 'loaded'
    ? {
        systemctl: user ? 'systemctl --user' : 'systemctl',
        unit: UNIT,
        inUse: /^enabled/.test(of('UnitFileState')) || !/^(inactive|failed|)$/.test(of('ActiveState')),
        hasFailed: of('ActiveState') === 'failed',
      }
    : undefined;
}
