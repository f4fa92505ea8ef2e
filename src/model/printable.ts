/** Makes foreign text fit to be shown. */
import type { HoldInfo } from './api.ts';

/** Text that may be shown anywhere: without control characters, at most 200 characters. */
export function printable(line: string): string {
  const spaced = line.replaceAll('\t', ' ');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are to be removed
  return spaced.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x1f\x7f-\x9f]/g, '').slice(0, 200);
}

/** `held by NAME until TIME: reason`. Without `show`, the time is ISO 8601, for programs. */
export function holdText({ by, reason, until }: HoldInfo, show = (iso: string): string => iso): string {
  return `held by ${printable(by)}${until === undefined ? '' : ` until ${show(until)}`}: ${printable(reason)}`;
}
