import type { EndSignal } from '../../model/end-signal.ts';
import type { Clock } from './clock.ts';

/** Resolves after this time, or when `ended` aborts. */
export async function pause(clock: Clock, milliseconds: number, ended?: EndSignal): Promise<void> {
  if (ended?.aborted) {
    return;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const over = (): void => resolve();
  const timer = clock.after(milliseconds, over);
  ended?.addEventListener('abort', over, { once: true });
  await promise;
  timer.cancel();
  ended?.removeEventListener('abort', over);
}
