/** What was, what is to be: plan, history, audit; and how the page looks to whoever chooses. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { PageSite } from '../harness/page-site.ts';
import { accessibility, PHONE } from '../harness/page-steps.ts';

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
    for (const colorScheme of ['light', 'dark'] as const) {
      await carla.emulateMedia({ colorScheme });
      assert.deepEqual(await accessibility(carla), [], `plan, ${colorScheme}`);
    }
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
    await carla.getByRole('button', { name: 'Look again' }).click();
    await carla.getByText('no longer configured: will be stopped').waitFor();
    await carla.getByRole('button', { name: 'Apply' }).click();
    await carla.getByRole('dialog').getByText('Stopped, and gone: new-01.').waitFor();
    await carla.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    site.configure(`${config}\n[console.new-01]\nrun = 5\n`);
    await carla.getByRole('button', { name: 'Look again' }).click();
    await carla.getByText(/holdfast\.toml:\d+(:\d+)?: console\.new-01\.run: /).waitFor();
    assert.equal(await carla.getByRole('button', { name: 'Apply' }).isDisabled(), true);
    site.configure(config);
    await carla.getByRole('button', { name: 'Look again' }).click();
    await carla.getByRole('button', { name: 'Apply' }).click();
    await carla.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
    await carla.getByText('new-01 Gone').waitFor();
    await carla.getByText('Nothing to do: the server runs what the files say.').waitFor();
  });

  await t.test('who may not see the plan is told which right it takes, and who has it', async () => {
    const olga = await site.as('olga', PHONE);
    await olga.goto(`${url}/#plan`);
    await olga.getByText(/it takes the right `configure`, which is given to carla/).waitFor();
    assert.equal(await olga.getByRole('button', { name: 'Apply' }).isDisabled(), true);
    assert.deepEqual(await accessibility(olga), [], 'plan, refused, phone');
    await olga.context().close();
  });
  await carla.context().close();
}
