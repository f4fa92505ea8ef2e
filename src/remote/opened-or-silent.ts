/** The start of a server with a holder that may not answer: everything that works without it does not wait for it. */
import type { HolderSilence } from '../model/holder-silence.ts';
import type { Clock } from '../platform/time/clock.ts';

/** How often a start without its consoles checks whether the holder is silent. */
const LOOK_INTERVAL_MS = 3000;

/**
 * Resolves when all is open (undefined), or with the silence of the holder that it waits for; rejects if `opening`
 * does.
 */
export async function openedOrSilent(
  opening: Promise<unknown>,
  holder: { readonly silence: HolderSilence | undefined },
  clock: Clock,
): Promise<HolderSilence | undefined> {
  const opened = opening.then(() => true);
  // A caller that awaits `opening` itself gets the error.
  opened.catch(() => undefined);
  for (;;) {
    const look = Promise.withResolvers<false>();
    const timer = clock.after(LOOK_INTERVAL_MS, () => look.resolve(false));
    const isOpen = await Promise.race([opened, look.promise]).finally(() => timer.cancel());
    const { silence } = holder;
    if (isOpen) {
      return undefined;
    }
    if (silence) {
      return silence;
    }
  }
}
