/** Debian's Chromium, driven by playwright-core. */
import type { TestContext } from 'node:test';
import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { atEnd } from './at-end.ts';

const CHROMIUM = '/usr/bin/chromium';

/** Browsers that know nothing of each other. Scripts of the test may ask whatever a page of the same host may. */
export async function browser(
  t: TestContext,
  usual: BrowserContextOptions = { bypassCSP: true },
): Promise<(options?: BrowserContextOptions) => Promise<BrowserContext>> {
  const { chromium } = await import('playwright-core');
  const running = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
  });
  atEnd(t, () => running.close());
  return (options) => running.newContext({ ignoreHTTPSErrors: true, ...usual, ...options });
}
