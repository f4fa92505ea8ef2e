/**
 * The descriptors of a dead holder's children in systemd's store: for each a terminal and, if the kernel supports it, a
 * pidfd.
 */
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
