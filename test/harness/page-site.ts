/** A server with a page at its door, for browsers: plain HTTP on loopback, and a link that logs in for each user. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { browser } from './browser.ts';
import { freePort } from './free-port.ts';
import { HostUnderTest } from './host.ts';

/** Violations that no page may cause, as seen in a browser. */
export interface Watched {
  readonly requests: string[];
  /** Reports of the content security policy, errors of scripts. */
  readonly faults: string[];
}

export interface PageSite {
  readonly host: HostUnderTest;
  readonly url: string;
  readonly watched: Watched;
  /** A browser that knows nothing of the others. */
  open(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A page of such a browser in which this user is logged in. */
  as(user: string, options?: BrowserContextOptions): Promise<Page>;
  /** Leaves such a page at its list, for whoever is next this user in such a browser: a new one takes half a second of processor time. */
  leave(page: Page): Promise<void>;
  link(user: string): Promise<string>;
  /** Writes the configuration, with the door as it is; nobody is told. */
  configure(config: string): void;
}

export async function pageSite(t: TestContext, config: string): Promise<PageSite> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const host = await HostUnderTest.start(t, '');
  for (const folder of [host.folder, host.runtimeDir]) {
    // For a gateway that is nobody.
    chmodSync(folder, 0o711);
  }
  const configure = (consoles: string): void =>
    host.configure(`${consoles}
[network]
listen = ["${url}"]
login = ["token"]
${process.getuid?.() === 0 ? 'user = "nobody"' : ''}
`);
  configure(config);
  const { stderr } = await host.command('reload');
  assert.doesNotMatch(stderr, /holdfast\.toml/);
  await host.event('the gateway', ({ text, type }) => type === 'network' && /listens at/.test(text ?? ''));
  const start = await browser(t, {});
  const watched: Watched = { requests: [], faults: [] };
  const open = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
    const context = await start(options);
    context.on('request', (request) => watched.requests.push(request.url()));
    context.on('weberror', (error) => watched.faults.push(error.error().message));
    context.on('console', (message) => {
      // A request that a server refused, or that was away, is no fault of the page.
      if (message.type() === 'error' && !/^Failed to load resource|WebSocket connection to/.test(message.text())) {
        watched.faults.push(message.text());
      }
    });
    return context;
  };
  const link = async (user: string): Promise<string> => {
    const { token } = await host.client.tokens.create({ user, once: true, seconds: 600 });
    return `${url}/login/once#${token}`;
  };
  /** Of those who have logged in: a link takes three pages more. */
  const cookies = new Map<string, Awaited<ReturnType<BrowserContext['cookies']>>>();
  /** Pages that were left, by user and options. */
  const left = new Map<string, Page>();
  const keys = new WeakMap<Page, string>();
  return {
    ...{ host, url, watched, open, link, configure },
    async leave(page) {
      await page.unrouteAll();
      await page.emulateMedia({ colorScheme: null, contrast: null, forcedColors: null });
      await page.evaluate(`location.hash = ''`);
      await page.getByRole('table', { name: 'Consoles' }).waitFor();
      left.set(keys.get(page) ?? '', page);
    },
    async as(user, options) {
      const key = JSON.stringify([user, options]);
      const again = left.get(key);
      if (again) {
        left.delete(key);
        return again;
      }
      const context = await open(options);
      const page = await context.newPage();
      keys.set(page, key);
      const known = cookies.get(user);
      if (known) {
        await context.addCookies(known);
      }
      await page.goto(known ? url : await link(user));
      await page.getByRole('table', { name: 'Consoles' }).waitFor();
      cookies.set(user, await context.cookies());
      return page;
    },
  };
}
