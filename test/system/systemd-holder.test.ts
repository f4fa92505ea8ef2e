/** The holder under a real systemd: a cgroup for each console, and terminals that outlive the holder. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT, World, writing } from '../harness/systemd.ts';

const HOLDFAST = `${ROOT}/bin/holdfast`;
const SERVICE = '/sys/fs/cgroup/system.slice/holdfast-holder.service';

/** Says what it is told, and how it ended its life. */
const ECHO = `#!/bin/bash
trap '' HUP
echo "up"
while read -r line; do [[ $line != exit* ]] || { echo "last words"; exit "\${line#exit }"; }; echo "heard $line"; done
`;
/** Numbered lines, some thousand per second. */
const COUNTER = `#!/usr/bin/perl
$| = 1;
for ($i = 1; ; $i++) { print "line $i\\n"; select(undef, undef, undef, 0.005) unless $i % 20 }
`;
/** Leaves a process behind in a session of its own, which ignores all that can be ignored. */
const STRAY = `#!/bin/bash
setsid bash -c 'trap "" HUP TERM; exec -a stray-$1 sleep 1000' - "$1" </dev/null >/dev/null 2>&1 &
exec sleep 1000
`;

const CONFIG = `
[server]
log_delay = "20ms"
[defaults]
restart = { holdoff = "1s" }
[console]
echo = { run = ["/opt/echo"], restart = "never" }
quiet = { run = ["/opt/echo"], restart = "never" }
counter = { run = ["/opt/counter"], log = { size = "1G" } }
stray = { run = ["/opt/stray", "one"], stop = [{ signal = "KILL" }] }
burner = { run = ["/bin/sh", "-c", "while :; do :; done"], start = false, quota = { memory = "64M", cpu = 0.5 } }
"TS:odd.name" = { run = ["/bin/cat"] }
`;

const PREPARE = [
  'groupadd -r holdfast',
  writing('/opt/echo', ECHO, '755'),
  writing('/opt/counter', COUNTER, '755'),
  writing('/opt/stray', STRAY, '755'),
  writing('/etc/holdfast/holdfast.toml', CONFIG),
  `${HOLDFAST} systemd units --out /etc/systemd/system >/dev/null`,
  'systemctl enable holdfast.service',
].join('\n');

test('cgroups and terminals of the holder', async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }
  const main = (unit: string) => world.show(unit, 'MainPID');
  const pidOf = (name: string) => world.sh(`${HOLDFAST} status --json ${name} | jq -r .pid`);
  const up = (count: number) =>
    world.until('the consoles are up', 'systemctl show --value -p StatusText holdfast', (text) =>
      text.startsWith(`${count} of 6 up`),
    );
  const groups = () => world.sh(`ls -d ${SERVICE}/console-* | sed 's,.*/,,' | sort | paste -sd' '`);
  await up(5);

  await t.test('each console with a child has a cgroup, the holder one too', async () => {
    assert.equal(await groups(), 'console-TS:odd.name console-counter console-echo console-quiet console-stray');
    assert.equal(await world.sh(`cat ${SERVICE}/console-echo/cgroup.procs`), await pidOf('echo'));
    assert.equal(await world.sh(`cat ${SERVICE}/holder/cgroup.procs`), await main('holdfast-holder'));
    t.diagnostic(await world.sh('systemd-cgls --no-pager -u holdfast-holder; systemctl show -p Delegate,ControlGroup,NFileDescriptorStore,FileDescriptorStoreMax holdfast-holder'));
    t.diagnostic(await world.sh(`${HOLDFAST} status echo`));
    t.diagnostic(await world.sh('ls -lR /run/holdfast; cat /run/holdfast/holder.d/*/echo.json'));
  });
});
