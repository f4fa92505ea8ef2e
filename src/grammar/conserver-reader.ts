import type { Fault, Position } from './conserver-source.ts';
import type { ConserverBlock } from './conserver-tree.ts';

/** Reads one value; what is wrong with it, or undefined. */
export type ValueReader<Draft> = (draft: Draft, value: string, at: Position) => string | undefined;

/** Gives every item of a block to the reader of its keyword. Faults are added with their place; reading goes on. */
export function readItems<Draft>(
  block: ConserverBlock,
  readers: ReadonlyMap<string, ValueReader<Draft>>,
  draft: Draft,
  faults: Fault[],
): void {
  for (const item of block.items) {
    const reader = readers.get(item.keyword.toLowerCase());
    if (reader === undefined) {
      faults.push({
        at: item.at,
        message: `unknown keyword \`${item.keyword}' in block \`${block.type} ${block.name}'`,
      });
      continue;
    }
    const wrong = reader(draft, item.value, item.valueAt);
    if (wrong !== undefined) {
      faults.push({ at: item.valueAt, message: `${item.keyword} in \`${block.type} ${block.name}': ${wrong}` });
    }
  }
}
