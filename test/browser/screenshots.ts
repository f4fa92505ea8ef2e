// `npm run screenshots`: the pictures of docs/guide/web.md, of a real server. Not a test: it is run by hand, and looked at.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { perl } from '../harness/host.ts';
import { pageSite } from '../harness/page-site.ts';

const ROOT = join(import.meta.dirname, '../..');
const IMAGES = join(ROOT, 'docs/guide/images');
const DESK = { viewport: { width: 1100, height: 560 } };
const PHONE = { viewport: { width: 390, height: 640 }, isMobile: true, hasTouch: true };

const quiet = (line: string) => perl(`$|=1; print "${line}\\nepics> "; while (<STDIN>) { print "epics> " }`);
const dies = (line: string, after: number) => perl(`$|=1; print "${line}\\n"; sleep ${after}; exit 3`);
const group = (name: string, count: number, line: (at: number) => string): string =>
  Array.from(
    { length: count },
    (_, at) => `[console.${name}-0${at + 1}]\n${quiet(line(at))}\ngroups = ["${name}"]\n`,
  ).join('');

const CONFIG = `
${group('vac', 6, (at) => `VAC-0${at + 1}:Pressure ${at + 1}.3e-08 mbar`)}
${group('rf', 4, (at) => `RF-0${at + 1}:Forward 4${at}.2 kW`)}
${group('mag', 4, (at) => `MAG-0${at + 1}:Current 12${at}.0 A`)}
[console.vac-07]
${dies('cannot open /dev/motor3: No such device', 0)}
groups = ["vac"]
restart = { policy = "always", holdoff = "100ms", limit = { count = 3, within = "60s" } }
[console.rf-05]
${dies('Assertion failed: ring->head >= ring->tail', 0)}
groups = ["rf"]
restart = { policy = "never" }
[console.diag-01]
tcp = "127.0.0.1:1"
groups = ["diag"]
[console.vac-pump]
run = ["${join(ROOT, 'examples/sim-ioc')}", "VAC-PUMP", "3"]
groups = ["vac"]
[[access.rule]]
who = ["everyone"]
may = ["force", "operate"]
`;

test('screenshots', async (t) => {
  mkdirSync(IMAGES, { recursive: true });
  const { as, host } = await pageSite(t, CONFIG);
  await host.client.hold('mag-03', 'swapping the HV card', Date.now() + 2 * 3_600_000);
  await host.state('vac-07', 'crash-looping');
  await host.state('rf-05', 'failed');
  const shot = (page: Page, name: string) => page.screenshot({ path: join(IMAGES, `${name}.png`) });
  for (const [looks, kinds] of [
    [DESK, ['light', 'dark']],
    [PHONE, ['phone']],
  ] as const) {
    const page = await as('vera', looks);
    for (const kind of kinds) {
      await page.emulateMedia({ colorScheme: kind === 'dark' ? 'dark' : 'light' });
      await page.getByRole('link', { name: 'rf-05' }).waitFor();
      await shot(page, `list-${kind}`);
      // It may be out of sight.
      await page.keyboard.press('End');
      await page.getByRole('link', { name: 'vac-pump' }).click();
      await page.getByRole('button', { name: 'Take the keyboard' }).click();
      await page.getByText('You have the keyboard').waitFor();
      await page.keyboard.type('help\r');
      await page.locator('.xterm-rows').getByText('commands: help').last().waitFor();
      await shot(page, `console-${kind}`);
      await page.getByRole('button', { name: 'Give it back' }).click();
      await page.getByRole('link', { name: 'All consoles' }).click();
      await page.keyboard.press('Home');
      await page.getByRole('link', { name: 'rf-05', exact: true }).click();
      await page.getByRole('link', { name: 'Why', exact: true }).click();
      await page.locator('section.log pre').waitFor();
      await page.locator('.plot canvas').waitFor();
      await shot(page, `why-${kind}`);
      await page.getByRole('link', { name: 'All consoles' }).click();
    }
    await page.context().close();
  }
});
