/** Attacks on the browser of a logged-in user: by pages of other hosts, and by text that the page shows. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../harness/until.ts';
import type { SmallSite } from './small-site.ts';

/** Of another name, and of another port of ours: to such a one a browser sends our cookie along. */
const STRANGERS = ['http://evil.test', 'http://127.0.0.1:8099'];

/** Tries all there is against `url` from `page`; says what was had. */
function tryAll(page: Page, url: string): Promise<readonly string[]> {
  return page.evaluate(async (ours) => {
    const had: string[] = [];
    // Of the browser; this file is checked as one of Node.
    type Element = { onload: () => void; onerror: () => void; src: string; remove(): void };
    const { document } = globalThis as unknown as {
      document: { createElement(name: string): Element; body: { append(element: Element): void } };
    };
    const sees = async (what: string, path: string, options: RequestInit) => {
      try {
        const { status, type } = await fetch(`${ours}${path}`, { credentials: 'include', ...options });
        had.push(`${what}: ${type} ${status}`);
      } catch {
        // Nothing was had.
      }
    };
    const post = { method: 'POST' };
    await sees('the list', '/v1/consoles', {});
    await sees('who', '/login/who', {});
    await sees('the page', '/', {});
    await sees('a restart', '/v1/consoles/vac/restart', post);
    await sees('a restart as JSON', '/v1/consoles/vac/restart', {
      ...{ ...post, body: '{}' },
      headers: { 'content-type': 'application/json' },
    });
    // Its answer is not to be had; that it was done is seen at the server.
    await fetch(`${ours}/v1/consoles/vac/stop`, { ...post, mode: 'no-cors', credentials: 'include' }).catch(() => '');
    await fetch(`${ours}/logout`, { ...post, mode: 'no-cors', credentials: 'include' }).catch(() => '');
    for (const [path, protocol] of [
      ['/v1/watch', 'holdfast.watch.v1'],
      ['/v1/consoles/vac/attach?write=1', 'holdfast.attach.v2'],
    ] as const) {
      const socket = new WebSocket(`${ours.replace('http', 'ws')}${path}`, [protocol]);
      await new Promise((resolve) => {
        socket.onclose = resolve;
        socket.onopen = () => {
          had.push(`a socket at ${path}`);
          resolve('');
        };
      });
    }
    for (const name of ['script', 'img']) {
      for (const path of ['/', '/v1/consoles', '/login']) {
        const element = document.createElement(name);
        const loaded = await new Promise<boolean>((resolve) => {
          element.onload = () => resolve(true);
          element.onerror = () => resolve(false);
          element.src = `${ours}${path}`;
          document.body.append(element);
        });
        if (loaded) {
          had.push(`${name} ${path}`);
        }
      }
    }
    // Their contents are visible from outside.
    for (const path of ['/', '/v1/consoles', '/login']) {
      document.body.append(Object.assign(document.createElement('iframe'), { src: `${ours}${path}` }));
    }
    return had;
  }, url);
}

export async function hostilePages(t: TestContext, { host, login, open, url }: SmallSite): Promise<void> {
  const context = await open();
  const page = await context.newPage();
  await page.goto(login);
  await page.getByRole('table', { name: 'Consoles' }).waitFor();
  await until('its feed', () => host.watchers === 1);

  for (const stranger of STRANGERS) {
    await t.test(`a page of ${stranger} gets nothing, and nothing done`, async () => {
      const evil = await context.newPage();
      await evil.route(`${stranger}/`, (route) =>
        route.fulfill({
          contentType: 'text/html',
          body: `<form method="post" action="${url}/v1/consoles/vac/start"><button>x</button></form>`,
        }),
      );
      await evil.goto(`${stranger}/`);
      const answers: string[] = [];
      evil.on('response', (response) => {
        answers.push(`${response.request().resourceType()} ${response.url().slice(url.length)} ${response.status()}`);
      });
      assert.deepEqual(await tryAll(evil, url), []);
      await until('frames without ours', () => {
        const isRefused = answers.includes('document /v1/consoles 403');
        return isRefused && evil.frames().filter((frame) => frame.url().startsWith('chrome-error:')).length === 2;
      });
      // They have come as far as us.
      for (const path of ['/v1/consoles/vac/stop', '/logout']) {
        assert.ok(answers.includes(`fetch ${path} 403`), `${path}: ${answers}`);
      }
      const forged = evil.waitForResponse((response) => response.url().endsWith('/start'));
      await evil.getByRole('button').click();
      assert.equal((await forged).status(), 403);
      await evil.waitForLoadState();
      assert.deepEqual([host.calls, host.watchers], [[], 1]);
    });
  }

  await t.test('a page of ours does all of it', async () => {
    const had = await tryAll(page, url);
    assert.deepEqual(had.slice(0, 3), ['the list: basic 200', 'who: basic 200', 'the page: basic 200']);
    assert.deepEqual(
      host.calls.map(({ verb }) => verb),
      ['restart', 'restart', 'stop'],
    );
  });
  await context.close();
}

/** Markup, characters that turn the direction of a text, and what may end an attribute. */
const POISON = `"><img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>'\u202e{{7*7}}`;

export async function poisonedTexts(t: TestContext, { host, login, open, url }: SmallSite): Promise<void> {
  await t.test('whatever a console is called, says, or is held for, is text', async () => {
    const held = { by: POISON, reason: POISON, since: '2026-11-30T06:55:00Z' };
    host.add('held', { description: POISON, groups: [POISON], labels: { [POISON]: POISON }, hold: held });
    const labels = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`serial-${at}`, 'x']));
    host.add('says', { description: POISON, lastLine: POISON, labels });
    host.emit({ type: 'note', console: 'held', text: 'it is there' });
    host.emit({ type: 'note', console: 'says', text: 'it is there' });
    const context = await open();
    const page = await context.newPage();
    await page.goto(login);
    await page.getByText(POISON, { exact: true }).first().waitFor();
    await page.getByText(`held by ${POISON}: ${POISON}`, { exact: true }).waitFor();
    await page.getByText('and 41 more').waitFor();
    const chip = page.getByRole('button', { name: `1 ${POISON}`, exact: true });
    await chip.click();
    await page.getByText('1 of 3 consoles').waitFor();
    await page.reload();
    await page.getByText('1 of 3 consoles').waitFor();
    await page.goto(`${url}/#console/${encodeURIComponent(POISON)}`);
    // The bar says it, and the session.
    await page.getByText(`There is no console ${POISON}`).first().waitFor();
    const bad = await page.locator('img, script:not([src]), [onerror]').count();
    assert.equal(bad + (await page.evaluate(() => ('hit' in globalThis ? 1 : 0))), 0);
    await context.close();
    host.consoles.delete('held');
    host.consoles.delete('says');
  });
}
