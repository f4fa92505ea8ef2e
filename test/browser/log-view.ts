// The view of logs: rotated files, several consoles on one axis of time, by the keyboard, on a phone.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import type { PageSite } from '../harness/page-site.ts';
import { accessibility, accessibleInLightAndDark, openConsole, PHONE } from '../harness/page-steps.ts';
import { until } from '../harness/until.ts';

const BEGIN = Date.UTC(2026, 10, 21, 10);
/** More than are shown at a time. */
const LINES = 1500;

const stamped = (at: number, text: string) => `${new Date(BEGIN + at).toISOString()} ${text}\n`;
const lines = (page: Page) => page.locator('.found .line');
const texts = (page: Page) => page.locator('.found .text').allTextContents();
const done = (page: Page) => page.locator('.found[aria-busy=false]').waitFor();

/** `vac-01` and `vac-02` have a stamp at each line, `rf-01` has none. */
export async function logView(t: TestContext, { as, host, leave, url }: PageSite): Promise<void> {
  const rotated = (name: string, suffix: string, content: string | Buffer) =>
    writeFileSync(join(host.logDir, `${name}.log${suffix}`), content);
  const many = Array.from({ length: LINES }, (_, at) => stamped(at * 1000, `pressure ${at}`));
  rotated('vac-01', '.1', many.join(''));
  const packed = [
    stamped(100_500, 'interlock OPEN at the gate valve'),
    'no stamp, so it stays with its line\n',
    stamped(103_500, 'interlock closed'),
  ];
  rotated('vac-02', '.1.gz', gzipSync(packed.join('')));
  const page = await as('vera');
  const range = new URLSearchParams({
    since: new Date(BEGIN).toISOString(),
    until: new Date(BEGIN + LINES * 1000).toISOString(),
  });

  await t.test('a console leads to its log, and text to a line of a packed file', async () => {
    await openConsole(page, 'vac-02');
    const held = Promise.withResolvers<void>();
    await page.route(/\/log-view-/, async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.getByRole('link', { name: 'Log', exact: true }).click();
    await page.locator('main.console').waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('main').count(), 1, 'also while it is loaded');
    held.resolve();
    await page.getByRole('heading', { name: 'Logs' }).waitFor();
    assert.equal(new URL(page.url()).hash, '#log?console=vac-02');
    assert.match(await page.title(), /Logs - Holdfast$/);
    await page.getByRole('searchbox', { name: 'Text' }).fill('OPEN at');
    await page.keyboard.press('Enter');
    const mark = page.locator('.found mark');
    await mark.waitFor();
    assert.equal(await mark.textContent(), 'OPEN at');
    assert.deepEqual(await texts(page), ['interlock OPEN at the gate valve']);
    await page.getByRole('button', { name: 'Match case' }).click();
    await page.getByRole('searchbox', { name: 'Text' }).fill('open at');
    await page.keyboard.press('Enter');
    await page.getByText('No matching lines.').waitFor();
    await page.goBack();
    await mark.waitFor();
    await page.getByRole('button', { name: 'Match case' }).click();
    await page.getByRole('button', { name: 'Regular expression' }).click();
    await page.getByRole('searchbox', { name: 'Text' }).fill('(');
    await page.keyboard.press('Enter');
    await page.getByText('This is not a regular expression').waitFor();
  });

  await t.test('a line leads to those around it, of all chosen consoles in the order of their times', async () => {
    await page.goto(`${url}/#log?console=vac-02&q=gate&${range}`);
    await page.locator('.found mark').waitFor();
    const add = page.getByRole('combobox', { name: 'Add a console' });
    await add.fill('nowhere');
    await add.press('Enter');
    await page.getByText('There is no console nowhere').waitFor();
    await add.fill('vac-01');
    await add.press('Enter');
    await page.getByRole('button', { name: 'Remove vac-01' }).waitFor();
    await page.getByTitle(/^Show the lines around this one of vac-02/).click();
    await page.locator('.line.meant').getByText('gate valve').waitFor();
    const around = await texts(page);
    const at = around.findIndex((text) => text.includes('gate valve'));
    assert.deepEqual(around.slice(at - 1, at + 6), [
      'pressure 100',
      'interlock OPEN at the gate valve',
      'no stamp, so it stays with its line',
      'pressure 101',
      'pressure 102',
      'pressure 103',
      'interlock closed',
    ]);
    assert.ok(await page.locator('.line.meant').first().isVisible());
    await page.goBack();
    await page.getByText('1 line', { exact: true }).waitFor();
  });

  await t.test('one pages through more lines than are ever shown', async () => {
    await page.goto(`${url}/#log?console=vac-01&${range}`);
    const [earlier, later] = ['Earlier', 'Later'].map((name) => page.getByRole('button', { name, exact: true }));
    assert.ok(earlier && later);
    const last = page.getByText(`pressure ${LINES - 1}`, { exact: true });
    await last.waitFor();
    assert.ok(await last.isVisible());
    for (const first of [1200, 900, 600, 300, 0]) {
      assert.equal((await texts(page))[0], `pressure ${first}`);
      if (first > 0) {
        await earlier.click();
        await page.getByText(`pressure ${first - 300}`, { exact: true }).waitFor();
        await done(page);
      }
    }
    assert.equal(await lines(page).count(), 900);
    assert.equal(await earlier.isDisabled(), true);
    await later.click();
    await page.getByText('pressure 1199', { exact: true }).waitFor();
    assert.deepEqual(
      await texts(page),
      Array.from({ length: 900 }, (_, at) => `pressure ${300 + at}`),
    );
  });

  await t.test('a log without times says so; what is newest is looked for again', async () => {
    await page.goto(`${url}/#log?console=rf-01`);
    await page.getByText(/^The first lines, of rf-01, have no time/).waitFor();
    const newest = async () => Number((await page.locator('.found .text').last().textContent())?.replace(/\D/g, ''));
    for (const name of ['Refresh', 'Search']) {
      const before = await newest();
      assert.ok(before > 0);
      await host.said('rf-01', new RegExp(`^count ${before + 1}$`, 'm'));
      await page.getByRole('button', { name }).click();
      await until(`newer lines by ${name}`, async () => (await newest()) > before);
    }
    await page.getByRole('button', { name: 'Last shift (8 h)' }).click();
    assert.equal(new URL(page.url()).hash, '#log?console=rf-01&last=8h');
    await done(page);
  });

  await t.test('logs can be used by everybody: light and dark, desk and phone', async () => {
    const [since, until] = [98_000, 105_000].map((at) => new Date(BEGIN + at).toISOString());
    const near = `since=${since}&until=${until}`;
    await page.goto(`${url}/#log?console=vac-01&console=vac-02&q=interlock&context=3&${near}`);
    const phone = await as('vera', PHONE);
    await phone.goto(page.url());
    for (const view of [page, phone]) {
      await view.locator('.found mark').first().waitFor();
      assert.deepEqual(await (view === page ? accessibleInLightAndDark(view) : accessibility(view)), []);
      assert.equal(await view.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    }
    await page.locator('.found').focus();
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.locator('.line.meant').first().waitFor();
    assert.equal(await lines(page).count(), 11);
    assert.deepEqual(await accessibility(page), [], 'around a line');
    await page.getByRole('link', { name: 'Back to the results' }).click();
    await page.getByText('3 lines', { exact: true }).waitFor();
    await leave(page);
    await leave(phone);
  });
}
