/** Actions on the page, and checks of what it shows. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContextOptions, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const PHONE: BrowserContextOptions = {
  ...{ viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

/** The names of the consoles that are listed, from the top. */
export const names = (page: Page) => page.locator('.row .name').allTextContents();
export const row = (page: Page, name: string) =>
  page.locator('.row', { has: page.getByRole('link', { name, exact: true }) });
export const screen = (page: Page) => page.locator('.xterm-rows');

export async function openConsole(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('button', { name: /^Take/ }).waitFor();
}

export async function takeKeyboard(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Take the keyboard' }).click();
  await page.getByText('You have the keyboard').waitFor();
}

/** The rules of axe that are about colours alone. */
export const OF_COLOURS: readonly string[] = ['color-contrast'];

/** The findings of axe: rules, with the elements that break them (`rules`: of these only); and words that are cut, and what is too small for a finger. */
export async function accessibility(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    // A page that follows the system has drawn what was emulated.
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    await page.evaluate(AXE);
  }
  const found = await page.evaluate(async (some) => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run({ resultTypes: ['violations'], ...(some && { runOnly: [...some] }) });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ failureSummary, html }) => `${id}: ${html} ${failureSummary}`),
    );
  }, rules);
  return [...found, ...(await page.evaluate(misfits))];
}

/** The same, in light and in dark. A phone, whose colours are those of the desk, mostly needs one of them. */
export async function accessibleInLightAndDark(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // What is dark is not otherwise different.
    const rules = colorScheme === 'dark' ? OF_COLOURS : undefined;
    found.push(...(await accessibility(page, rules)).map((each) => `${colorScheme}: ${each}`));
  }
  return found;
}

/** Runs in the page. */
function misfits(): string[] {
  interface Box {
    readonly clientWidth: number;
    readonly scrollWidth: number;
    readonly offsetHeight: number;
    readonly outerHTML: string;
  }
  // Of the browser; this file is checked as one of Node.
  const { document, innerWidth, matchMedia } = globalThis as unknown as {
    document: { documentElement: Box; querySelectorAll(selector: string): Iterable<Box> };
    innerWidth: number;
    matchMedia(query: string): { matches: boolean };
  };
  const FINGER_PX = 44;
  const all = (selector: string) => [...document.querySelectorAll(selector)].filter((each) => each.offsetHeight > 1);
  const cut = all('.row .state, button, h1, nav a').filter((each) => each.scrollWidth > each.clientWidth + 1);
  const small = matchMedia('(pointer: coarse)').matches
    ? all('button, select, input:not([type=checkbox]), nav a').filter((each) => each.offsetHeight < FINGER_PX)
    : [];
  return [
    ...(document.documentElement.scrollWidth > innerWidth ? ['the page is wider than its window'] : []),
    ...cut.map(({ outerHTML }) => `cut: ${outerHTML}`),
    ...small.map(({ outerHTML }) => `too small for a finger: ${outerHTML}`),
  ];
}
