// The page in a real browser, at a real server: one of each for all that follows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { conditionOf, sinceOf } from '../../src/model/condition.ts';
import { local } from '../../src/model/time-text.ts';
import { CHROMIUM } from '../harness/browser.ts';
import { perl } from '../harness/host.ts';
import { missing } from '../harness/machine.ts';
import { pageSite } from '../harness/page-site.ts';
import {
  accessibility,
  accessibleInLightAndDark,
  names,
  openConsole,
  PHONE,
  row,
  screen,
  takeKeyboard,
} from '../harness/page-steps.ts';
import { pathProxy } from '../harness/path-proxy.ts';
import { ACTS_RULES, actsView, rightsThatChange } from './acts-view.ts';
import { logView } from './log-view.ts';
import { recordsView } from './records-view.ts';
import { sideView } from './side-view.ts';
import { whyView } from './why-view.ts';

/** Answers each line, ends with 3 at `crash`. */
const SHELL = '$|=1; print "> "; while (<STDIN>) { exit 3 if /crash/; print "got $_> " }';
/** Several lines at a time: each page that is open draws the last one. */
const COUNTER = '$|=1; for (my $n=1;;) { print "count ", $n++, "\\n" for 1 .. 10; select(undef,undef,undef,1) }';
/** 700 kB/s, until ^C. */
const FLOOD =
  '$|=1; $SIG{INT} = sub { print "STOPPED\\n"; 1 while <STDIN> }; my $l = "x" x 98; for (my $n = 1;;) { print $n++, " $l\\n" for 1 .. 70; select(undef, undef, undef, 0.01) }';
/** Bytes of output that a page may have and not have shown: the window of the server. */
const WINDOW_BYTES = 256 * 1024;

const CONFIG = `
[console.vac-01]
${perl(SHELL)}
groups = ["vacuum"]
labels = { area = "north" }
description = "Gauges of the injector"
log = { stamp = "%FT%T.%3N " }
[console.vac-02]
${perl(SHELL)}
groups = ["vacuum"]
restart = { policy = "never" }
log = { stamp = "%FT%T.%3N " }
[console.rf-01]
${perl(COUNTER)}
[console.rf-02]
${perl(SHELL)}
[console.flood]
${perl(FLOOD)}
start = false
[access]
contact = "controls, 4711"
[[access.rule]]
who = ["vera", "otto"]
may = ["force", "operate"]
[[access.rule]]
who = ["olga"]
may = ["read", "operate"]
[[access.rule]]
who = ["petra"]
may = ["write"]
reason = "required"
[[access.rule]]
who = ["carla"]
may = ["configure", "admin", "operate", "read"]
${ACTS_RULES}`;

