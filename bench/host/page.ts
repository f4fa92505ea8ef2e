import { chmodSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { loads } from '../lib/processor.ts';
import { quantile, sum } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import type { Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { type HostServer, startServers } from './servers.ts';

const COUNT = 1000;
/** Of each console: 50 of all change each second. */
const RATE = '0.05';
const PAGES = 20;
const ROWS = 10_000;
/** Milliseconds until the starts are over and memory that only they needed is freed, and until pages are at rest. */
const SETTLED_MS = 16_000;
const REST_MS = 3000;
const KEYS = 200;
/** Of a line that is typed. */
const LINE_KEYS = 50;
const SCROLL_MS = 4000;
/** Pixels, each frame. */
const SCROLL_STEP = 150;

type Cookies = Parameters<BrowserContext['addCookies']>[0];

async function chromium(): Promise<Browser> {
  const { chromium: browsers } = await import('playwright-core');
  return browsers.launch({
    executablePath: '/usr/bin/chromium-headless-shell',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Site {
  readonly server: HostServer;
  readonly url: string;
  /** Of somebody who is logged in. */
  readonly cookies: Cookies;
}

/** `more`: consoles besides those that chatter. */
async function atSite<Result>(
  settings: Settings,
  { count, more }: { readonly count: number; readonly more: string },
  work: (site: Site) => Promise<Result>,
): Promise<Result> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    // For a gateway that is nobody.
    chmodSync(directory, 0o711);
    const url = `http://127.0.0.1:${await freePort()}`;
    const user = process.getuid?.() === 0 ? 'user = "nobody"' : '';
    const network = `[[access.rule]]\nwho = ["everyone"]\nmay = ["write"]\n[network]\nlisten = ["${url}"]\nlogin = ["token"]\nconnections = 512\nconnections_per_address = 512\n${user}\n`;
    const child = [settings.native('chatter'), RATE];
    const server = (await startServers(settings, 'ours', directory, {
      ...{ count, child, more: `${more}${network}` },
    })) as HostServer;
    try {
      const { token } = await server.client.tokens.create({ user: 'root', once: true, seconds: 600 });
      const browser = await chromium();
      try {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(`${url}/login/once#${token}`);
        await page.getByRole('table', { name: 'Consoles' }).waitFor();
        const cookies = await context.cookies();
        await browser.close();
        await delay(SETTLED_MS);
        return await work({ server, url, cookies });
      } finally {
        await browser.close();
      }
    } finally {
      await server.stop();
    }
  });
}

async function inBrowser<Result>(work: (browser: Browser) => Promise<Result>): Promise<Result> {
  const browser = await chromium();
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

async function pageIn(browser: Browser, cookies: Cookies): Promise<Page> {
  const context = await browser.newContext();
  await context.addCookies(cookies);
  return context.newPage();
}

/** Milliseconds from the start of the navigation, in a browser that has nothing of it. */
function firstView({ cookies, url }: Site): Promise<{ readonly paint: number; readonly rows: number }> {
  return inBrowser(async (browser) => {
    const page = await pageIn(browser, cookies);
    await page.addInitScript(() => {
      // Of the browser; this file is checked as one of Node.
      const { document, requestAnimationFrame } = globalThis as unknown as {
        document: { querySelector(selector: string): unknown };
        requestAnimationFrame(next: () => void): void;
      };
      const look = (): void => {
        if (document.querySelector('.row a')) {
          Object.assign(globalThis, { rowsAt: performance.now() });
        } else {
          requestAnimationFrame(look);
        }
      };
      look();
    });
    await page.goto(url);
    return page.evaluate(async () => {
      const seen = globalThis as unknown as { readonly rowsAt?: number };
      for (;;) {
        const paint = performance.getEntriesByName('first-contentful-paint')[0];
        if (paint && seen.rowsAt !== undefined) {
          return { paint: paint.startTime, rows: seen.rowsAt };
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
  });
}

/** Milliseconds from a key until its echo is drawn. */
function echoes({ cookies, url }: Site): Promise<readonly number[]> {
  return inBrowser(async (browser) => {
    const page = await pageIn(browser, cookies);
    await page.goto(`${url}/#console/echo`);
    await page.getByRole('button', { name: 'Take the keyboard' }).click();
    await page.getByText('You have the keyboard').waitFor();
    await page.evaluate(() => {
      const { MutationObserver, addEventListener, document } = globalThis as unknown as {
        MutationObserver: new (heard: () => void) => { observe(node: unknown, options: object): void };
        addEventListener(type: string, heard: () => void, capture: boolean): void;
        document: { querySelector(selector: string): { textContent: string } };
      };
      const screen = document.querySelector('.xterm-rows');
      const took: number[] = [];
      let pressed: { readonly at: number; readonly text: string } | undefined;
      addEventListener(
        'keydown',
        () => {
          pressed = { at: performance.now(), text: screen.textContent };
        },
        true,
      );
      // A cursor that blinks is drawn, too.
      new MutationObserver(() => {
        if (pressed && screen.textContent !== pressed.text) {
          took.push(performance.now() - pressed.at);
          pressed = undefined;
        }
      }).observe(screen, { subtree: true, childList: true, characterData: true });
      Object.assign(globalThis, { took });
    });
    for (let key = 1; key <= KEYS; key++) {
      await page.keyboard.press(key % LINE_KEYS === 0 ? 'Enter' : 'x');
      await page.evaluate(async (count) => {
        const seen = globalThis as unknown as { readonly took: readonly number[] };
        while (seen.took.length < count) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }, key);
    }
    return page.evaluate(() => (globalThis as unknown as { took: number[] }).took);
  });
}

interface Open {
  /** Percent of a core: server with gateway, and holder. */
  readonly server: number;
  readonly holder: number;
  /** Bytes of the feed of a page each minute. */
  readonly bytes: number;
}

function gatewayOf(server: number): number {
  const children = readFileSync(`/proc/${server}/task/${server}/children`, 'latin1').trim().split(' ').map(Number);
  const found = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('gateway'));
  if (found === undefined) {
    throw new Error('bench: the server has no gateway');
  }
  return found;
}

/** Of pages each of which has a browser, and a feed, of its own. */
function open({ cookies, server, url }: Site, window: number): Promise<Open> {
  return inBrowser(async (browser) => {
    const frames: number[] = [];
    const pages: Page[] = [];
    for (let at = 0; at < PAGES; at++) {
      const page = await pageIn(browser, cookies);
      pages.push(page);
      // So that its feed is seen from here.
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
      page.on('websocket', (socket) => {
        socket.on('framereceived', ({ payload }) => frames.push(payload.length));
      });
      await page.goto(url);
      await page.getByText(`${COUNT + 1} consoles`).waitFor();
    }
    await delay(REST_MS);
    frames.splice(0);
    const [pid = 0, holder = 0] = server.pids;
    const [own = 0, ofHolder = 0, gateway = 0] = await loads([pid, holder, gatewayOf(pid)], window);
    return { server: own + gateway, holder: ofHolder, bytes: (sum(frames) / PAGES / window) * 60_000 };
  });
}

/** The page of a host of 1,000 consoles, in Chromium. */
export async function page(settings: Settings): Promise<Row[]> {
  const window = settings.quick ? 5000 : 20_000;
  const rounds = settings.quick ? 2 : 10;
  const { views, keys, all } = await atSite(
    settings,
    { count: COUNT, more: '[console.echo]\nrun = ["/bin/cat"]\n' },
    async (site) => {
      const first: Awaited<ReturnType<typeof firstView>>[] = [];
      for (let round = 0; round < rounds; round++) {
        first.push(await firstView(site));
      }
      return { views: first, keys: await echoes(site), all: await open(site, window) };
    },
  );
  const row = (what: string, unit: string, ours: readonly number[]): Row => ({
    ...{ what: `the page of ${COUNT} consoles, ${what}`, unit, ours, theirs: [] },
  });
  return [
    row(
      'cold browser: first view',
      'ms',
      views.map(({ paint }) => paint),
    ),
    row(
      'cold browser: first rows',
      'ms',
      views.map(({ rows }) => rows),
    ),
    row('a key until its echo is drawn, p50', 'ms', [quantile(keys, 0.5)]),
    row('a key until its echo is drawn, p90', 'ms', [quantile(keys, 0.9)]),
    row(`${PAGES} browsers, 50 consoles change each second: server and gateway`, '% of a core', [all.server]),
    row(`${PAGES} browsers, 50 consoles change each second: holder`, '% of a core', [all.holder]),
    row('its feed', 'kB/min', [all.bytes / 1000]),
  ];
}

/** The list of 10,000 consoles that are not started, scrolled as fast as frames come. */
export async function pageScroll(settings: Settings): Promise<Row[]> {
  const consoles = Array.from(
    { length: ROWS - 1 },
    (_, at) => `[console.s${at}]\nstart = false\nendpoints = []\nlog = false\n`,
  );
  const frames = await atSite(settings, { count: 1, more: consoles.join('') }, (site) =>
    inBrowser(async (browser) => {
      const shown = await pageIn(browser, site.cookies);
      await shown.goto(site.url);
      await shown.getByText(`${ROWS} consoles`).waitFor();
      await delay(REST_MS);
      return shown.evaluate(
        ([milliseconds, step]) => {
          const { document, requestAnimationFrame } = globalThis as unknown as {
            document: { querySelector(selector: string): { parentElement: { scrollTop: number } } };
            requestAnimationFrame(next: (at: number) => void): void;
          };
          const scroller = document.querySelector('.whole').parentElement;
          const began = performance.now();
          const at: number[] = [];
          return new Promise<number[]>((resolve) => {
            const frame = (now: number): void => {
              at.push(now);
              scroller.scrollTop += step as number;
              if (now - began < (milliseconds as number)) {
                requestAnimationFrame(frame);
              } else {
                resolve(at.slice(1).map((each, index) => each - (at[index] as number)));
              }
            };
            requestAnimationFrame(frame);
          });
        },
        [SCROLL_MS, SCROLL_STEP],
      );
    }),
  );
  const row = (what: string, unit: string, value: number): Row => ({
    ...{ what: `the page of ${ROWS} consoles, scrolled: ${what}`, unit, ours: [value], theirs: [] },
  });
  return [
    row('frames', 'per second', (1000 * frames.length) / sum(frames)),
    row('a frame, p99', 'ms', quantile(frames, 0.99)),
  ];
}
