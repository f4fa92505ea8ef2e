/** Acts on consoles: who may, who may not and is told why; on one and on many; by the keyboard alone. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import type { PageSite } from '../harness/page-site.ts';
import { accessibility, accessibleInLightAndDark, PHONE, row, takeKeyboard } from '../harness/page-steps.ts';

/** For the configuration of the site, which has vac-01, rf-01 and rf-02 (held). */
export const ACTS_RULES = `
[[access.rule]]
label = "vacuum operators"
who = ["oskar"]
on = ["vac-*"]
may = ["operate"]
reason = "required"
[[access.rule]]
who = ["oskar", "victor"]
may = ["read"]
`;

const act = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Actions' }).getByRole('button', { name, exact: true });
const question = (page: Page) => page.getByRole('dialog');

export async function actsView(t: TestContext, { as, host, leave }: PageSite): Promise<void> {
  const oskar = await as('oskar');

  await t.test('an operator restarts a console with a reason, and cannot type into it', async () => {
    const page = oskar;
    await row(page, 'vac-01').getByRole('link', { name: 'vac-01', exact: true }).click();
    await act(page, 'Restart').click();
    await question(page).getByText('Restart vac-01?').waitFor();
    // It is asked for once this person's rights are known.
    await page.getByLabel('Reason').waitFor();
    await question(page).getByRole('button', { name: 'Restart' }).click();
    assert.equal(await question(page).isVisible(), true, 'not without a reason');
    await page.getByLabel('Reason').fill('gauge 3 is stuck');
    const restarted = host.event('the restart', ({ by, to }) => to === 'stopping' && by?.user === 'oskar');
    await question(page).getByRole('button', { name: 'Restart' }).click();
    await page.getByText('Restart: done').waitFor();
    assert.equal((await restarted).by?.reason, 'gauge 3 is stuck');
    assert.equal(await page.getByRole('button', { name: 'Take the keyboard' }).isDisabled(), true);
    await page.goBack();
  });

  const victor = await as('victor');
  const victorsPhone = await as('victor', PHONE);

  await t.test('who may only watch sees the acts grey, and why in the words of the server', async () => {
    for (const page of [victor, victorsPhone]) {
      await row(page, 'vac-01').getByRole('link', { name: 'vac-01', exact: true }).click();
      const words =
        /^victor may not restart vac-01: it takes the right `restart`, which is given to vera, otto .*; ask controls, 4711$/;
      await page.locator('.acts').getByTitle(words).waitFor();
      for (const name of ['Start', 'Stop', 'Restart', 'Hold', 'Release']) {
        assert.equal(await act(page, name).isDisabled(), true, name);
      }
      await act(page, 'Restart').focus();
      await page.keyboard.press('Enter');
      await page.getByRole('status').getByText(words).waitFor();
      assert.equal(await question(page).count(), 0);
      assert.deepEqual(await accessibility(page), []);
      await page.goBack();
    }
  });

  await t.test('by the keyboard alone: some are chosen and restarted, of which one is refused', async () => {
    const page = oskar;
    await row(page, 'vac-01').getByRole('checkbox').waitFor();
    // vac-02 (failed), rf-02 (held), rf-01, vac-01, flood (stopped).
    for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'Shift+ArrowDown', 'm']) {
      await page.keyboard.press(key);
    }
    await page.getByText('2 selected').waitFor();
    assert.equal(await page.locator(':focus').textContent(), 'Start');
    for (const key of ['Tab', 'Tab', 'Enter']) {
      await page.keyboard.press(key);
    }
    await question(page).getByText('Restart 2 consoles (rf-01, vac-01)?').waitFor();
    await question(page).getByText('Will be refused, as you lack the right: rf-01.').waitFor();
    assert.deepEqual(await accessibility(page), []);
    await page.keyboard.type('after the power cut');
    await page.keyboard.press('Enter');
    const came = page.getByRole('region', { name: 'Progress' });
    await came.getByText('1 done, 1 refused').waitFor();
    const steps = await came.getByRole('listitem').allTextContents();
    assert.match(steps[0] ?? '', /^rf-01 refused: oskar may not restart rf-01: it takes the right `restart`/);
    assert.equal(steps[1], 'vac-01 done');
    await came.getByRole('button', { name: 'Select the 1 not done' }).click();
    await page.getByText('1 selected').waitFor();
    assert.deepEqual(await accessibleInLightAndDark(page), []);
    // It is there for somebody who comes back.
    await row(page, 'vac-01').getByRole('link', { name: 'vac-01', exact: true }).click();
    await act(page, 'Restart').waitFor();
    await page.goBack();
    await came.getByText('1 done, 1 refused').waitFor();
    await came.getByRole('button', { name: 'Close' }).click();
    await came.waitFor({ state: 'detached' });
    await page.locator('body').click({ position: { x: 300, y: 10 } });
    await page.keyboard.press('Escape');
    await page.getByText('1 selected').waitFor({ state: 'detached' });
    await page.context().close();
  });

  await t.test('boxes choose, with Shift a range, and all that are shown', async () => {
    const page = await as('vera', PHONE);
    const box = (name: string) => page.getByRole('checkbox', { name: `Select ${name}` });
    await box('rf-02').click();
    await box('vac-01').click({ modifiers: ['Shift'] });
    await page.getByText('3 selected').waitFor();
    await box('rf-01').click();
    await page.getByText('2 selected').waitFor();
    await page.getByRole('button', { name: /vacuum/ }).click();
    await page.getByText('2 selected, 1 of them not shown').waitFor();
    await page.getByRole('button', { name: 'Select all 2 shown' }).click();
    await page.getByText('3 selected, 1 of them not shown').waitFor();
    assert.deepEqual(await accessibility(page), []);
    await page.getByRole('button', { name: 'Clear selection' }).click();
    await page.getByText(/selected,/).waitFor({ state: 'detached' });
    await leave(page);
  });

  const vera = await as('vera');

  await t.test('a hold has a reason and an end, and is released', async () => {
    const page = vera;
    await row(page, 'vac-01').getByRole('link', { name: 'vac-01', exact: true }).click();
    await act(page, 'Hold').click();
    await page.getByLabel('Reason').fill('the card is swapped');
    await page.getByLabel('Until').selectOption('2 hours from now');
    const before = Date.now();
    await question(page).getByRole('button', { name: 'Hold' }).click();
    await page.getByText('Hold: done').waitFor();
    await page.getByText(/^Held by vera until .*: the card is swapped\.$/).waitFor();
    const { hold } = await host.client.detail('vac-01');
    const hours = (Date.parse(hold?.until ?? '') - before) / 3_600_000;
    assert.ok(hours > 1.9 && hours < 2.1, hold?.until);
    await act(page, 'Release').click();
    await page.getByText('Release: done').waitFor();
  });

  await t.test('who may type, and not by force, sees that before it is tried', async () => {
    const petra = await as('petra');
    await takeKeyboard(vera);
    await petra.getByRole('link', { name: 'vac-01' }).click();
    const force = petra.getByRole('button', { name: 'Take it by force' });
    await force.waitFor();
    await petra.getByText(/petra may not take the keyboard of vac-01 by force: it takes the right `force`/).waitFor();
    assert.equal(await force.isDisabled(), true);
    await petra.context().close();
    await leave(vera);
  });

  await t.test('what processes use is in the rows, and is not asked for where there is no room for it', async () => {
    await row(victor, 'vac-01')
      .getByText(/^\d+(\.\d)? [KM]iB$/)
      .waitFor();
    const asked: string[] = [];
    victorsPhone.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await victorsPhone.reload();
    await row(victorsPhone, 'vac-01').getByRole('checkbox').waitFor();
    assert.equal(await row(victorsPhone, 'vac-01').locator('.memory').isVisible(), false);
    assert.ok(asked.includes('/v1/access') && !asked.includes('/v1/resources'), asked.join());
    await victorsPhone.context().close();
    await leave(victor);
  });
}

/** `config`: of the site. */
export async function rightsThatChange(
  t: TestContext,
  { as, configure, host }: PageSite,
  config: string,
): Promise<void> {
  await t.test('rights that change are seen to have changed', async () => {
    const victor = await as('victor');
    await row(victor, 'vac-01').getByRole('link', { name: 'vac-01', exact: true }).click();
    await victor.getByTitle(/^victor may not restart vac-01: /).waitFor();
    const may = async (more: string) => {
      configure(config + more);
      await host.command('reload');
    };
    await may('[[access.rule]]\nwho = ["victor"]\non = ["vac-01"]\nmay = ["restart"]\n');
    await victor.locator('.acts button[aria-disabled="false"]').getByText('Restart').waitFor();
    assert.equal(await act(victor, 'Stop').isDisabled(), true);
    await may('');
    await victor.getByTitle(/^victor may not restart vac-01: /).waitFor();
    assert.equal(await victor.locator('.standing.live').isVisible(), true);
    await victor.context().close();
  });
}
