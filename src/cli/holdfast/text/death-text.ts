/** How a process ended, in words, for a terminal. */
import type { DeathInfo } from '../../../model/api.ts';
import { deathText as rawText } from '../../../model/death-text.ts';
import { clean } from './display.ts';

export { lifeText } from '../../../model/death-text.ts';

/** `killed by SIGSEGV, core dumped`, `exit code 3`, with what else is known. */
export function deathText(death: DeathInfo): string {
  return clean(rawText(death));
}
