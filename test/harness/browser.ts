/** Debian's Chromium, driven by playwright-core. */
import type { TestContext } from 'node:test';
import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { atEnd } from './at-end.ts';

const CHROMIUM = '/usr/bin/chromium';
/**
 * Each window has two pages for its address bar, which nobody sees: a quarter of what a window takes. The last of these switches counts, so
 * those of playwright-core that matter here are in it.
 */
const WITHOUT = [
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'],
  ...['HttpsUpgrades', 'PaintHolding', 'Translate', 'MediaRouter', 'DialMediaRouteProvider'],
  ...['CertificateTransparencyComponentUpdater', 'DestroyProfileOnBrowserClose', 'LazyFrameLoading', 'AcceptCHFrame'],
];

/** Browsers that know nothing of each other. Scripts of the test may ask whatever a page of the same host may. */
export async function browser(
  t: TestContext,
  usual: BrowserContextOptions = { bypassCSP: true },
): Promise<(options?: BrowserContextOptions) => Promise<BrowserContext>> {
  const { chromium } = await import('playwright-core');
  const running = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...['--no-sandbox', '--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
      `--disable-features=${WITHOUT}`,
    ],
  });
  atEnd(t, () => running.close());
  return (options) => running.newContext({ ignoreHTTPSErrors: true, ...usual, ...options });
}
