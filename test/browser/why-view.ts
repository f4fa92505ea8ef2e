/** Why a console is or was down. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { PageSite } from '../harness/page-site.ts';
import { accessibility, accessibleInLightAndDark, PHONE, row } from '../harness/page-steps.ts';

/** `vac-02` ends for good when it ends, `vac-01` is up; `vera` may read both. */
export async function whyView(t: TestContext, site: PageSite): Promise<void> {
  const { host, url } = site;
  const page = await site.as('vera');
  const figure = (name: string) => page.getByRole('img', { name: `${name} over time` });
  /** By somebody else: nobody has asked the server for it. */
  const killed = async (signal: NodeJS.Signals): Promise<void> => {
    if ((await host.client.detail('vac-02')).state !== 'running') {
      await host.client.start('vac-02', 'to see it end');
    }
    await host.state('vac-02', 'running');
    const { pid } = await host.client.detail('vac-02');
    assert.ok(pid);
    process.kill(pid, signal);
    await host.state('vac-02', 'failed');
  };

  await t.test('the reason in a row that fails leads to why, and a new end appears by itself', async () => {
    await killed('SIGABRT');
    await row(page, 'vac-02').locator('.last').getByRole('link').click();
    await page.waitForURL(`${url}/#why/vac-02`);
    const sentence = page.locator('.sentence');
    await sentence.getByText('killed by SIGABRT').waitFor();
    assert.match((await sentence.textContent()) ?? '', /^It ended with an error, and its restart policy is not to try/);
    const newest = page.locator('.end').first();
    assert.match((await newest.textContent()) ?? '', /killed by SIGABRT.*pid \d+, up .* ago/);
    await newest.getByRole('region', { name: /^Last lines before / }).waitFor();
    await killed('SIGKILL');
    await sentence.getByText('killed by SIGKILL').waitFor();
    await newest.getByText('killed by SIGKILL').waitFor();
    await page.getByText('to see it end').first().waitFor();
    assert.match((await page.locator('.end').nth(1).textContent()) ?? '', /SIGABRT/);
  });

  await t.test('ends are drawn, and in a table', async () => {
    await figure('Ends').locator('canvas').waitFor();
    // Bars in the colour of what is bad.
    await page.waitForFunction(inked('--bad'));
    assert.equal(await page.evaluate(inked('--off')), 0, 'nobody asked for any');
    await page.emulateMedia({ colorScheme: 'dark' });
    // A canvas does not follow the style by itself.
    await page.waitForFunction(inked('--bad'));
    await page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' });
    const forced = `getComputedStyle(document.querySelector('.plot')).getPropertyValue('--bad')`;
    assert.equal(await page.evaluate(forced), 'CanvasText', 'colours of the system');
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
    await page.getByText('As a table').click();
    const cells = await page.locator('.figures tbody tr').first().locator('td').allTextContents();
    assert.ok(Number(cells[0]) >= 2, `${cells}`);
    await page.getByRole('button', { name: 'Last hour' }).click();
    assert.equal(await page.getByRole('button', { name: 'Last hour' }).getAttribute('aria-pressed'), 'true');
  });

  await t.test('the log around the end is there, and leads to the log view', async () => {
    const around = page.locator('section.log');
    await around.locator('pre').waitFor();
    assert.match((await around.locator('pre').textContent()) ?? '', />/);
    await around.getByRole('link', { name: 'Open in the log view' }).click();
    await page.waitForURL(/#log\?/);
    const query = new URL(page.url()).hash.replace('#log?', '');
    assert.deepEqual([...new URLSearchParams(query).keys()], ['console', 'since', 'until']);
    await page.goBack();
    await page.getByRole('link', { name: 'Open in the history' }).click();
    await page.waitForURL(`${url}/#history?console=vac-02`);
    await page.goBack();
    await page.locator('.sentence').waitFor();
  });

  await t.test('what runs has memory; what cannot be asked is said, and asked again', async () => {
    await page.goto(`${url}/#console/vac-01`);
    await page.getByRole('navigation', { name: 'Views of this console' }).getByRole('link', { name: 'Why' }).click();
    await page.getByText('It is up').waitFor();
    // By `recordsView`.
    await page
      .locator('.happened li', { hasText: 'configuration applied: change' })
      .getByText('carla')
      .first()
      .waitFor();
    await figure('Memory').locator('canvas').waitFor();
    await page.getByText('As a table').click();
    await page.locator('.figures td').getByText('MiB').first().waitFor();
    const path = '**/v1/consoles/vac-02';
    await page.route(path, (route) => route.abort());
    await page.goto(`${url}/#why/vac-02`);
    await page.getByRole('alert').getByText('This could not be loaded').waitFor();
    await page.unroute(path);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.sentence').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
  });

  await t.test('it is legible to everybody, and fits on a phone', async () => {
    const phone = await site.as('vera', PHONE);
    await phone.goto(`${url}/#why/vac-02`);
    for (const [where, shown] of [
      ['desk', page],
      ['phone', phone],
    ] as const) {
      await shown.locator('section.log pre').waitFor();
      await shown.locator('.plot canvas').first().waitFor();
      assert.deepEqual(
        await (shown === page ? accessibleInLightAndDark(shown) : accessibility(shown)),
        [],
        `why, ${where}`,
      );
    }
    const wider = await phone.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    assert.ok(wider <= 0, `${wider} pixels wider than the phone`);
    await phone.context().close();
  });
  await page.context().close();
}

/** A script: how many pixels of the first plot have this colour of the page. */
const inked = (colour: string): string => `(() => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'var(${colour})';
  const wanted = getComputedStyle(probe).color.match(/\\d+/g).slice(0, 3).map(Number);
  probe.remove();
  const canvas = document.querySelector('.plot canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    count += wanted.every((part, each) => data[at + each] === part) && data[at + 3] === 255 ? 1 : 0;
  }
  return count;
})()`;
