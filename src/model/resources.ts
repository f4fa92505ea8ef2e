/** The resources that a console's processes use, and may use, as accounted in their cgroup, or by their session. */

export type { Resources } from './api.ts';

/** The limits: bytes, processors. */
export interface ResourceCaps {
  readonly memoryBytes?: number;
  readonly cpu?: number;
}
