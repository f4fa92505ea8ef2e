/** The page with a feed of a whole day, and with one in trouble. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { PROBLEM_TYPE, problemOf } from '../../src/model/problem.ts';
import { SOAK } from '../harness/host.ts';
import { consoleSummary } from '../harness/top-world.ts';
import type { SmallSite } from './small-site.ts';

/** As Chrome on Android: the page has its feed for itself, and all of it is seen from here. */
export async function withoutWorker(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
}

const DAY_CONSOLES = 1000;
/**
 * A day of 1,000 consoles, of which each says a line a minute: four looks a second, four rows in each, and 576 consoles that come and go. That
 * takes two minutes, and is the long version; the short one has as many consoles that come and go, and 48,000 changes of rows. If each console
 * that has gone left its row behind, which has 4 kB, that would be more than either may grow.
 */
const DAY = SOAK
  ? { news: 345_600, rows: 4, comes: 600, growthBytes: 2 << 20 }
  : { news: 600, rows: 80, comes: 1, growthBytes: 1 << 20 };
const SMALL = { viewport: { width: 400, height: 300 } };

async function heapBytes(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await devtools.detach();
  return usedSize;
}

/** In place of the WebSocket of the feed, in the browser: what a server sends in a day, as fast as the page takes it. */
function dayOfFeed({
  base,
  comes,
  consoles,
  news,
  rows,
}: {
  readonly base: object;
  /** In every which of the news another one comes, and the last that came goes. */
  readonly comes: number;
  readonly consoles: number;
  readonly news: number;
  /** Changed by each of the news. */
  readonly rows: number;
}): void {
  const nameOf = (at: number) => `c-${String(at).padStart(5, '0')}`;
  const STATES = ['running', 'failed', 'running', 'backoff', 'running', 'crash-looping', 'running', 'stopped'];
  const of = (at: number, number: number, more = {}) => ({
    ...base,
    name: nameOf(at),
    state: STATES[(at + number) % (at % 50 === 0 ? STATES.length : 1)],
    lastLine: `VAC-${at}:Pressure ${number}.3e-08 mbar, and what else there is to be said in a line of a day`,
    groups: [`group-${at % 4}`],
    ...more,
  });
  type Heard = (event: object) => void;
  class DaySocket {
    static readonly OPEN = 1;
    readonly readyState = 1;
    readonly protocol = 'holdfast.watch.v1';
    readonly #heard = new Map<string, Heard>();
    constructor() {
      setTimeout(() => void this.#play());
    }
    addEventListener(type: string, heard: Heard) {
      this.#heard.set(type, heard);
    }
    send() {}
    close() {}
    async #play() {
      const tell = (message: object) =>
        this.#heard.get('message')?.({ data: JSON.stringify({ feed: 'day', ...message }) });
      tell({ type: 'table', number: 0, consoles: Array.from({ length: consoles }, (_, at) => of(at, 0)) });
      const until = async (part: number, parts: number) => {
        for (let number = 1 + (news * part) / parts; number <= (news * (part + 1)) / parts; number++) {
          const changed = Array.from({ length: rows }, (_, at) => of((number * 37 + at * 53) % consoles, number));
          const gone: string[] = [];
          if (number % comes === 0) {
            changed.push(of(0, number, { name: `extra-${number}`, description: `${number} `.repeat(1000) }));
            gone.push(`extra-${number - comes}`);
          }
          tell({ type: 'changes', number, gone, changed });
          if (number % 60 === 0) {
            // Behind all that is on its way to the page.
            const { port1, port2 } = new MessageChannel();
            await new Promise((resolve) => {
              Object.assign(port1, { onmessage: resolve });
              port2.postMessage('');
            });
          }
        }
      };
      Object.assign(globalThis, { play: until });
    }
  }
  Object.assign(globalThis, { WebSocket: DaySocket });
}

export async function feedInTrouble(t: TestContext, { change, login, open }: SmallSite): Promise<void> {
  await t.test('a day of the feed leaves nothing behind', async () => {
    const context = await open(SMALL);
    await withoutWorker(context);
    await context.addInitScript(dayOfFeed, { ...DAY, consoles: DAY_CONSOLES, base: consoleSummary('') });
    const page = await context.newPage();
    await page.goto(login);
    await page.getByText(`${DAY_CONSOLES} consoles`).waitFor();
    const play = (part: number) =>
      page.evaluate(
        (at) => (globalThis as unknown as { play(part: number, parts: number): Promise<void> }).play(at, 10),
        part,
      );
    // One-time allocations are done by now.
    await play(0);
    const before = await heapBytes(page);
    for (let part = 1; part < 10; part++) {
      await play(part);
    }
    const grown = (await heapBytes(page)) - before;
    assert.ok(grown < DAY.growthBytes, `${grown} bytes more`);
    await page.getByText(`${DAY_CONSOLES + 1} consoles`).waitFor();
    await context.close();
  });

  await t.test('a server that is busy is there', async () => {
    const context = await open();
    await withoutWorker(context);
    const page = await context.newPage();
    let sockets = 0;
    page.on('websocket', () => {
      sockets++;
    });
    const busy = JSON.stringify(problemOf('HF_BUSY', 'try again'));
    await page.route('**/v1/version', (route) => route.fulfill({ status: 503, contentType: PROBLEM_TYPE, body: busy }));
    const answered = page.waitForResponse('**/v1/version');
    await page.goto(login);
    await (await answered).finished();
    change('after the busy one');
    await page.getByText('after the busy one').waitFor();
    change('and later');
    await page.getByText('and later').waitFor();
    assert.equal(sockets, 1);
    await context.close();
  });

  await t.test('a feed that has ended without a word is begun anew', async () => {
    const context = await open();
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(login);
    change('before its end');
    await page.getByText('before its end').waitFor();
    // A browser may end it at any time; nobody tells the page.
    const devtools = await page.context().browser()?.newBrowserCDPSession();
    const { targetInfos } = (await devtools?.send('Target.getTargets')) ?? { targetInfos: [] };
    const worker = targetInfos.find(({ type }) => type === 'shared_worker');
    assert.ok(worker);
    await devtools?.send('Target.closeTarget', { targetId: worker.targetId });
    change('after its end');
    await page.clock.runFor(60_000);
    await page.getByText('after its end').waitFor();
    await context.close();
  });
}
