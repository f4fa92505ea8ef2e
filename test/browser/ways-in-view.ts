/** The ways to log in that lead to the page; the single sign-on is in test/system/oidc.test.ts, with a provider. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { pathProxy } from '../harness/path-proxy.ts';
import { type SmallSite, USER_HEADER } from './small-site.ts';

export async function waysIn(t: TestContext, { open, login, url }: SmallSite): Promise<void> {
  await t.test('by a password: told when it is wrong, then where one was going', async () => {
    const page = await (await open()).newPage();
    await page.goto(`${url}/#?q=vac`);
    const enter = async (password: string) => {
      await page.getByLabel('User').fill('vera');
      await page.getByLabel('Password').fill(password);
      await page.keyboard.press('Enter');
    };
    await enter('wrong');
    await page.getByRole('alert').waitFor();
    await enter('right');
    await page.getByRole('link', { name: 'vac' }).waitFor();
    assert.equal(page.url(), `${url}/#?q=vac`);
    assert.equal(await page.locator('.who span').textContent(), 'vera');

    // Somebody else logs in in another tab: this page is theirs, whatever it showed.
    const other = await page.context().newPage();
    await other.goto(`${url}/login`);
    await other.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('You are logged out.').waitFor();
    await other.goto(`${url}/login`);
    await other.getByLabel('User').fill('otto');
    await other.getByLabel('Password').fill('right');
    await other.keyboard.press('Enter');
    await other.getByText('You are otto').waitFor();
    await page.bringToFront();
    await page.evaluate(() => (globalThis as unknown as EventTarget).dispatchEvent(new Event('visibilitychange')));
    await page.locator('.who', { hasText: 'otto' }).waitFor();
    await page.context().close();
  });

  await t.test('by the word of a proxy: no page to log in', async () => {
    const behind = await pathProxy(t, url, '/holdfast', { [USER_HEADER]: 'petra' });
    const page = await (await open()).newPage();
    await page.goto(`${behind}/`);
    await page.getByRole('link', { name: 'vac' }).waitFor();
    assert.equal(await page.locator('.who span').textContent(), 'petra');
    await page.getByRole('link', { name: 'vac' }).click();
    await page.getByText('Nobody has the keyboard').waitFor();
    await page.context().close();
  });

  await t.test('a link does not lead to where somebody else wants', async () => {
    const page = await (await open()).newPage();
    await page.goto(login);
    await page.getByRole('link', { name: 'vac' }).waitFor();
    for (const to of ['//evil.test/', '/\\evil.test', 'https://evil.test/', 'javascript:alert(1)', '/\t/evil.test']) {
      await page.goto(`${url}/login?to=${encodeURIComponent(to)}`);
      assert.equal(new URL(page.url()).origin, url);
      await page.getByText('You are vera').waitFor();
    }
    await page.context().close();
  });
}
