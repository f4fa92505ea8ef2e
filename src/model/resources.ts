/** The resources that a console's processes use, and may use, as accounted in their cgroup. */

export interface Resources {
  /** Why there are no figures, or no memory figures. */
  readonly missing?: string;
  readonly processes?: number;
  /** Of all processes since the start, including ended ones. */
  readonly cpuSeconds?: number;
  /** Charged to them now, page cache included; the peak since the start; the limit. */
  readonly memoryBytes?: number;
  readonly memoryPeakBytes?: number;
  readonly memoryMaxBytes?: number;
  /** Processors that they may use: 1.5 is one and a half. */
  readonly cpuMax?: number;
}

/** The limits: bytes, processors. */
export interface ResourceCaps {
  readonly memoryBytes?: number;
  readonly cpu?: number;
}
