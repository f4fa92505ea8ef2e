/** The changes of a plan in words. Pure. */
import type { UnopenedEndpoint, VersionInfo } from './api.ts';
import type { FailedStep, PlanStep, ServerChange } from './config.ts';
import { restartAdvice } from './restart-advice.ts';

/** The change of one console; `replace`: it is removed, and another one with its name is added. */
export type PlanAct = PlanStep['action'] | 'replace';

export interface PlanEntry {
  readonly act: PlanAct;
  readonly console: string;
  /** Of a change. */
  readonly keys: readonly string[];
  readonly effect?: 'live' | 'restart';
}

/** One step for each console. */
export function planEntries(steps: readonly PlanStep[]): readonly PlanEntry[] {
  const namesOf = (wanted: PlanStep['action']) =>
    new Set(steps.filter(({ action }) => action === wanted).map(({ console }) => console));
  const [added, removed] = [namesOf('add'), namesOf('remove')];
  return steps.flatMap((step): readonly PlanEntry[] => {
    const { action, console } = step;
    if (added.has(console) && removed.has(console)) {
      return action === 'add' ? [] : [{ act: 'replace', console, keys: [] }];
    }
    return [
      action === 'change'
        ? { act: action, console, keys: step.keys, effect: step.effect }
        : { act: action, console, keys: [] },
    ];
  });
}

export function entryText({ act, effect = 'live', keys }: PlanEntry): string {
  switch (act) {
    case 'add':
      return 'new';
    case 'remove':
      return 'no longer configured: will be stopped';
    case 'replace':
      return 'another source: will be stopped and replaced';
    case 'change':
      return `${keys.join(', ')} (${EFFECTS[effect]})`;
  }
}

const EFFECTS = { live: 'takes effect at once', restart: 'with its next start' } as const;

/** `not added: why not`. */
export function failedText({ action, reason }: Pick<FailedStep, 'action' | 'reason'>): string {
  return `${{ add: 'not added', remove: 'not removed', change: 'not changed' }[action]}: ${reason}`;
}

/** `service`: the systemd unit of the server, for changes that wait for a restart. */
export function serverChangeText({ effect, key }: ServerChange, service: VersionInfo['service']): string {
  const when =
    effect === 'live' ? EFFECTS.live : `with the next start of the ${effect}: ${restartAdvice(effect, service)}`;
  return `${key} (${when})`;
}

export function unopenedText({ console, endpoint, reason }: UnopenedEndpoint & { readonly console: string }): string {
  return `${console}: endpoint ${endpoint} is not open, and is tried again: ${reason}`;
}
