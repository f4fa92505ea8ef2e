/** Actions on a console, or on the selection in the list. Loaded after the list, or the console. */
import { rowParts } from '../list/row-parts.ts';
import type { ActsProps } from '../parts/acts.tsx';
import { ConsoleActs } from './console-acts.tsx';
import { ListActs } from './list-acts.tsx';
import { Cpu, Memory, Pick, PickAll } from './row-parts.tsx';

rowParts.value = { pick: Pick, pickAll: PickAll, cpu: Cpu, memory: Memory };

export function Acts({ name }: ActsProps) {
  return name === undefined ? <ListActs /> : <ConsoleActs name={name} />;
}
