/** What systemd has kept of a dead holder's children: each is a terminal and, where the kernel has such, a descriptor of the process. */
import { fstatSync } from 'node:fs';
import type { KeptTerminal } from './child-keeper.ts';

export function keptTerminals(
  given: readonly { readonly name: string; readonly fd: number }[],
): ReadonlyMap<string, KeptTerminal> {
  const terminals = new Map<string, KeptTerminal>();
  const pidfds = new Map<string, number>();
  for (const { name, fd } of given) {
    if (fstatSync(fd).isCharacterDevice()) {
      terminals.set(name, { fd });
    } else {
      pidfds.set(name, fd);
    }
  }
  return new Map(
    [...terminals].map(([name, { fd }]) => {
      const pidfd = pidfds.get(name);
      return [name, pidfd === undefined ? { fd } : { fd, pidfd }];
    }),
  );
}
