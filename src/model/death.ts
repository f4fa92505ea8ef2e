import type { Principal } from './principal.ts';

/** How a process or link ended: what `holdfast why` tells. */
export interface Death {
  /** ISO 8601. */
  readonly time: string;
  /** 0: it was a link. */
  readonly pid: number;
  readonly uptimeSeconds: number;
  readonly code: number | null;
  /** `SIGSEGV`. */
  readonly signal: string | null;
  readonly coreDumped: boolean;
  readonly outOfMemory: boolean;
  /** The principal that asked for it; absent: nobody did. */
  readonly askedBy?: Principal;
  /** With which signal, where it was one: `SIGKILL`. */
  readonly askedSignal?: string;
  /** Peak resident set; 0: unknown, since it was less than the holder's. */
  readonly maxRssKib: number;
  /** The last lines of output before the end. */
  readonly lastLines: readonly string[];
}
