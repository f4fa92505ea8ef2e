/** Plan, history and audit; and the themes of the page. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { PageSite } from '../harness/page-site.ts';
import { accessibility, accessibleInLightAndDark, OF_COLOURS, PHONE } from '../harness/page-steps.ts';
import { until } from '../harness/until.ts';

/** The element that paints a terminal's background. */
const SCROLLS = "document.querySelector('.xterm-scrollable-element') ?? document.querySelector('.xterm-viewport')";
/** Run before all scripts of a page. */
const FIRST_LOOK = `new MutationObserver((_, observer) => {
  if (document.body) {
    globalThis.firstLook = document.documentElement.dataset.theme;
    observer.disconnect();
  }
}).observe(document, { childList: true, subtree: true })`;

/** `carla` may see and apply the configuration, and read the audit; `config`: of all that the site has, as it began. */
export async function recordsView(t: TestContext, site: PageSite, config: string): Promise<void> {
  const { host, url } = site;
  const carla = await site.as('carla');

  await t.test('the plan says what a changed file would do, and applies it', async () => {
    await carla.getByRole('link', { name: 'Plan', exact: true }).click();
    await carla.getByText('Nothing to do: the server runs what the files say.').waitFor();
    assert.equal(await carla.getByRole('button', { name: 'Apply' }).isDisabled(), true);
    await carla.getByRole('link', { name: 'Consoles', exact: true }).click();
    site.configure(
      `${config.replace('Gauges of the injector', 'Gauges of the ring')}\n[console.new-01]\nrun = ["cat"]\n`,
    );
    await host.event('the change on disk', ({ text, type }) => type === 'config' && /have changed/.test(text ?? ''));
    await carla.reload();
    await carla.getByRole('link', { name: 'Configuration changed' }).click();
    const changed = carla.getByRole('row').filter({ hasText: 'description' });
    assert.match(
      (await changed.textContent()) ?? '',
      /"Gauges of the injector""Gauges of the ring".*holdfast\.toml:\d+/,
    );
    await carla.getByText('description (takes effect at once)').waitFor();
    assert.deepEqual(await accessibleInLightAndDark(carla), [], 'plan');
    await carla.getByRole('button', { name: 'Apply' }).click();
    const question = carla.getByRole('dialog');
    await question.getByText('Apply 2 changes?').waitFor();
    await question.getByText('New: new-01.').waitFor();
    await question.getByText('No process is stopped.').waitFor();
    assert.deepEqual(await accessibility(carla), [], 'question of the plan');
    await question.getByLabel('Reason').fill('the ring is back');
    await question.getByRole('button', { name: 'Apply' }).click();
    await carla.getByText('2 changes applied.').waitFor();
    await carla.getByText('Nothing to do: the server runs what the files say.').waitFor();
    const told = await host.event('the apply', ({ by, what }) => what === 'applied' && by?.user === 'carla');
    assert.equal(told.by?.reason, 'the ring is back');
  });

  await t.test('what a plan ends is said before, and mistakes have their places', async () => {
    site.configure(config);
    await carla.getByRole('button', { name: 'Refresh' }).click();
    await carla.getByText('no longer configured: will be stopped').waitFor();
    await carla.getByRole('button', { name: 'Apply' }).click();
    await carla.getByRole('dialog').getByText('Stopped and removed: new-01.').waitFor();
    await carla.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    site.configure(`${config}\n[console.new-01]\nrun = 5\n`);
    await carla.getByRole('button', { name: 'Refresh' }).click();
    await carla.getByText(/holdfast\.toml:\d+(:\d+)?: console\.new-01\.run: /).waitFor();
    assert.equal(await carla.getByRole('button', { name: 'Apply' }).isDisabled(), true);
    site.configure(config);
    await carla.getByRole('button', { name: 'Refresh' }).click();
    await carla.getByRole('button', { name: 'Apply' }).click();
    const question = carla.getByRole('dialog');
    await question.getByText('Apply 2 changes?').waitFor();
    // While it is open the files change again: what is not in the question is not done.
    site.configure(config.replace('Gauges of the injector', 'Gauges of the dump'));
    await question.getByRole('button', { name: 'Apply' }).click();
    await question.getByText(/what would be applied has changed/i).waitFor();
    // By then it is about the plan of now.
    await carla.getByText('Gauges of the dump').first().waitFor();
    // Nor is it said to be done where there are mistakes by now.
    site.configure(`${config}\n[console.new-01]\nrun = 5\n`);
    await question.getByRole('button', { name: 'Apply' }).click();
    await carla.getByText(/console\.new-01\.run: /).waitFor();
    assert.equal(await carla.getByText(/changes? applied/).count(), 0);
    site.configure(config);
    await carla.getByRole('button', { name: 'Refresh' }).click();
    await carla.getByRole('button', { name: 'Apply' }).click();
    await question.getByRole('button', { name: 'Apply' }).click();
    await carla.getByText('new-01 Removed').waitFor();
    await carla.getByText('Nothing to do: the server runs what the files say.').waitFor();
    // Somebody else applies it while the question is open.
    site.configure(config.replace('Gauges of the injector', 'Gauges of the dump'));
    await carla.getByRole('button', { name: 'Refresh' }).click();
    await carla.getByRole('button', { name: 'Apply' }).click();
    await question.waitFor();
    await host.command('reload');
    await question.getByRole('button', { name: 'Apply' }).click();
    await question.waitFor({ state: 'hidden' });
    await carla.getByText('Nothing to do: the server runs what the files say.').waitFor();
    site.configure(config);
    await host.command('reload');
  });

  await t.test('who may not see the plan is told which right it takes, and who has it', async () => {
    const olga = await site.as('olga', PHONE);
    await olga.goto(`${url}/#plan`);
    await olga.getByText(/it takes the right `configure`, which is given to carla/).waitFor();
    assert.equal(await olga.getByRole('button', { name: 'Apply' }).isDisabled(), true);
    assert.deepEqual(await accessibility(olga), [], 'plan, refused, phone');
    await site.leave(olga);
  });

  await t.test(
    'the history is live, is filtered by what is in the address, and its filters by the keyboard',
    async () => {
      await carla.getByRole('link', { name: 'History', exact: true }).click();
      const rows = carla.locator('.records tbody tr');
      await rows.filter({ hasText: 'configuration applied' }).first().waitFor();
      const newest = rows.first();
      await carla.getByLabel('Person').fill('half a na');
      await host.client.stop('rf-01');
      await host.state('rf-01', 'stopped');
      await host.client.start('rf-01');
      await host.state('rf-01', 'running');
      await host.client.restart('rf-01', 'HV card');
      await rows.filter({ hasText: 'told to stop and start again (restart)' }).filter({ hasText: 'HV card' }).waitFor();
      assert.match((await newest.textContent()) ?? '', /rf-01/);
      assert.equal(
        await carla.getByLabel('Person').inputValue(),
        'half a na',
        'what is new does not undo what is typed',
      );
      await carla.getByLabel('Person').fill('');
      await carla.getByLabel('Console').fill('rf-01');
      await carla.keyboard.press('Enter');
      await carla.waitForURL(`${url}/#history?console=rf-01`);
      await carla.getByLabel('Kind').selectOption('state');
      await carla.waitForURL(/kind=state/);
      await carla.getByLabel('Text').fill('hv card');
      await carla.keyboard.press('Enter');
      await carla.waitForURL(/q=hv\+card/);
      const isFiltered = async () => {
        await rows.filter({ hasText: '(restart)' }).waitFor();
        await rows.filter({ hasNotText: 'HV card' }).first().waitFor({ state: 'detached' });
      };
      await isFiltered();
      await carla.reload();
      await isFiltered();
      await carla.goBack();
      await carla.waitForURL(`${url}/#history?console=rf-01&kind=state`);
      await rows.filter({ hasNotText: 'HV card' }).first().waitFor();
      assert.equal(await carla.getByLabel('Text').inputValue(), '');
      // Of all rows, as on a phone below, it takes a second.
      assert.deepEqual(await accessibleInLightAndDark(carla), [], 'history');
      await carla.getByLabel('Person').fill('carla');
      await carla.keyboard.press('Enter');
      await carla.getByText('No matching records.').waitFor();
      await carla.getByRole('link', { name: 'Show all' }).click();
      await rows.nth(2).waitFor();
    },
  );

  await t.test('the audit says what was done and refused, and whether anybody has changed it', async () => {
    await carla.getByRole('link', { name: 'Audit', exact: true }).click();
    const rows = carla.locator('.records tbody tr');
    await rows.filter({ hasText: 'apply the configuration' }).filter({ hasText: 'the ring is back' }).waitFor();
    await carla.getByRole('button', { name: 'Verify the chain' }).click();
    await carla.getByText(/Verified up to number \d+, at .*the chain holds: \d+ lines in 1 file/).waitFor();
    await carla.getByLabel('Act').selectOption('apply');
    await carla.getByLabel('Person').fill('carla');
    await carla.keyboard.press('Enter');
    await carla.waitForURL(/user=carla&act=apply/);
    await rows.nth(1).waitFor();
    await rows
      .filter({ hasNotText: /carla via web from .*apply the configuration/ })
      .first()
      .waitFor({ state: 'detached' });
    await carla.getByLabel('Outcome').selectOption('refused');
    await carla.getByText('No matching records.').waitFor();
    assert.deepEqual(await accessibility(carla), [], 'audit');
    const olga = await site.as('olga', PHONE);
    await olga.goto(`${url}/#audit`);
    await olga.getByText(/it takes the right `admin`, which is given to carla/).waitFor();
    assert.deepEqual(await accessibility(olga), [], 'audit, refused, phone');
    await olga.getByRole('link', { name: 'History', exact: true }).click();
    await olga.locator('.records tbody tr').nth(2).waitFor();
    assert.deepEqual(await accessibility(olga), [], 'history, phone');
    await olga.context().close();
  });
  await t.test('colours are chosen, kept, and there before anything is drawn; the terminal has them, too', async () => {
    /** It follows the system when the browser next draws. */
    const looks = async (theme: string, contrast: string, terminal?: string) => {
      let seen = '';
      const wanted = [theme, contrast, ...(terminal === undefined ? [] : [terminal])].join(' ');
      await until(
        () => `${wanted}, not ${seen}`,
        async () => {
          const ground =
            terminal === undefined ? [] : [`((one) => one && getComputedStyle(one).backgroundColor)(${SCROLLS})`];
          const html = 'document.documentElement.dataset';
          const all = [`${html}.theme`, `${html}.contrast`, ...ground].join(', ');
          seen = (await carla.evaluate<string[]>(`[${all}]`)).join(' ');
          return seen === wanted;
        },
      );
    };
    const choose = (label: string) => carla.getByRole('combobox', { name: 'Colours' }).selectOption({ label });
    await carla.emulateMedia({ colorScheme: 'light' });
    await carla.goto(`${url}/#console/rf-01`);
    await carla.getByRole('button', { name: /^Take/ }).waitFor();
    await looks('light', 'usual', 'rgb(255, 255, 255)');
    await choose('Dark');
    await looks('dark', 'usual', 'rgb(11, 14, 17)');
    await carla.addInitScript(FIRST_LOOK);
    await carla.reload();
    assert.equal(await carla.evaluate('firstLook'), 'dark', 'when the body begins');
    const beside = await carla.context().newPage();
    await beside.goto(url);
    await choose('High contrast');
    await beside.locator('html[data-contrast=more]').waitFor();
    await beside.close();
    await looks('light', 'more', 'rgb(255, 255, 255)');
    for (const [view, heading] of [
      ['', 'Consoles'],
      ['plan', 'Plan'],
      ['history?console=rf-01', 'History'],
      ['console/vac-01', 'vac-01'],
    ] as const) {
      await carla.goto(`${url}/#${view}`);
      await carla.getByRole('heading', { level: 1, name: heading }).waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await carla.emulateMedia({ colorScheme });
        await looks(colorScheme, 'more');
        // What else there is has been looked at in the usual colours.
        assert.deepEqual(await accessibility(carla, OF_COLOURS), [], `${view}, high contrast, ${colorScheme}`);
      }
    }
    await choose('System');
    await looks('dark', 'usual');
    await carla.emulateMedia({ contrast: 'more' });
    await carla.locator('html[data-contrast=more]').waitFor();
    await carla.emulateMedia({ contrast: 'no-preference', forcedColors: 'active' });
    await carla.locator('html[data-contrast=usual]').waitFor();
    await carla.goto(url);
    await carla.getByRole('table', { name: 'Consoles' }).waitFor();
    assert.deepEqual(await accessibility(carla), [], 'forced colours');
  });
  await carla.context().close();
}
