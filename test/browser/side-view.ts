// Several consoles side by side: a layout that is a link, seen and typed into, by the keyboard, on a phone.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import type { PageSite } from '../harness/page-site.ts';
import { accessibility, accessibleInLightAndDark, openConsole, PHONE } from '../harness/page-steps.ts';

const one = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const screenOf = (page: Page, name: string) => one(page, name).locator('.xterm-rows');

export async function sideView(t: TestContext, { as, leave, url }: PageSite): Promise<void> {
  const page = await as('vera');

  await t.test('one console is put beside another, typed into, and both are seen', async () => {
    await openConsole(page, 'vac-01');
    await page.getByRole('link', { name: 'Open side by side' }).click();
    await one(page, 'vac-01').getByRole('button', { name: 'Take the keyboard' }).waitFor();
    const add = page.getByRole('combobox', { name: 'Add a console' });
    await add.fill('rf-01');
    await add.press('Enter');
    await screenOf(page, 'rf-01')
      .getByText(/count \d/)
      .first()
      .waitFor();
    assert.equal(new URL(page.url()).hash, '#side?console=vac-01&console=rf-01');
    await one(page, 'vac-01').getByRole('button', { name: 'Take the keyboard' }).click();
    await one(page, 'vac-01').getByText('You have the keyboard').waitFor();
    await page.keyboard.type('beside\r');
    await screenOf(page, 'vac-01').getByText('got beside').waitFor();
    await one(page, 'rf-01').getByRole('button', { name: 'Take the keyboard' }).waitFor();
  });

  await t.test('the keyboard leaves a terminal, and goes to the next one and into it', async () => {
    const focused = () =>
      page.evaluate(() => {
        type Element = { className: string; closest(selector: string): { getAttribute(name: string): string } | null };
        const { activeElement } = (globalThis as unknown as { document: { activeElement: Element } }).document;
        return [activeElement.closest('.one')?.getAttribute('aria-label'), activeElement.className.split(' ')[0]];
      });
    await page.keyboard.press('Control+]');
    assert.deepEqual(await focused(), ['vac-01', 'one']);
    await page.keyboard.press('ArrowRight');
    assert.deepEqual(await focused(), ['rf-01', 'one']);
    await page.keyboard.press('Enter');
    assert.deepEqual(await focused(), ['rf-01', 'xterm-helper-textarea']);
    await page.keyboard.press('Control+]');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.keyboard.type('again\r');
    await screenOf(page, 'vac-01').getByText('got again').waitFor();
  });

  await t.test('the address is the layout: large and back, closed, and after a reload', async () => {
    await page.getByRole('button', { name: 'Enlarge rf-01' }).click();
    await one(page, 'vac-01').waitFor({ state: 'hidden' });
    await page.reload();
    await screenOf(page, 'rf-01')
      .getByText(/count \d/)
      .first()
      .waitFor();
    assert.equal(await one(page, 'vac-01').isVisible(), false);
    await page.getByRole('button', { name: 'Show all' }).click();
    await screenOf(page, 'vac-01').getByText('got again').waitFor();
    await page.getByRole('button', { name: 'Close rf-01' }).click();
    await one(page, 'rf-01').waitFor({ state: 'detached' });
    await page.goBack();
    await one(page, 'rf-01').waitFor();
    await page.getByRole('link', { name: 'Their logs' }).click();
    await page.locator('.found .line').first().waitFor();
    assert.equal(new URL(page.url()).hash, '#log?console=vac-01&console=rf-01');
  });

  await t.test('what is chosen in the list is put side by side', async () => {
    await page.getByRole('link', { name: 'Consoles', exact: true }).click();
    for (const name of ['vac-01', 'rf-01']) {
      await page.getByRole('checkbox', { name: `Select ${name}` }).click();
    }
    const chosen = page.getByRole('region', { name: 'Selected consoles' });
    await chosen.getByRole('link', { name: 'Their logs' }).waitFor();
    await chosen.getByRole('link', { name: 'Side by side' }).click();
    await one(page, 'vac-01').waitFor();
    await one(page, 'rf-01').waitFor();
    assert.equal(await page.locator('.one').count(), 2);
  });

  await t.test('everybody can use them: light and dark, desk and phone', async () => {
    const names = ['vac-01', 'rf-01', 'nowhere', ...Array.from({ length: 8 }, (_, at) => `none-${at}`)];
    const phone = await as('vera', PHONE);
    for (const view of [page, phone]) {
      await view.goto(`${url}/#side?${names.map((name) => `console=${name}`).join('&')}`);
      await one(view, 'vac-01').getByRole('button', { name: 'Take the keyboard' }).waitFor();
      await one(view, 'nowhere').getByText('There is no console nowhere').waitFor();
      await view.getByText('Not shown, as there is room for 9: none-6, none-7.').waitFor();
      assert.deepEqual(await (view === page ? accessibleInLightAndDark(view) : accessibility(view)), []);
      assert.equal(await view.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
      await leave(view);
    }
  });
}
