/** Mechanisms that would restart a stopped server, and how to prevent each. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { VersionInfo } from '../../../model/api.ts';

/** systemctl itself waits for its manager without limit. */
const TIMEOUT_MS = 3000;

export type Service = NonNullable<VersionInfo['service']>;

/** Sentences for people; none if nothing would. */
export async function startsAgain(service: Service | undefined): Promise<readonly string[]> {
  if (!service) {
    return [];
  }
  const { unit } = service;
  const { TriggeredBy, Restart = '' } = await properties(service);
  const own = service.socket ? unit.replace(/\.service$/, '.socket') : '';
  const triggers = (TriggeredBy ?? own).split(' ').filter((each) => each !== '');
  const systemctl = service.user ? 'systemctl --user' : 'systemctl';
  return [
    ...(triggers.length === 0
      ? []
      : [
          `${triggers.join(', ')} starts it again when somebody asks for it: '${systemctl} stop ${triggers.join(' ')}' keeps it down.`,
        ]),
    ...(/^(always|on-success)$/.test(Restart)
      ? [`${unit} has Restart=${Restart} and starts it again: '${systemctl} stop ${unit}' keeps it down.`]
      : []),
  ];
}

/** Empty if the manager does not say. */
async function properties({ unit, user }: Service): Promise<Readonly<Record<string, string | undefined>>> {
  const words = [...(user ? ['--user'] : []), 'show', '--property=TriggeredBy,Restart', '--', unit];
  try {
    const { stdout } = await promisify(execFile)('systemctl', words, { timeout: TIMEOUT_MS });
    return Object.fromEntries(stdout.split('\n').map((line) => line.split(/=(.*)/s, 2)));
  } catch {
    return {};
  }
}
