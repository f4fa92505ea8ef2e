/** A terminal shows what takes longer than a second, with the time elapsed. */
import type { Clock, Timer } from '../../../platform/time/clock.ts';
import type { Io } from '../command/command.ts';
import { duration } from './times.ts';

const TICK_MS = 1000;

export async function shownWhile<Result>(
  { io, clock }: { readonly io: Pick<Io, 'progress'>; readonly clock: Clock },
  what: string,
  work: Promise<Result>,
): Promise<Result> {
  let timer: Timer | undefined;
  const wait = (taken: number): void => {
    timer = clock.after(TICK_MS, () => {
      io.progress(`${what}: ${duration(taken)}`);
      wait(taken + TICK_MS);
    });
  };
  wait(TICK_MS);
  try {
    return await work;
  } finally {
    timer?.cancel();
    io.progress('');
  }
}
