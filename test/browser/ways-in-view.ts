/**
 * The ways to log in that lead to the page, at a host in memory with passwords of the test: what the form sends is sent to a real PAM in
 * test/system/login.test.ts. The single sign-on is in test/system/oidc.test.ts, with a provider.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { LOOK_KEY } from '../../src/model/page-look.ts';
import { pathProxy } from '../harness/path-proxy.ts';
import { until } from '../harness/until.ts';
import { type SmallSite, USER_HEADER } from './small-site.ts';

const DAY_MS = 86_400_000;

export async function waysIn(t: TestContext, { host, open, login, url }: SmallSite): Promise<void> {
  await t.test('by a password: told when it is wrong, then where one was going', async () => {
    const page = await (await open()).newPage();
    await page.goto(`${url}/#?q=vac`);
    await page.getByLabel('User').waitFor();
    // Its colours are those that were chosen on the page.
    await page.evaluate(`localStorage.setItem('${LOOK_KEY}', 'dark')`);
    await page.reload();
    assert.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark');
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
    const context = await open();
    // As one that keeps nothing, neither cookies nor anything else.
    await context.addInitScript(() => {
      const forbidden = (): never => {
        throw new Error('not allowed');
      };
      Object.defineProperty(globalThis, 'SharedWorker', { value: forbidden });
      Object.defineProperty(globalThis, 'localStorage', { get: forbidden });
    });
    const page = await context.newPage();
    // Its clock is a day ahead, and the server does not answer at first.
    await page.clock.install({ time: Date.now() + DAY_MS });
    const since = new Date(Date.now() - 3.02 * DAY_MS).toISOString();
    Object.assign(host.consoles.get('vac')?.overrides ?? {}, { since });
    await page.route('**/login/who', (route) => route.abort(), { times: 1 });
    await page.goto(`${behind}/`);
    await page.getByText('The server does not answer.').waitFor();
    await page.getByRole('link', { name: 'vac' }).waitFor();
    assert.equal(await page.locator('.who span').textContent(), 'petra');
    assert.equal(await page.locator('.row .since').textContent(), '3d');
    await page.getByRole('link', { name: 'vac' }).click();
    await page.getByText('Nobody has the keyboard').waitFor();
    await page.context().close();
  });

  await t.test('a browser that would not keep a login is told before', async () => {
    const context = await open();
    await context.addInitScript(() => Object.defineProperty(navigator, 'cookieEnabled', { value: false }));
    const page = await context.newPage();
    await page.goto(`${url}/login`);
    await page.getByText('it takes https, and cookies').waitFor();
    await context.close();
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

const MOST_TABS = 60;

/** Goes on with `Tab` until what has the focus says this. */
async function tabTo(page: Page, text: string): Promise<void> {
  const focus = page.locator(':focus');
  for (let tabs = 0; tabs < MOST_TABS; tabs++) {
    await page.keyboard.press('Tab');
    if ((await focus.count()) > 0 && (await focus.textContent()) === text) {
      return;
    }
  }
  assert.fail(`${MOST_TABS} times Tab do not lead to ${text}`);
}

/** At a host in memory; by the keyboard at a real one: test/browser/page.test.ts. */
export async function keyboardWalk(t: TestContext, { host, open, url }: SmallSite): Promise<void> {
  await t.test('by the keyboard alone: from the login to a restart, and back', async () => {
    const page = await (await open()).newPage();
    await page.goto(`${url}/`);
    await page.getByLabel('User').and(page.locator(':focus')).waitFor();
    await page.keyboard.type('vera');
    await page.keyboard.press('Tab');
    await page.keyboard.type('right');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'vac' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('vac');
    await tabTo(page, 'vac');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'vac' }).waitFor();
    await page.getByRole('button', { name: 'Restart', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Take the keyboard' }).waitFor();

    await tabTo(page, 'Restart');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await page.locator(':focus').textContent(), 'Restart');
    assert.ok(host.calls.every(({ verb }) => verb !== 'restart'));
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    // It begins at what does nothing.
    assert.equal(await page.locator(':focus').textContent(), 'Cancel');
    await tabTo(page, 'Restart');
    await page.keyboard.press('Enter');
    await until('the restart', () => host.calls.some(({ verb }) => verb === 'restart'));

    await tabTo(page, 'All consoles');
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: 'Consoles' }).waitFor();
    const list = `${url}/#?q=vac`;
    assert.equal(page.url(), list);
    // As the buttons of the browser do it.
    await page.goBack();
    await page.getByRole('heading', { name: 'vac' }).waitFor();
    await page.goBack();
    await page.getByRole('searchbox').waitFor();
    assert.deepEqual([page.url(), await page.getByRole('searchbox').inputValue()], [list, 'vac']);
    await page.goForward();
    await page.getByRole('heading', { name: 'vac' }).waitFor();
    await page.context().close();
  });
}
