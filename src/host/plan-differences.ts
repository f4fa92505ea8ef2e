/** The values of the keys in a plan: those in force, and those in the files. Pure. */
import type { PlanDifference } from '../model/api.ts';
import type { ConsoleConfig, EffectiveKey, HostConfig, PlanStep } from '../model/config.ts';
import { isSame } from '../model/is-same.ts';
import { withoutSecret } from './running-config.ts';

export function planDifferences(
  before: HostConfig,
  after: HostConfig,
  steps: readonly PlanStep[],
): readonly PlanDifference[] {
  const running = new Map(before.consoles.map((console) => [console.name, console]));
  const wanted = new Map(after.consoles.map((console) => [console.name, console]));
  return steps.flatMap((step) => {
    const [old, next] = [running.get(step.console), wanted.get(step.console)];
    return step.action === 'change' && old && next ? differencesOf(old, next, new Set(step.keys)) : [];
  });
}

function differencesOf(
  before: ConsoleConfig,
  after: ConsoleConfig,
  keys: ReadonlySet<string>,
): readonly PlanDifference[] {
  const valuesOf = ({ origin }: ConsoleConfig) =>
    new Map(
      (origin?.keys ?? [])
        .filter(({ path: [key = ''] }) => keys.has(key))
        .map((each): [string, EffectiveKey] => [JSON.stringify(each.path), each]),
    );
  const [old, next] = [valuesOf(before), valuesOf(after)];
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((path) => {
    const [from, to] = [old.get(path), next.get(path)];
    return isSame(from?.value, to?.value) ? [] : [difference(after.name, from, to)];
  });
}

function difference(console: string, from: EffectiveKey | undefined, to: EffectiveKey | undefined): PlanDifference {
  const [shownFrom, shownTo] = [from && withoutSecret(from), to && withoutSecret(to)];
  return {
    ...{ console, path: [...(to ?? (from as EffectiveKey)).path] },
    ...(shownFrom && { from: shownFrom.value }),
    ...(shownTo && { to: shownTo.value }),
    ...(to?.place && { place: to.place }),
    ...((shownFrom?.hidden || shownTo?.hidden) && { hidden: true }),
  };
}
