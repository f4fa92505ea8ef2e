/** Values that are the same for all programs during one boot of the machine. */
import { readFileSync } from 'node:fs';

export interface Boot {
  /** Empty if the kernel does not provide it. */
  readonly id: string;
  /** Monotonic, milliseconds; unlike that of `Clock`, with one zero for all programs. */
  uptime(): number;
}

/** Identifies this boot of the machine; empty if the kernel does not provide it. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** CLOCK_MONOTONIC, milliseconds. */
export function uptime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function thisBoot(): Boot {
  return { id: bootId(), uptime };
}
