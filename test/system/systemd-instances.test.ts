/** The one-process form as our own units, many of them, and both services under a user manager. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT, World, writing } from '../harness/systemd.ts';
import { userManager } from '../harness/user-manager.ts';

const HOLDFAST = `${ROOT}/bin/holdfast`;
const MANY = 50;
const names = Array.from({ length: MANY }, (_, i) => `ioc-${i + 1}`);

const PREPARE = [
  'useradd -m -s /bin/bash vacuum',
  `${HOLDFAST} systemd units --out /etc/systemd/system >/dev/null`,
  ...names.map((name) => writing(`/etc/holdfast/procserv/${name}`, 'COMMAND=/bin/cat\n')),
  writing('/etc/isis/lab.ini', 'ServerID IS\nServerPort 6600\nServerLog /var/log/isis/lab\n'),
  writing('/etc/holdfast/procserv/nope', 'COMMAND=/opt/no/such/ioc --flag\nOPTIONS=--holdoff=60\n'),
  `systemctl enable ${names.map((name) => `procserv@${name}`).join(' ')} 2>/dev/null`,
].join('\n');

test('one process per unit, and the units of a user', async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }

  await t.test(`${MANY} enabled instances are up after the boot`, async () => {
    const states = await world.sh(
      `systemctl list-units --plain --no-legend 'procserv@*' | awk '{print $3, $4}' | sort | uniq -c`,
    );
    assert.equal(states.trim(), `${MANY} active running`);
    t.diagnostic(await world.sh('systemd-analyze time | head -1'));
    for (const name of ['ioc-1', `ioc-${MANY}`]) {
      assert.match(await world.show(`procserv@${name}`, 'StatusText'), new RegExp(`^${name} runs, pid \\d+$`));
      assert.match(world.read(`/run/procserv-${name}/info`), /^pid:\d+\nunix:/);
    }
  });

  await t.test(`${MANY} instances: stopped, started, restarted`, async () => {
    const count = async (word: string) =>
      Number(
        await world.sh(`systemctl list-units --all --plain --no-legend 'procserv@ioc-*' | grep -c ' ${word} ' || true`),
      );
    const units = names.map((name) => `procserv@${name}`).join(' ');
    for (const [verb, active] of [
      ['stop', 0],
      ['start', MANY],
      ['restart', MANY],
    ] as const) {
      const start = performance.now();
      await world.sh(`systemctl ${verb} ${units}`);
      t.diagnostic(`systemctl ${verb} of ${MANY} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
      assert.equal(await count('active'), active, verb);
    }
    assert.equal((await world.run('pgrep', '-cx', 'cat')).stdout.trim(), String(MANY));
  });

  await t.test('systemd-analyze has no complaint about the units', async () => {
    const units =
      '/etc/systemd/system/{holdfast-holder,holdfast,procserv@,isis@}.service /etc/systemd/system/holdfast.socket';
    assert.equal(
      await world.sh(`systemd-analyze verify --recursive-errors=no ${units} 2>&1 | grep -v bashrc || true`),
      '',
    );
  });

  await t.test('a child does not inherit our sockets and variables of systemd', async () => {
    const server = await world.show('procserv@ioc-1', 'MainPID');
    const variables = await world.sh(`tr '\\0' '\\n' </proc/$(pgrep -P ${server})/environ`);
    assert.doesNotMatch(variables, /NOTIFY_SOCKET|WATCHDOG/);
    assert.match(variables, /PROCSERV_INFO/);
  });

  await t.test('isis@lab answers from its sandbox, and writes its log', async () => {
    await world.sh('systemctl start isis@lab');
    await world.until('isis listens', `ss -Huln 'sport = 6600' | grep -q 6600`);
    assert.match(await world.sh(`printf 'T>IS PING\\r' | socat -t 0.5 - UDP:127.0.0.1:6600`), /IS>T PONG/);
    assert.match(await world.sh('cat /var/log/isis/lab*'), /\S/);
  });

  await t.test('an instance that is killed comes back by itself', async () => {
    const before = await world.show('procserv@ioc-2', 'MainPID');
    const start = performance.now();
    await world.sh('systemctl kill -s KILL --kill-who=main procserv@ioc-2');
    await world.until(
      'it is back',
      `test "$(systemctl show --value -p MainPID procserv@ioc-2)" -gt ${before} && systemctl is-active procserv@ioc-2`,
    );
    t.diagnostic(`after kill -9 of procServ it was back in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  });

  await t.test('an instance that cannot start says why in one line', async () => {
    await world.sh('systemctl start procserv@nope');
    await world.until('the status', 'systemctl show --value -p StatusText procserv@nope', (text) => text !== '\n');
    const status = await world.sh('systemctl status procserv@nope');
    assert.match(status, /Status: "nope could not be started: exec: No such file or directory"/);
    // The exit status of systemctl itself: systemd may have forgotten the unit by the time its status is requested.
    const none = await world.run('systemctl', 'start', 'procserv@none');
    assert.notEqual(none.code, 0);
    assert.match(none.stderr, /Assertion failed on job for procserv@none\.service/);
  });

  await t.test('systemctl --user with linger: up without a login, down with holdfast down', async () => {
    const asUser = await userManager(world, 'vacuum', HOLDFAST);
    await asUser('systemctl --user enable --now holdfast');
    assert.match(await asUser(`${HOLDFAST} ps -q`), /^mine$/m);
    await asUser(`${HOLDFAST} down --all --yes`);
    await world.until('both are down', '! pgrep -u vacuum -f holdfast-holder.cjs && ! pgrep -u vacuum -x cat');
    await world.until(
      'down is down: systemd does not bring it back',
      `runuser -l vacuum -c 'XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user is-active holdfast holdfast-holder' || true`,
      (states) => states === 'inactive\ninactive\n',
    );
  });
});
