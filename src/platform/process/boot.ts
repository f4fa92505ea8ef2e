/** What is the same for all programs of one boot of the machine. */
import { readFileSync } from 'node:fs';

export interface Boot {
  /** Empty where the kernel does not say it. */
  readonly id: string;
  /** Monotonic, milliseconds; unlike that of `Clock`, with one zero for all programs. */
  uptime(): number;
}

/** Names this boot of the machine; empty where the kernel does not say it. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

export function thisBoot(): Boot {
  return { id: bootId(), uptime: () => Number(process.hrtime.bigint()) / 1e6 };
}
