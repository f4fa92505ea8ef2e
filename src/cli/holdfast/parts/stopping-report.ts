/** Which consoles a server that ends with all its processes still waits for. */

import type { ConsoleSummary } from '../../../model/api.ts';
import { someOf } from '../../../model/counted.ts';
import { type FeedNews, WatchedTable } from '../../../model/feed.ts';
import { isUp } from '../../../model/process.ts';
import type { Timer } from '../../../platform/time/clock.ts';
import type { Context } from '../command/command.ts';
import { clean } from '../text/display.ts';
import { tell } from '../text/folded.ts';
import { liveLinesOn } from '../text/live-lines.ts';
import { pendingLine, stepText } from '../text/pending-line.ts';

/** Between two looks at the time, on a terminal; and between two messages elsewhere. Milliseconds. */
const TICK_MS = 500;
const MESSAGE_MS = 3000;
const SHOWN = 8;

/** Until `ended`. Makes one connection only: systemd would start the next server for another one. */
export async function reportStopping(
  { client, clock, io }: Pick<Context, 'client' | 'clock' | 'io'>,
  ended: AbortSignal,
): Promise<void> {
  const table = new WatchedTable();
  const live = liveLinesOn(io);
  let told = '';
  const show = (): void => {
    const left = table.consoles.filter(({ state }) => isUp(state));
    const text = left.length === 0 ? '' : `Waiting for ${namesOf(left, io)}.`;
    if (live) {
      live.draw(left.map((console) => pendingLine(console, io)));
    } else if (text !== told && text !== '') {
      tell(io, [text]);
    }
    told = text;
  };
  let tick: Timer | undefined;
  const again = (): void => {
    tick = clock.after(live ? TICK_MS : MESSAGE_MS, () => {
      show();
      again();
    });
  };
  again();
  const over = (): void => tick?.cancel();
  ended.addEventListener('abort', over, { once: true });
  try {
    for await (const news of client.watch(undefined, ended) as AsyncIterable<FeedNews>) {
      table.apply(news);
    }
  } catch {
    // The server has ended: that is what it is for.
  } finally {
    over();
    live?.erase();
  }
}

function namesOf(left: readonly ConsoleSummary[], io: Pick<Context['io'], 'now'>): string {
  const names = left.map((console) => {
    const step = stepText(console, io).join();
    return `${clean(console.name)}${step === '' ? '' : ` (${step})`}`;
  });
  return someOf(names, SHOWN);
}
