/** The actions of systemd on the services, and theirs on their processes: reload, a hung main loop, ignored stops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT, World, writing } from '../harness/systemd.ts';
import { userManager } from '../harness/user-manager.ts';

const HOLDFAST = `${ROOT}/bin/holdfast`;

/** Records the requests to it, and does not obey. */
const STUBBORN = `#!/usr/bin/perl
$| = 1;
sub note { open my $file, '>>', "/run/$ARGV[0].asked"; print $file "$_[0]\\n" }
$SIG{TERM} = sub { note('TERM') };
$SIG{HUP} = 'IGNORE';
print "up\\n";
while (1) { my $line = <STDIN>; note($line =~ s/\\s+$//r) if defined $line && $line =~ /\\S/ }
`;
/** Makes the main loop of the server busy forever, as a defect could: nothing from outside can. */
const WEDGE = `
const [{ webSocketDebuggerUrl }] = await (await fetch('http://127.0.0.1:9229/json')).json();
const debug = new WebSocket(webSocketDebuggerUrl);
debug.onopen = () => debug.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: 'for (;;);' } }));
debug.onclose = () => process.exit();
`;
const INSPECTED = '/run/systemd/system/holdfast.service.d/inspected.conf';

const config = (description: string) => `
[console]
quiet = { run = ["/bin/cat"], description = "${description}" }
stubborn = { run = ["/opt/stubborn", "stubborn"], stop = [{ send = "please\\n" }, { wait = "400ms" }, { signal = "TERM" }, { wait = "400ms" }, { signal = "KILL" }] }
endless = { run = ["/opt/stubborn", "endless"], stop = [{ send = "please\\n" }, { wait = "1h" }], start = false }
`;

const OTHER = `
[server]
runtime_dir = "/run/other"
state_dir = "/var/lib/other"
log_dir = "/var/log/other"
`;

const PREPARE = [
  'groupadd -r holdfast; useradd -m -s /bin/bash vacuum',
  writing('/opt/stubborn', STUBBORN, '755'),
  writing('/etc/holdfast/holdfast.toml', config('before')),
  writing('/etc/other/holdfast.toml', OTHER),
  `${HOLDFAST} systemd units --out /etc/systemd/system >/dev/null`,
  writing('/etc/systemd/system/holdfast.service.d/test.conf', '[Service]\nWatchdogSec=2s\n'),
  writing('/etc/systemd/system/holdfast-holder.service.d/test.conf', '[Service]\nTimeoutStopSec=5s\n'),
  'systemctl enable holdfast.service',
].join('\n');

