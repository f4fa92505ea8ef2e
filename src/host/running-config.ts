/** The configuration in force as the control API tells it. Pure. */
import type { EffectiveKey, RunningConfig, RunningConsole } from '../model/api.ts';
import type { ConsoleConfig, HostConfig } from '../model/config.ts';
import { boundsOf, notationOf } from '../model/endpoint.ts';

/** Environment variables that hold secrets, by their names. Contents of files are never part of it. */
const SECRET = /passw|passphrase|passwd|secret|token|credential|private|api_?key|access_?key/i;
const HIDDEN = '(hidden)';

/** `name`: of the only console that is asked for. */
export function runningConfig({ files, consoles }: HostConfig, name?: string): RunningConfig {
  return {
    files: [...files],
    consoles: consoles.filter((each) => name === undefined || each.name === name).map(runningConsole),
  };
}

function runningConsole({ name, place, foundIn, origin, description, endpoints }: ConsoleConfig): RunningConsole {
  return {
    ...{ name, place, description, templates: origin?.templates ?? [] },
    ...(foundIn === undefined ? {} : { foundIn }),
    keys: (origin?.keys ?? []).map(withoutSecret),
    endpoints: endpoints.map(notationOf),
    ...boundsOf(endpoints),
  };
}

/** The part that may be shown. */
export function withoutSecret(key: EffectiveKey): EffectiveKey {
  const [section, variable = ''] = key.path;
  return section === 'env' && SECRET.test(variable) ? { ...key, value: HIDDEN, hidden: true } : key;
}
