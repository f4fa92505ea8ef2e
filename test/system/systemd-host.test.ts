/**
 * Our own units under a real systemd: guarantees when the server, the holder or the machine goes down and comes back.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT, World, writing } from '../harness/systemd.ts';

const HOLDFAST = `${ROOT}/bin/holdfast`;
const QUIET = 50;
const BUSY = ['busy-1', 'busy-2'];
const RESTARTS = 8;
/** Some thousand numbered lines per second, until it is told to end, which it reports. */
const COUNTER = `#!/usr/bin/perl
$| = 1;
for ($i = 1; ; $i++) { print "line $i\\n"; select(undef, undef, undef, 0.005) unless $i % 20 }
`;
/** Waits for a signal of the stop recipe, and takes its time. */
const POLITE = `#!/bin/bash
trap '' TERM
echo "up"
while read -r line; do [[ $line != exit ]] || { echo "$1 says goodbye"; date +%s%N >/run/$1.end; exit 0; }; done
`;

const CONFIG = `
[template.ioc]
run = ["/opt/polite", "{name}"]
restart = { holdoff = "1s" }
stop = [{ send = "exit\\n" }, { wait = "10s" }, { signal = "KILL" }]

[template.counter]
run = ["/opt/counter"]
restart = { holdoff = "1s" }
log = { size = "1G" }
endpoints = ["unix:{name}.sock"]

[console]
${Array.from({ length: QUIET }, (_, i) => `ioc-${i + 1} = { template = "ioc"${i > 0 ? ', after = ["ioc-1"]' : ''} }`).join('\n')}
${BUSY.map((name) => `${name} = { template = "counter" }`).join('\n')}
`;

const PREPARE = [
  'groupadd -r holdfast; useradd -m iocuser',
  writing('/opt/counter', COUNTER, '755'),
  writing('/opt/polite', POLITE, '755'),
  writing('/etc/holdfast/holdfast.toml', CONFIG),
  `${HOLDFAST} systemd units --out /etc/systemd/system >/dev/null`,
  writing('/etc/systemd/system/holdfast.service.d/test.conf', '[Service]\nWatchdogSec=2s\n'),
  'systemctl enable holdfast.service',
].join('\n');

const COUNT = QUIET + BUSY.length;

