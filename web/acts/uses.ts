/** Resource use of all consoles: one request for all of them, while it is displayed. */
import { signal } from '@preact/signals';
import { type Use, Uses } from '../../src/client/uses.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { host } from '../host.ts';
import { standing } from '../standing.ts';

/** As `holdfast top`. */
const APART_MS = 5000;
/** Widths at which the style hides the columns. */
const NARROW = '(max-width: 60rem)';

export const uses = signal<ReadonlyMap<string, Use>>(new Map());
const looks = new Uses(host, systemClock);
let lookedAt = Number.NEGATIVE_INFINITY;
let isLooking = false;

/** Until the result is called. */
export function followUses(): () => void {
  const narrow = matchMedia(NARROW);
  const look = (): void => {
    const isSeen = document.visibilityState === 'visible' && !narrow.matches && standing.peek().is === 'live';
    if (isSeen && !isLooking && performance.now() >= lookedAt + APART_MS) {
      void lookOnce();
    }
  };
  look();
  const timer = setInterval(look, APART_MS);
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
}

async function lookOnce(): Promise<void> {
  isLooking = true;
  lookedAt = performance.now();
  try {
    await looks.look();
    uses.value = looks.now;
  } catch {
    // The old values stay until the server answers.
  }
  isLooking = false;
}
