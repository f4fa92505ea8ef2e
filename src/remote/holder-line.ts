/** The place of one console in the current holder. */
import type { HolderClient } from './holder-client.ts';

export interface HolderLine {
  readonly client: HolderClient;
  /** Its number there. */
  readonly id: number;
}

/** Undefined: the holder is away. */
export type CurrentLine = () => HolderLine | undefined;
