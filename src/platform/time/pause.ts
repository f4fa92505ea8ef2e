import type { Clock } from './clock.ts';

/** Resolves after this time, or when `ended` aborts. */
export async function pause(clock: Clock, milliseconds: number, ended?: AbortSignal): Promise<void> {
  if (ended?.aborted) {
    return;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(milliseconds, resolve);
  ended?.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  timer.cancel();
}
