// Ten thousand consoles in a real browser: only what is in sight is there, and only what changes is drawn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { browser, CHROMIUM } from '../harness/browser.ts';
import { missing } from '../harness/machine.ts';
import { networkDoor } from '../harness/network-door.ts';
import { until } from '../harness/until.ts';
import { feedInTrouble } from './feed-view.ts';
import { hostilePages, poisonedTexts } from './hostile-view.ts';
import { smallSite } from './small-site.ts';
import { keyboardWalk, waysIn } from './ways-in-view.ts';

const CONSOLES = 10_000;
/** Of rows in sight, and a few above and below. */
const MOST_ROWS = 80;
const nameOf = (number: number) => `c-${String(number).padStart(5, '0')}`;

/** Calls `act`, and returns the names of the rows that are drawn until `drawn` is in one of them. */
async function drawnBy(page: Page, act: () => void, drawn: string): Promise<readonly string[]> {
  await page.evaluate(() => {
    const seen = new Set<string>();
    // Of the browser; this file is checked as one of Node.
    const { MutationObserver, document } = globalThis as unknown as {
      MutationObserver: new (
        heard: (all: readonly { target: { parentElement?: unknown } }[]) => void,
      ) => { observe(node: unknown, options: object): void };
      document: { querySelector(selector: string): unknown };
    };
    type Element = { closest(selector: string): { querySelector(selector: string): { textContent: string } } | null };
    const observer = new MutationObserver((all) => {
      for (const { target } of all) {
        const element = ('closest' in target ? target : target.parentElement) as Element;
        seen.add(element.closest('.row')?.querySelector('a').textContent ?? 'the list');
      }
    });
    observer.observe(document.querySelector('.sight'), { subtree: true, childList: true, characterData: true });
    Object.assign(globalThis, { seen });
  });
  act();
  await page.getByText(drawn).waitFor();
  return page.evaluate(() => [...(globalThis as unknown as { seen: Set<string> }).seen]);
}

test('ten thousand consoles', { skip: missing(CHROMIUM) || missing('openssl') }, async (t) => {
  const host = new FakeHost();
  for (let number = 0; number < CONSOLES; number++) {
    host.add(nameOf(number), { since: '2025-01-01T00:00:00Z' });
  }
  const place = { host: '127.0.0.1', port: 0, plain: true } as const;
  const { listens } = await networkDoor(t, openDoor(host), { listen: [place] });
  const url = listens[0]?.[0] ?? '';
  const open = await browser(t, {});
  const page = await (await open()).newPage();
  await page.goto(`${url}/login/once#good`);
  await page.getByText(`${CONSOLES} consoles`).waitFor();
  const rows = page.locator('.row');
  const change = (number: number, overrides: object): void => {
    const console = host.consoles.get(nameOf(number));
    assert.ok(console);
    console.overrides = { ...console.overrides, ...overrides };
    host.emit({ type: 'note', console: console.name, text: 'it has changed' });
  };

  await t.test('only those in sight are there, and any is reached', async () => {
    const there = async () => assert.ok((await rows.count()) < MOST_ROWS);
    await there();
    await page.keyboard.press('End');
    await page.getByRole('link', { name: nameOf(CONSOLES - 1) }).waitFor();
    await there();
    assert.equal(await rows.last().getAttribute('aria-rowindex'), String(CONSOLES + 1));
    // Going back returns to the same row.
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: nameOf(CONSOLES - 2) }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: nameOf(CONSOLES - 2) }).waitFor();
    await page.keyboard.press('Home');
    await page.getByRole('link', { name: nameOf(0) }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('c-0999');
    await page.getByText(`10 of ${CONSOLES} consoles`).waitFor();
    assert.equal(await rows.count(), 10);
    await page.keyboard.press('Escape');
    await page.getByText(`${CONSOLES} consoles`, { exact: true }).waitFor();
  });

  await t.test('a change draws its row, and no other', async () => {
    const drawn = await drawnBy(page, () => change(3, { lastLine: 'another line' }), 'another line');
    assert.deepEqual(drawn, [nameOf(3)]);
  });

  await t.test('all of them are chosen, and no more rows are there for it', async () => {
    await page.keyboard.press('Control+a');
    await page.getByText(`${CONSOLES} selected`).waitFor();
    assert.ok((await rows.count()) < MOST_ROWS);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page
      .getByRole('dialog')
      .getByText(`and ${CONSOLES - 12} more`)
      .waitFor();
    await page.keyboard.press('Escape');
    const drawn = await drawnBy(page, () => change(4, { lastLine: 'a line meanwhile' }), 'a line meanwhile');
    assert.deepEqual(drawn, [nameOf(4)]);
    await page.getByRole('button', { name: 'Clear selection' }).click();
    await page.getByText(`${CONSOLES} selected`).waitFor({ state: 'detached' });
  });

  await t.test('some of them are restarted, a few at once, and left', async () => {
    const asked: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && asked.push(request.url()));
    await page.keyboard.press('Control+a');
    await page.getByRole('button', { name: 'Restart', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click();
    const came = page.getByRole('region', { name: 'Progress' });
    await came.getByText(/^[1-9]\d* done/).waitFor();
    await came.getByRole('button', { name: 'Cancel the rest' }).click();
    await came.getByText(/^\d+ done, \d+ cancelled$/).waitFor();
    assert.ok((await came.getByRole('listitem').count()) <= 101);
    assert.ok(asked.length < CONSOLES, `${asked.length} asked`);
    await came.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Clear selection' }).click();
    assert.equal(await page.locator('.row a:focus').textContent(), nameOf(0), 'the keyboard is in the list again');
    await page.locator('.host').click();
  });

  await t.test('one that fails far below is on top', async () => {
    change(7654, { state: 'failed', lastLine: 'no more' });
    await page.getByText('no more').waitFor();
    // The keyboard is where it was, though all that is above it has moved.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.locator('.row a:focus').textContent(), nameOf(1));
    assert.equal(await rows.first().locator('.name a').textContent(), nameOf(7654));
    assert.equal(await page.title(), '1 failing - Holdfast');
  });

  await t.test('tabs of one browser have one connection, which ends with the last', async () => {
    assert.equal(host.watchers, 1);
    const second = await page.context().newPage();
    await second.goto(url);
    await second.getByText('no more').waitFor();
    assert.equal(host.watchers, 1);
    await page.close();
    change(7654, { lastLine: 'still no more' });
    await second.getByText('still no more').waitFor();
    await second.close();
    await until('the end of the feed', () => host.watchers === 0);
  });

  const small = await smallSite(t, open);
  await feedInTrouble(t, small);
  await waysIn(t, small);
  await keyboardWalk(t, small);
  await poisonedTexts(t, small);
  await hostilePages(t, await smallSite(t, open));
});