test('reloads, a hang, stops that are not obeyed', async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }
  const main = (unit: string) => world.show(unit, 'MainPID');
  const up = (count: number) =>
    world.until(`${count} are up`, 'systemctl show --value -p StatusText holdfast', (text) =>
      text.startsWith(`${count} of 3 up`),
    );
  const children = () => world.sh(`ps -o pid=,lstart=,args= -p $(pgrep -d, -x 'cat|stubborn')`);
  const asked = async (name: string) => (await world.sh(`cat /run/${name}.asked`)).split('\n');
  await up(2);

  const reload = t.test('systemctl reload applies what has changed, and is a success', async () => {
    const before = await children();
    await world.sh(writing('/etc/holdfast/holdfast.toml', config('after')));
    await world.sh('systemctl reload holdfast');
    assert.match(await world.sh(`${HOLDFAST} status quiet`), /about +after/);
    assert.equal(await children(), before);
  });

  const hangup = t.test('SIGHUP: RELOADING=1 with the monotonic clock, and READY=1 when it is done', async () => {
    const start = Number((await world.sh('cat /proc/uptime')).split(' ')[0]) * 1e6;
    await world.sh('systemd-run -q --unit=told socat -u UNIX-RECV:/run/told.sock CREATE:/run/told');
    await world.until('the manager listens', 'test -S /run/told.sock');
    const command = `${HOLDFAST} up --foreground -c /etc/other/holdfast.toml`;
    await world.sh(`systemd-run -q --unit=other -E NOTIFY_SOCKET=/run/told.sock ${command}`);
    await world.until('it is ready', 'grep -a READY=1 /run/told');
    await world.sh('systemctl kill -s HUP --kill-who=main other');
    const told = await world.until('it has reloaded', 'cat /run/told', (text) => /RELOADING[\s\S]*READY=1/.test(text));
    const [, micros] = /RELOADING=1\nMONOTONIC_USEC=(\d+)READY=1\n/.exec(told) ?? [];
    assert.ok(Number(micros) > start, `${micros} after ${start}`);
    await world.sh(`${HOLDFAST} down --all --yes --socket /run/other/control; systemctl stop told`);
  });

  const oneshot = t.test(
    '--oneshot: the status of the child is that of the unit, a signal as a shell says it',
    async () => {
      for (const [script, status] of [
        ['exit 7', 7],
        ['exec perl -e "kill SEGV => getpgrp"', 128 + 11],
        ['exit 0', 0],
      ] as const) {
        const unit = `oneshot-${status}`;
        const command = `${ROOT}/bin/procServ --foreground --oneshot unix:/run/${unit}.sock /bin/sh -c '${script}'`;
        const { code } = await world.run('bash', '-c', `systemd-run -q --wait --unit=${unit} ${command}`);
        assert.equal(code, status, script);
      }
    },
  );

  await Promise.all([reload, hangup, oneshot]);

  await t.test('the main loop really hangs: the watchdog kills it, no child disturbed', async () => {
    const inspect = '[Service]\nEnvironment=NODE_OPTIONS=--inspect=127.0.0.1:9229\n';
    await world.sh(`${writing(INSPECTED, inspect)}; systemctl daemon-reload; systemctl restart holdfast`);
    await up(2);
    const [before, server, start] = [await children(), await main('holdfast'), performance.now()];
    await world.sh(
      `${ROOT}/build/node --input-type=module -e "$(base64 -d <<<${Buffer.from(WEDGE).toString('base64')})"`,
    );
    await world.until('another server', `test "$(systemctl show --value -p MainPID holdfast)" -gt ${server}`);
    await up(2);
    t.diagnostic(`busy without end, with WatchdogSec=2s, the next one answered after ${since(start)}`);
    await world.until('systemd says why', `journalctl -u holdfast -b -o cat | grep -q 'Watchdog timeout'`);
    assert.equal(await children(), before);
    await world.sh(`rm ${INSPECTED}; systemctl daemon-reload; systemctl restart holdfast`);
  });

  await t.test('a unit of a user: its processes outlive their holder too, each in its cgroup', async () => {
    const asUser = await userManager(world, 'vacuum', HOLDFAST);
    await asUser('systemctl --user start holdfast');
    await world.until('the child', 'pgrep -u vacuum -x cat');
    const child = await world.sh('pgrep -u vacuum -x cat');
    assert.match(await world.sh(`cat /proc/${child}/cgroup`), /holdfast-holder\.service\/console-mine$/m);
    await asUser('systemctl --user kill -s KILL --kill-who=main holdfast-holder');
    await world.until('the next holder has it', `journalctl -b --no-pager | grep -q '1 processes live on, 0 ended'`);
    assert.equal(await world.sh('pgrep -u vacuum -x cat'), child);
    await asUser('systemctl --user stop holdfast holdfast-holder');
    assert.equal((await world.run('pgrep', '-u', 'vacuum', '-x', 'cat')).code, 1);
  });

  await t.test('the stop of the holder: recipe, then TERM, then KILL, within TimeoutStopSec', async () => {
    await world.sh('systemctl stop holdfast; systemctl stop holdfast-holder');
    assert.equal(await world.show('holdfast-holder', 'Result'), 'success');
    assert.deepEqual(await asked('stubborn'), ['please', 'TERM']);
    assert.equal((await world.run('pgrep', '-f', '/opt/stubborn')).code, 1);
  });

  await t.test('an endless recipe: systemd has the last word', async () => {
    await world.sh(`systemctl start holdfast; ${HOLDFAST} start endless`);
    await world.until('it is up', 'pgrep -f "stubborn endless"');
    const start = performance.now();
    await world.sh('systemctl stop holdfast; systemctl stop holdfast-holder');
    t.diagnostic(`with TimeoutStopSec=5s it was over after ${since(start)}`);
    assert.equal(await world.show('holdfast-holder', 'Result'), 'timeout');
    assert.deepEqual(await asked('endless'), ['please']);
    assert.equal((await world.run('pgrep', '-f', '/opt/stubborn')).code, 1);
    const status = (await world.run('systemctl', 'status', 'holdfast-holder')).stdout;
    assert.match(status, /Active: failed \(Result: timeout\)/);
  });
});

function since(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