test('holder and server as two services', async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }
  const main = (unit: string) => world.show(unit, 'MainPID');
  const allUp = (what: string) =>
    world.until(what, 'systemctl show --value -p StatusText holdfast', (text) =>
      text.startsWith(`${COUNT} of ${COUNT} up`),
    );
  /** Pids and start times of all children. */
  const children = async () => {
    const pids = await world.sh(`pgrep -x 'polite|counter' | sort -n | paste -sd,`);
    return world.sh(`ps -o pid=,lstart= -p ${pids}`);
  };
  const answers = () => world.until('the server answers', `${HOLDFAST} ps -q >/dev/null`);
  const since = (start: number) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

  await t.test('enabled, both are up after the boot with all their consoles', async () => {
    await allUp('every console is up');
    assert.equal(await world.show('holdfast-holder', 'ActiveState'), 'active');
    const status = await world.sh('systemctl status holdfast');
    assert.match(status, new RegExp(`Status: "${COUNT} of ${COUNT} up"`));
    assert.equal((await children()).split('\n').length, COUNT);
    const boot = await world.sh('systemd-analyze time | head -1; systemd-analyze blame | grep holdfast');
    t.diagnostic(boot);
  });

  await t.test('events are in the journal with their fields', async () => {
    const entries = await world.until(
      'the entry',
      'journalctl HOLDFAST_CONSOLE=ioc-7 HOLDFAST_EVENT=started -o json',
      (found) => found !== '',
    );
    const entry = JSON.parse(entries.split('\n')[0] as string);
    assert.match(entry.MESSAGE, /^ioc-7: started, pid \d+$/);
    assert.equal(entry.SYSLOG_IDENTIFIER, 'holdfast');
    assert.equal(entry._SYSTEMD_UNIT, 'holdfast.service');
  });

  await t.test(`${RESTARTS} restarts of the server under load: no child disturbed`, async () => {
    await world.sh(
      `systemd-run -q --unit=reader bash -c 'while :; do socat -u UNIX-CONNECT:/run/holdfast/busy-1.sock - >/dev/null; done'`,
    );
    const before = await children();
    const servers = new Set<string>();
    const start = performance.now();
    for (let i = 0; i < RESTARTS; i++) {
      await world.sh('systemctl restart holdfast');
      servers.add(await main('holdfast'));
    }
    t.diagnostic(`${RESTARTS} restarts took ${since(start)}`);
    assert.equal(servers.size, RESTARTS);
    assert.equal(await children(), before);
  });

  await t.test('the server is killed: systemd brings it back, no child disturbed', async () => {
    const before = await children();
    const [server, start] = [await main('holdfast'), performance.now()];
    await world.sh('systemctl kill -s KILL --kill-who=main holdfast');
    await world.until('another server', `test "$(systemctl show --value -p MainPID holdfast)" -gt ${server}`);
    await answers();
    t.diagnostic(`after kill -9 the server answered again in ${since(start)}`);
    assert.equal(await children(), before);
  });

  await t.test('the server hangs: the watchdog kills it, no child disturbed', async () => {
    await allUp('the status is up to date');
    const before = await children();
    const [server, start] = [await main('holdfast'), performance.now()];
    await world.sh('systemctl kill -s STOP --kill-who=main holdfast');
    await world.until('another server', `test "$(systemctl show --value -p MainPID holdfast)" -gt ${server}`);
    await answers();
    t.diagnostic(`wedged, with WatchdogSec=2s, it answered again in ${since(start)}`);
    await world.until('systemd says why', `journalctl -u holdfast -b -o cat | grep -q 'Watchdog timeout'`);
    assert.equal(await children(), before);
  });

  await t.test('after all that no byte of the logs is missing', async () => {
    await world.sh('systemctl stop reader');
    await world.sh(`${HOLDFAST} stop -y ${BUSY.join(' ')}`);
    await world.until('the counters are down', '! pgrep -x counter');
    for (const name of BUSY) {
      const lines: readonly string[] = world.read(`/var/log/holdfast/${name}.log`).split('\r\n');
      const numbered: readonly string[] = lines.filter((line) => line.startsWith('line '));
      assert.deepEqual(
        numbered.findIndex((line, i) => line !== `line ${i + 1}`),
        -1,
      );
      t.diagnostic(`${name}: ${numbered.length} lines, all there`);
      assert.ok(numbered.length > 10_000);
    }
    await world.sh(`${HOLDFAST} start -y ${BUSY.join(' ')}`);
  });

  await t.test('the holder is killed: no child disturbed', async () => {
    await allUp('all up before');
    const before = await children();
    const [server, holder, start] = [await main('holdfast'), await main('holdfast-holder'), performance.now()];
    await world.sh('systemctl kill -s KILL --kill-who=main holdfast-holder');
    await world.until('another holder', `test "$(systemctl show --value -p MainPID holdfast-holder)" -gt ${holder}`);
    await world.until('the server has it', `${HOLDFAST} events --json | grep -q '${COUNT} processes live on, 0 ended'`);
    t.diagnostic(`after kill -9 of the holder the next one had all ${COUNT} consoles in ${since(start)}`);
    assert.equal(await main('holdfast'), server, 'the server went on');
    assert.equal(await children(), before);
  });

  await t.test('a configuration with a mistake: reload refuses it, a start says why in one line', async () => {
    const before = await children();
    await world.sh(`printf '\\n[console.bad]\\nrun = 7\\n' >/etc/holdfast/conf.d-bad; mkdir -p /etc/holdfast/conf.d;
      mv /etc/holdfast/conf.d-bad /etc/holdfast/conf.d/bad.toml`);
    assert.notEqual((await world.run('systemctl', 'reload', 'holdfast')).code, 0);
    assert.equal(await world.show('holdfast', 'ActiveState'), 'active');
    assert.notEqual((await world.run('systemctl', 'restart', 'holdfast')).code, 0);
    const { stdout } = await world.run('systemctl', 'status', 'holdfast');
    assert.match(stdout, /Active: failed/);
    assert.match(stdout, /Status: "nothing was started: \/etc\/holdfast\/conf\.d\/bad\.toml:3: console\.bad\.run: .*"/);
    t.diagnostic(stdout.split('\n').find((line) => line.includes('Status:')) ?? '');
    assert.equal(await children(), before, 'the children do without a server');
    await world.sh('rm /etc/holdfast/conf.d/bad.toml; systemctl start holdfast; systemctl reload holdfast');
  });

  await t.test(
    'the control socket by activation: while the server restarts there is an answer, or "try again" (75)',
    async () => {
      await world.sh('systemctl stop holdfast; systemctl start holdfast.socket');
      assert.equal(await world.sh('stat -c %a:%G /run/holdfast/control'), '660:holdfast');
      assert.equal((await world.sh(`${HOLDFAST} ps -q`)).split('\n').length, COUNT);
      const asking = world.sh(`for i in $(seq 5); do ${HOLDFAST} ps -q >/dev/null || test $? = 75; done`);
      await world.sh('systemctl restart holdfast; systemctl restart holdfast');
      await asking;
      assert.equal(await world.sh('test -S /run/holdfast/control && echo there'), 'there');
    },
  );

  await t.test('going down: the server first, then every process by its recipe and in order', async () => {
    await allUp('all up before');
    const start = performance.now();
    await world.sh('systemctl stop holdfast.socket holdfast.service holdfast-holder.service');
    t.diagnostic(`${COUNT} processes were stopped by their recipes in ${since(start)}`);
    assert.equal(await world.show('holdfast-holder', 'Result'), 'success');
    assert.equal(await world.show('holdfast-holder', 'ExecMainStatus'), '0');
    assert.equal((await world.run('pgrep', '-x', 'polite|counter')).stdout, '');
    for (const name of ['ioc-1', 'ioc-2', `ioc-${QUIET}`]) {
      assert.match(world.read(`/var/log/holdfast/${name}.log`), new RegExp(`${name} says goodbye\r\n$`));
    }
    const end = (name: string) => BigInt(world.read(`/run/${name}.end`).trim());
    for (let i = 2; i <= QUIET; i++) {
      assert.ok(end(`ioc-${i}`) <= end('ioc-1'), 'what others need ends last');
    }
  });
});