test('the page', { skip: missing(CHROMIUM) }, async (t) => {
  const site = await pageSite(t, CONFIG);
  const { host, url, watched } = site;
  const below = await pathProxy(t, url, '/controls/holdfast');
  await host.client.hold('rf-02', 'the klystron is being replaced', undefined);

  await t.test('nobody who has not logged in sees anything, and a login leads back', async () => {
    const page = await (await site.open()).newPage();
    await page.goto(`${url}/#console/vac-01`);
    await page.waitForURL(/\/login\?to=/);
    assert.equal(new URL(page.url()).searchParams.get('to'), '/#console/vac-01');
    await page.context().close();
  });

  await t.test('a link logs in once', async () => {
    const link = await site.link('vera');
    const page = await (await site.open()).newPage();
    await page.goto(link);
    await page.waitForURL(`${url}/`);
    assert.equal(await page.locator('.who span').textContent(), 'vera');
    const other = await (await site.open()).newPage();
    await other.goto(link);
    await other.getByRole('alert').waitFor();
    assert.match((await other.getByRole('alert').textContent()) ?? '', /used before, or has expired/);
    assert.equal(new URL(other.url()).hash, '', 'it is not in the history of the browser');
    const beside = await page.context().newPage();
    await beside.goto(`${url}/#console/vac-01`);
    await beside.getByText('Nobody has the keyboard').waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(`${url}/login`);
    await beside.getByText('You are logged out.').waitFor();
    await beside.goto(`${url}/#console/rf-01`);
    await page.goto(await site.link('vera'));
    await beside.getByText('Nobody has the keyboard').waitFor();
    await Promise.all([page.context().close(), other.context().close()]);
  });

  const page = await site.as('vera');

  await t.test('a crash moves its row to the top, and tab and icon say so', async () => {
    await row(page, 'vac-02').getByText('running').waitFor();
    const [icon, title] = [page.locator('link[rel=icon]'), await page.title()];
    assert.equal(title, 'Holdfast');
    const before = await icon.getAttribute('href');
    await openConsole(page, 'vac-02');
    await takeKeyboard(page);
    await page.keyboard.type('hello\r');
    await screen(page).getByText('got hello').waitFor();
    await page.keyboard.type('crash\r');
    await page.getByRole('link', { name: '1 failing' }).click();
    await row(page, 'vac-02').getByText('failed').waitFor();
    assert.equal((await names(page))[0], 'vac-02');
    assert.equal(await page.title(), '1 failing - Holdfast');
    assert.notEqual(await icon.getAttribute('href'), before);
  });

  await t.test('chips and words choose what is listed, and are in the address', async () => {
    await page.getByRole('button', { name: /vacuum/ }).click();
    assert.deepEqual(await names(page), ['vac-02', 'vac-01']);
    await page.keyboard.press('/');
    await page.keyboard.type('INJECTOR');
    await page.getByText('1 of 5 consoles').waitFor();
    assert.equal(new URL(page.url()).hash, '#?q=INJECTOR&group=vacuum');
    await page.reload();
    await page.getByText('1 of 5 consoles').waitFor();
    assert.deepEqual(await names(page), ['vac-01']);
    await page.getByRole('button', { name: 'Show all' }).click();
    assert.deepEqual(await names(page), ['vac-02', 'rf-02', 'rf-01', 'vac-01', 'flood']);
    await page.getByRole('button', { name: /held/ }).click();
    assert.deepEqual(await names(page), ['rf-02']);
    await page.getByRole('button', { name: /held/ }).click();
  });

  await t.test('a console is searched, and its text made larger', async () => {
    await openConsole(page, 'vac-02');
    await screen(page).getByText('got hello').waitFor();
    const find = page.getByRole('searchbox', { name: 'Find' });
    await find.fill('nowhere to be seen');
    await page.getByText('Not found').waitFor();
    await find.fill('got hel');
    await page.getByText('Not found').waitFor({ state: 'detached' });
    const height = async () => (await screen(page).locator('div').first().boundingBox())?.height ?? 0;
    const before = await height();
    await page.getByRole('button', { name: 'A+' }).click();
    await page.getByRole('button', { name: 'A+' }).click();
    assert.ok((await height()) > before);
    await page.goBack();
    await page.getByRole('table').waitFor();
  });

  await t.test('the keyboard leads from the list to a console, and out of it', async () => {
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'vac-01' }).waitFor();
    await page.getByRole('button', { name: 'Take the keyboard' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('You have the keyboard').waitFor();
    await page.keyboard.type('from the keys\r');
    await screen(page).getByText('got from the keys').waitFor();
    await page.keyboard.press('Control+]');
    await page.keyboard.press('Enter');
    await page.getByText('Nobody has the keyboard').waitFor();
    await page.goBack();
    await page.getByRole('table').waitFor();
  });

  const other = await site.as('otto');

  await t.test(
    'a second browser watches, sees who types, and takes it by force, of which the first is told',
    async () => {
      await openConsole(page, 'vac-01');
      await takeKeyboard(page);
      await row(other, 'vac-01').getByText('vera').waitFor();
      await openConsole(other, 'vac-01');
      await other.getByText('vera has the keyboard').waitFor();
      await other.locator('.xterm-screen').click();
      await other.keyboard.type('x');
      await other.getByText('Read-only').waitFor();
      await page.keyboard.type('mine\r');
      await screen(other).getByText('got mine').waitFor();
      assert.doesNotMatch((await screen(other).textContent()) ?? '', /xmine/);
      await other.getByRole('button', { name: 'Take it by force' }).click();
      await other.getByRole('dialog').getByRole('button', { name: 'Take it by force' }).click();
      await other.getByText('You have the keyboard').waitFor();
      await page.getByText('otto has taken the keyboard from you.').waitFor();
      await other.keyboard.type('now otto\r');
      await screen(page).getByText('got now otto').waitFor();
      await other.getByRole('button', { name: 'Give it back' }).click();
      await page.getByText('Nobody has the keyboard').waitFor();
      await other.context().close();
    },
  );

  await t.test('who may not type is told why, and the server refuses it as well', async () => {
    const operator = await site.as('olga');
    await operator.getByRole('link', { name: 'vac-01' }).click();
    const take = operator.getByRole('button', { name: 'Take the keyboard' });
    await operator
      .locator('.keyboard')
      .getByText(/it takes the right `write`/)
      .waitFor();
    assert.equal(await take.isDisabled(), true);
    const refused = await operator.evaluate(
      async (at) => {
        const socket = new WebSocket(at, ['holdfast.attach.v2']);
        return new Promise((resolve) => {
          socket.onmessage = ({ data }) => {
            const { code, type } = typeof data === 'string' ? JSON.parse(data) : { code: '', type: '' };
            if (type === 'hello') {
              socket.send(JSON.stringify({ type: 'take', force: true }));
            } else if (type === 'refused') {
              resolve(code);
            }
          };
        });
      },
      `${url.replace('http', 'ws')}/v1/consoles/vac-01/attach`,
    );
    assert.equal(refused, 'HF_FORBIDDEN');
    await operator.context().close();
  });

  await t.test('where a rule wants a reason, it is asked for', async () => {
    const petra = await site.as('petra');
    await petra.getByRole('link', { name: 'vac-01' }).click();
    await petra.getByRole('button', { name: 'Take the keyboard' }).click();
    await petra.getByLabel('Reason').fill('HV card');
    await petra.getByRole('dialog').getByRole('button', { name: 'Take the keyboard' }).click();
    await petra.getByText('You have the keyboard').waitFor();
    const told = await host.event('the keyboard', ({ by, type }) => type === 'writer' && by?.user === 'petra');
    assert.equal(told.by?.reason, 'HV card');
    await petra.context().close();
  });

  await actsView(t, site);

  await t.test(
    'a server that is killed: the page says since when, and goes on where it was, nothing doubled',
    async () => {
      await page.goto(`${url}/#console/rf-01`);
      await screen(page)
        .getByText(/count \d/)
        .first()
        .waitFor();
      await page.getByRole('button', { name: 'Take the keyboard' }).waitFor();
      const beside = await page.context().newPage();
      await beside.goto(url);
      await beside.locator('.standing.live').waitFor();
      await host.said('rf-01', /^count 51$/m);
      await host.kill();
      await page.getByText(/Not live since \d\d:\d\d/).waitFor();
      await beside.goto(`${url}/#history`);
      await beside.getByText('Part of this page could not be loaded').waitFor();
      assert.equal(await page.title(), 'not live - rf-01 - Holdfast');
      await host.up();
      await page.locator('.standing.live').waitFor();
      await beside.getByRole('heading', { name: 'History' }).waitFor();
      await beside.close();
      await page.getByRole('button', { name: 'Take the keyboard' }).waitFor();
      const last = async () => {
        await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
        await page.getByRole('button', { name: 'Copy' }).click();
        await page.getByText('Copied').waitFor();
        return page.evaluate(() => {
          const { clipboard } = navigator as unknown as { clipboard: { readText(): Promise<string> } };
          return clipboard.readText();
        });
      };
      const counts = [...(await last()).matchAll(/^count (\d+)$/gm)].map(([, count]) => Number(count));
      assert.ok(counts.length > 50, `${counts.length} lines`);
      const [first = 0] = counts;
      assert.deepEqual(
        counts,
        [...counts.keys()].map((at) => first + at),
      );
      await page.getByRole('link', { name: 'All consoles' }).click();
      await row(page, 'vac-02').getByText('failed').waitFor();
      const order = await names(page);
      assert.deepEqual(order, ['vac-02', 'rf-02', 'rf-01', 'vac-01', 'flood']);
      const told = new Map((await host.client.list()).map((each) => [each.name, each]));
      const states = order.map((name) => conditionOf(told.get(name) as ConsoleSummary));
      assert.deepEqual(await page.locator('.row .state').allTextContents(), states);
      const since = order.map((name) => local(new Date(sinceOf(told.get(name) as ConsoleSummary)).toISOString()));
      const titles = (await page.locator('.row .since').all()).map((each) => each.getAttribute('title'));
      assert.deepEqual(await Promise.all(titles), since);
      await page.context().close();
    },
  );

  await t.test('a slow page has little that it has not shown, and ^C acts on what one sees', async () => {
    await host.client.start('flood');
    const slow = await site.as('vera');
    const unseen: [begin: number, end: number][] = [];
    let most = 0;
    slow.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        if (typeof payload !== 'string') {
          const begin = Number(payload.readBigUInt64BE());
          unseen.push([begin, begin + payload.length - 8]);
          most = Math.max(
            most,
            unseen.reduce((sum, [from, to]) => sum + to - from, 0),
          );
        }
      });
      socket.on('framesent', ({ payload }) => {
        const shown = typeof payload === 'string' && /"ack","offset":(\d+)/.exec(payload)?.[1];
        while (shown && unseen[0] && unseen[0][1] <= Number(shown)) {
          unseen.shift();
        }
      });
    });
    await openConsole(slow, 'flood');
    await takeKeyboard(slow);
    const devtools = await slow.context().newCDPSession(slow);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 10 });
    await host.said('flood', /^5000 /m);
    await slow.keyboard.press('Control+c');
    // It is slow by spinning, which the tests beside it pay for.
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    await screen(slow).getByText('STOPPED').waitFor();
    // A frame may have some that is acknowledged.
    assert.ok(most > 0 && most <= 2 * WINDOW_BYTES, `${most} bytes`);
    await slow.context().close();
    await host.client.stop('flood');
  });

  await logView(t, site);
  await sideView(t, site);

  await t.test('everybody can use it: list and console, light and dark, desk and phone', async () => {
    for (const [looks, where] of [
      [{}, 'desk'],
      [PHONE, 'phone'],
    ] as const) {
      const view = await site.as('vera', looks);
      await row(view, 'vac-02').waitFor();
      const list = await (where === 'desk' ? accessibleInLightAndDark(view) : accessibility(view));
      assert.deepEqual(list, [], `list, ${where}`);
      await openConsole(view, 'vac-01');
      await takeKeyboard(view);
      assert.deepEqual(await accessibleInLightAndDark(view), [], `console, ${where}`);
      assert.equal(await view.getByRole('toolbar').isVisible(), where === 'phone');
      const otto = await site.as('otto', looks);
      await otto.getByRole('link', { name: 'vac-01' }).click();
      await otto.getByRole('button', { name: 'Take it by force' }).click();
      await otto.getByRole('dialog').waitFor();
      assert.deepEqual(await accessibility(otto), [], `question, ${where}`);
      await otto.getByRole('button', { name: 'Cancel' }).click();
      await otto.goto(`${url}/#console/nowhere`);
      await otto.getByText('There is no console nowhere').waitFor();
      assert.deepEqual(await accessibility(otto), [], `no console, ${where}`);
      await otto.goto(`${url}/login`);
      assert.deepEqual(await accessibility(otto), [], `login, ${where}`);
      await otto.context().close();
      await site.leave(view);
    }
  });

  await t.test('a phone has the keys that it lacks', async () => {
    const context = await site.open(PHONE);
    // As Chrome on Android.
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
    const phone = await context.newPage();
    await phone.goto(await site.link('vera'));
    await openConsole(phone, 'vac-01');
    await takeKeyboard(phone);
    await phone.keyboard.type('half a line');
    await phone.getByRole('button', { name: '^C' }).click();
    await host.event('the end by ^C', ({ console, type }) => console === 'vac-01' && type === 'ended');
    await phone.context().close();
  });

  await t.test('it works below a path of a proxy, login and all', async () => {
    const far = await (await site.open()).newPage();
    await far.goto(`${below}/#console/vac-01`);
    await far.waitForURL(/\/login\?to=/);
    assert.equal(new URL(far.url()).searchParams.get('to'), '/controls/holdfast/#console/vac-01');
    await far.goto((await site.link('vera')).replace(url, below));
    await far.getByRole('table').waitFor();
    assert.equal(far.url(), `${below}/`);
    await openConsole(far, 'rf-01');
    await screen(far)
      .getByText(/count \d/)
      .first()
      .waitFor();
    await far.getByRole('button', { name: 'Log out' }).click();
    await far.waitForURL(`${below}/login`);
    await far.context().close();
  });

  await recordsView(t, site, CONFIG);
  await whyView(t, site);
  await rightsThatChange(t, site, CONFIG);

  await t.test('nothing was asked of another host, and no script or policy complained', () => {
    assert.ok(watched.requests.length > 50);
    assert.deepEqual(
      watched.requests.filter((each) => [url, below].every((ours) => !each.startsWith(`${ours}/`))),
      [],
    );
    assert.deepEqual(watched.faults, []);
  });
});
