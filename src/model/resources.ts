/** What the processes of a console use, and may use, as the kernel accounts for them in a cgroup of their own. */

export interface Resources {
  /** Why there are no figures, or not those of the memory. */
  readonly missing?: string;
  readonly processes?: number;
  /** Of all processes since the start, those that have ended included. */
  readonly cpuSeconds?: number;
  /** What is charged to them now, page cache included; the most it was since the start; what it may be. */
  readonly memoryBytes?: number;
  readonly memoryPeakBytes?: number;
  readonly memoryMaxBytes?: number;
  /** Processors that they may use: 1.5 is one and a half. */
  readonly cpuMax?: number;
}

/** What they may use at the most: bytes, processors. */
export interface ResourceCaps {
  readonly memoryBytes?: number;
  readonly cpu?: number;
}
