/** Whether the configuration files differ from what runs. The server notices; a visible page asks now and then. */
import { effect, signal } from '@preact/signals';
import type { VersionInfo } from '../src/model/api.ts';
import { standing } from './standing.ts';
import { urlOf } from './url.ts';

const STEP_MS = 60_000;
const PATIENCE_MS = 10_000;

export const filesDiffer = signal(false);

/** Without `FarHost`, which the list does not need. */
export async function askForFiles(): Promise<void> {
  try {
    const answer = await fetch(urlOf('/v1/version'), { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    filesDiffer.value = answer.ok && ((await answer.json()) as VersionInfo).config.changedOnDisk;
  } catch {
    // The banner reports it; the last answer stays.
  }
}

/** Returns a function that ends it. */
export function followFiles(): () => void {
  const look = (): void => {
    if (standing.peek().is === 'live' && document.visibilityState === 'visible') {
      void askForFiles();
    }
  };
  const noMore = effect(() => {
    standing.value;
    look();
  });
  document.addEventListener('visibilitychange', look);
  const timer = setInterval(look, STEP_MS);
  return () => {
    noMore();
    document.removeEventListener('visibilitychange', look);
    clearInterval(timer);
  };
}
