/**
 * Debian's Chromium, driven by playwright-core: its shell without windows. The engine is the same, and a page takes a third less
 * processor time than in a browser that has windows, tabs and an address bar which nobody sees.
 */
import { after, type TestContext } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { atEnd } from './at-end.ts';

export const CHROMIUM = 'chromium-headless-shell';
/**
 * That pages of elsewhere may ask nothing of this machine is a favour of this browser: what we refuse ourselves is to be seen.
 * The last of these switches counts, so
 * those of playwright-core that matter here are in it.
 */
const WITHOUT = [
  'LocalNetworkAccessChecks',
  ...['HttpsUpgrades', 'PaintHolding', 'Translate', 'MediaRouter', 'DialMediaRouteProvider'],
  ...['CertificateTransparencyComponentUpdater', 'DestroyProfileOnBrowserClose', 'LazyFrameLoading', 'AcceptCHFrame'],
];

/** Milliseconds of a step: half of what a file has, and many times what any takes. */
const PATIENCE_MS = 150_000;

/** One for all tests of a file: it starts in two seconds of processor time. */
let started: Promise<Browser> | undefined;
after(async () => (await started)?.close());

async function start(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: `/usr/bin/${CHROMIUM}`,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
      `--disable-features=${WITHOUT}`,
    ],
  });
}

/** Browsers that know nothing of each other. Scripts of the test may ask whatever a page of the same host may. */
export async function browser(
  t: TestContext,
  usual: BrowserContextOptions = { bypassCSP: true },
): Promise<(options?: BrowserContextOptions) => Promise<BrowserContext>> {
  started ??= start();
  const running = await started;
  // Playwright bounds what waits for a page, but not a script in it, a key or a close: with the browser gone, these fail where they stand.
  let patience: NodeJS.Timeout | undefined;
  t.beforeEach(() => {
    clearTimeout(patience);
    patience = setTimeout(() => running.close(), PATIENCE_MS);
  });
  t.afterEach(() => clearTimeout(patience));
  return async (options) => {
    const context = await running.newContext({ ignoreHTTPSErrors: true, ...usual, ...options });
    atEnd(t, () => context.close());
    return context;
  };
}
