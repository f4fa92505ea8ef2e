/** Resource use of all consoles. A few files are read for each; consoles get their turns in between. */
import type { ToldResources } from '../model/holder-protocol.ts';
import type { HolderConsole } from './holder-console.ts';

/** Consoles in one turn of the loop, a millisecond or two. */
const AT_ONCE = 20;

export async function allResources(consoles: readonly HolderConsole[]): Promise<readonly ToldResources[]> {
  const found: ToldResources[] = [];
  for (let at = 0; at < consoles.length; at += AT_ONCE) {
    for (const { id, pid, resources } of consoles.slice(at, at + AT_ONCE)) {
      if (pid !== undefined) {
        found.push([id, resources]);
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}
