// `npm run screenshots`: the pictures of docs/guide/web.md, of a real server. Not a test: it is run by hand, and looked at.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { perl } from '../harness/host.ts';
import { pageSite } from '../harness/page-site.ts';
import { indexed } from './indexed-png.ts';
import { writeLogs } from './logs-shown.ts';

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
[[access.rule]]
who = ["carla"]
label = "controls"
may = ["configure", "admin", "force", "operate"]
`;

/** Of one picture: all of them are in the repository. */
const MOST_BYTES = 50_000;

async function shot(page: Page, name: string): Promise<void> {
  const png = indexed(await page.screenshot());
  assert.ok(png.length < MOST_BYTES, `${name} has ${png.length} bytes`);
  mkdirSync(IMAGES, { recursive: true });
  writeFileSync(join(IMAGES, `${name}.png`), png);
}

test('screenshots', async (t) => {
  const { as, host, url } = await pageSite(t, CONFIG);
  const at = writeLogs(host.logDir);
  await host.client.hold('mag-03', 'swapping the HV card', Date.now() + 2 * 3_600_000);
  await host.state('vac-07', 'crash-looping');
  await host.state('rf-05', 'failed');
  for (const [looks, kinds] of [
    [DESK, ['light', 'dark']],
    [PHONE, ['phone']],
  ] as const) {
    const page = await as('vera', looks);
    for (const kind of kinds) {
      await page.emulateMedia({ colorScheme: kind === 'dark' ? 'dark' : 'light' });
      await page.getByRole('link', { name: 'rf-05' }).waitFor();
      if (kind !== 'phone') {
        await page.locator('.row .memory', { hasText: /\d/ }).first().waitFor();
      }
      await shot(page, `list-${kind}`);
      await page.goto(`${url}/#console/vac-pump`);
      await page.getByRole('button', { name: 'Take the keyboard' }).click();
      await page.getByText('You have the keyboard').waitFor();
      await page.keyboard.type('help\r');
      await page.locator('.xterm-rows').getByText('commands: help').last().waitFor();
      await shot(page, `console-${kind}`);
      await page.getByRole('button', { name: 'Give it back' }).click();
      await page.goto(`${url}/#why/rf-05`);
      await page.locator('section.log pre').waitFor();
      await page.locator('.plot canvas').waitFor();
      await shot(page, `why-${kind}`);
      await page.goto(
        `${url}/#log?${new URLSearchParams([
          ['console', 'vac-01'],
          ['console', 'rf-01'],
          ['q', 'interlock'],
          ['at', at],
          ['of', 'vac-01'],
        ])}`,
      );
      await page.locator('.line.meant').waitFor();
      await shot(page, `log-${kind}`);
      const sides = ['vac-pump', 'vac-01', 'rf-01', 'mag-01'].slice(0, kind === 'phone' ? 2 : 4);
      await page.goto(`${url}/#side?${sides.map((name) => `console=${name}`).join('&')}`);
      await page
        .locator('.one', { hasText: 'Take the keyboard' })
        .nth(sides.length - 1)
        .waitFor();
      await shot(page, `side-${kind}`);
      await page.getByRole('link', { name: 'Consoles', exact: true }).click();
    }
    await page.context().close();
  }
});

test('screenshots of plan, history and audit', async (t) => {
  const site = await pageSite(t, CONFIG);
  const { as, host, url } = site;
  await host.client.hold('mag-03', 'swapping the HV card', Date.now() + 2 * 3_600_000);
  await host.state('vac-07', 'crash-looping');
  for (const [name, reason] of [
    ['vac-02', 'new gauge head'],
    ['rf-03', 'klystron conditioned'],
  ] as const) {
    await host.client.restart(name, reason);
    await host.state(name, 'running');
  }
  const changed = CONFIG.replace('groups = ["diag"]', 'groups = ["diag"]\ndescription = "Beam position monitors"')
    .replace('holdoff = "100ms"', 'holdoff = "5s"')
    .replace(/^\[console\.mag-04\]\n.*\n.*\n/m, '');
  site.configure(`${changed}[console.vac-08]\n${quiet('VAC-08:Pressure 9.1e-09 mbar')}\n`);
  for (const [looks, kinds] of [
    [DESK, ['light', 'dark']],
    [PHONE, ['phone']],
  ] as const) {
    const page = await as('carla', looks);
    for (const kind of kinds) {
      await page.emulateMedia({ colorScheme: kind === 'dark' ? 'dark' : 'light' });
      for (const [view, shown] of [
        ['plan', 'vac-08'],
        ['history', 'klystron conditioned'],
        ['audit', 'new gauge head'],
      ] as const) {
        await page.goto(`${url}/#${view}`);
        await page.getByText(shown).first().waitFor();
        if (view === 'audit') {
          await page.getByRole('button', { name: 'Verify the chain' }).click();
          await page.getByText('the chain holds').waitFor();
        }
        await shot(page, `${view}-${kind}`);
      }
    }
    await page.context().close();
  }
});
