import type { Fault, Position } from './source.ts';
import type { ConserverBlock } from './tree.ts';

/** The faults of a value: none, one, or several in a list of words. */
export type Wrong = string | readonly string[] | undefined;

/** Reads one value into the draft. */
export type ValueReader<Draft> = (draft: Draft, value: string, at: Position) => Wrong;

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
    const wrong = reader(draft, item.value, item.valueAt) ?? [];
    for (const what of typeof wrong === 'string' ? [wrong] : wrong) {
      faults.push({ at: item.valueAt, message: `${item.keyword} in \`${block.type} ${block.name}': ${what}` });
    }
  }
}
