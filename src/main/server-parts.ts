/** What the host server is made of below its consoles: its holder, and the limits of what it may use. */
import { join } from 'node:path';
import type { UpOptions } from '../cli/holdfast/command/command.ts';
import type { Events } from '../host/events.ts';
import type { ServerConfig } from '../model/config.ts';
import { MemoryBudget, shortText, sparedOf } from '../model/memory-budget.ts';
import { complain } from '../platform/process/complain.ts';
import { DescriptorGuard } from '../platform/process/descriptors.ts';
import { machineMemory } from '../platform/process/machine-memory.ts';
import { systemClock as clock } from '../platform/time/clock.ts';
import { holderAt } from '../remote/holder-access.ts';
import { HolderLink } from '../remote/holder-link.ts';

export interface ServerParts {
  readonly guard: DescriptorGuard;
  readonly budget: MemoryBudget;
  readonly holder: HolderLink;
}

export function serverParts(
  { waitForHolder }: Pick<UpOptions, 'waitForHolder'>,
  { runtimeDir, logDelay, lagMemory }: ServerConfig,
  events: Events,
): ServerParts {
  const ofServer = (text: string): void => void events.add({ type: 'server', text });
  const guard = new DescriptorGuard(clock, (text) => {
    say(text);
    ofServer(text);
  });
  const budget = new MemoryBudget(lagMemory ?? sparedOf(machineMemory()), clock.now, ({ most }) =>
    ofServer(shortText('the server', most)),
  );
  const holder = new HolderLink({
    ...{ holder: holderAt(join(runtimeDir, 'holder'), waitForHolder ? undefined : logDelay), budget, logDelay, clock },
    lost: () => void events.add({ type: 'holder', what: 'lost' }),
    found: (living, ended) => void events.add({ type: 'holder', what: 'found', living, ended }),
    trouble: (text) => void events.add({ type: 'holder', text }),
    silent: (silence) => void events.add({ type: 'holder', what: 'silent', silence }),
    back: (after) => void events.add({ type: 'holder', what: 'answers', afterSeconds: Math.round(after / 1000) }),
  });
  return { guard, budget, holder };
}

/** On standard error. */
export function say(text: string): void {
  complain(`holdfast: ${text}\n`);
}
