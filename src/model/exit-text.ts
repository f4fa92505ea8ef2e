import type { ExitStatus } from './process.ts';

/** `exit(3)`, `signal(9)`. */
export function exitText({ code, signal }: ExitStatus): string {
  return signal === null ? `exit(${code})` : `signal(${signal})`;
}
