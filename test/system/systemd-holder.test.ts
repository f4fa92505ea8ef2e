/** The holder under a real systemd: a cgroup for each console, and terminals that outlive the holder. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeathInfo } from '../../src/model/api.ts';
import type { Resources } from '../../src/model/resources.ts';
import { ROOT, World, writing } from '../harness/systemd.ts';

const HOLDFAST = `${ROOT}/bin/holdfast`;
const SERVICE = '/sys/fs/cgroup/system.slice/holdfast-holder.service';

/** Repeats its input, and reports how it ends. */
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
/** Leaves a process behind in its own session, which ignores all signals that can be ignored. */
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
hog = { run = ["/usr/bin/perl", "-e", "$x = 'x' x 200e6; sleep 1000"], start = false, restart = "never", quota = { memory = "64M" } }
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

interface Status {
  readonly state: string;
  readonly pid?: number;
  readonly deaths: readonly DeathInfo[];
  readonly resources?: Resources;
}

test('cgroups and terminals of the holder', async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }
  const main = (unit: string) => world.show(unit, 'MainPID');
  const status = async (name: string): Promise<Status> =>
    JSON.parse((await world.run(HOLDFAST, 'status', '--json', name)).stdout);
  const until = async (name: string, what: string, fits: (status: Status) => boolean): Promise<Status> => {
    const text = await world.until(`${name} ${what}`, `${HOLDFAST} status --json ${name} || true`, (said) =>
      fits(JSON.parse(said)),
    );
    return JSON.parse(text);
  };
  const up = (count: number) =>
    world.until('the consoles are up', 'systemctl show --value -p StatusText holdfast', (text) =>
      text.startsWith(`${count} of 7 up`),
    );
  const groups = (expected: string) =>
    world.until(
      'the cgroups',
      `ls ${SERVICE} | grep ^console- | sort | paste -sd' '`,
      (found) => found.trim() === expected,
    );
  const ALL = 'console-TS:odd.name console-counter console-echo console-quiet console-stray';
  const log = (name: string): string => world.read(`/var/log/holdfast/${name}.log`);
  const logged = (name: string, text: string) =>
    world.until(`${name} logs '${text}'`, `grep -aF '${text}' '/var/log/holdfast/${name}.log'`);
  const type = (name: string, text: string) => world.sh(`printf '${text}\\r' | ${HOLDFAST} attach --write ${name}`);
  const killHolder = async (): Promise<string> => {
    const [before, start] = [await main('holdfast-holder'), performance.now()];
    await world.sh('systemctl kill -s KILL --kill-who=main holdfast-holder');
    await world.until(
      'another holder',
      `p=$(systemctl show --value -p MainPID holdfast-holder); test $p -gt ${before}`,
    );
    await world.until('the server has it', `${HOLDFAST} status echo >/dev/null || test $? = 3`);
    return `${((performance.now() - start) / 1000).toFixed(1)} s`;
  };
  await up(5);

  await t.test('each console with a child has a cgroup, the holder one too', async () => {
    await groups(ALL);
    assert.equal(await world.sh(`cat ${SERVICE}/console-echo/cgroup.procs`), String((await status('echo')).pid));
    assert.equal(await world.sh(`cat ${SERVICE}/holder/cgroup.procs`), await main('holdfast-holder'));
    const { resources } = await status('stray');
    assert.equal(resources?.processes, 2, 'what it has started is counted');
    t.diagnostic(await world.sh(`${HOLDFAST} status stray`));
    const all = JSON.parse(await world.sh('curl -s --unix-socket /run/holdfast/control http://localhost/v1/resources'));
    assert.equal(all.stray.processes, 2);
    assert.deepEqual(Object.keys(all).sort(), ['TS:odd.name', 'counter', 'echo', 'quiet', 'stray']);
  });

  const controllers = await world.sh(`cat ${SERVICE}/cgroup.controllers`);
  const hasMemory = controllers.includes('memory');

  await t.test('processor time is counted; what is not counted is named', async () => {
    await world.sh(`${HOLDFAST} start burner`);
    const { resources } = await until('burner', 'burns', ({ resources }) => (resources?.cpuSeconds ?? 0) > 0.2);
    await world.sh(`${HOLDFAST} stop -y burner`);
    if (hasMemory) {
      assert.deepEqual([resources?.memoryMaxBytes, resources?.cpuMax, resources?.missing], [64 << 20, 0.5, undefined]);
    } else {
      assert.equal(resources?.missing, 'the memory controller of cgroup v2 is not there for this service');
    }
  });

  await t.test(
    'memory is counted and capped, and a death for lack of memory is named',
    { skip: !hasMemory && `no memory controller of cgroup v2 on this machine (it has: ${controllers || 'none'})` },
    async () => {
      await world.sh(`${HOLDFAST} start hog`);
      const { deaths } = await until('hog', 'is dead', ({ deaths }) => deaths.length > 0);
      assert.deepEqual([deaths[0]?.signal, deaths[0]?.outOfMemory], ['SIGKILL', true]);
      assert.match(await world.sh(`${HOLDFAST} why hog`), /killed by SIGKILL, out of memory/);
      const { resources } = await status('echo');
      assert.ok((resources?.memoryBytes ?? 0) > 0);
      t.diagnostic(await world.sh(`${HOLDFAST} status echo | grep uses; ${HOLDFAST} why hog | sed -n 2p`));
    },
  );

  await t.test('a stop also ends processes that left group and session; the cgroup goes with it', async () => {
    assert.equal((await world.run('pgrep', '-xf', 'stray-one 1000')).code, 0);
    await world.sh(`${HOLDFAST} stop -y stray`);
    assert.equal((await world.run('pgrep', '-xf', 'stray-one 1000')).code, 1);
    await groups(ALL.replace(' console-stray', ''));
    await world.sh(`${HOLDFAST} start stray`);
    await groups(ALL);
  });

  await t.test('the holder is killed: every process lives on, in its cgroup, on its terminal', async () => {
    const before = await Promise.all(
      ['echo', 'quiet', 'counter', 'stray'].map(async (name) => (await status(name)).pid),
    );
    const [server, lines] = [await main('holdfast'), log('counter').length];
    t.diagnostic(`kill -9 of the holder: another had its consoles after ${await killHolder()}`);
    const after = await Promise.all(
      ['echo', 'quiet', 'counter', 'stray'].map(async (name) => (await status(name)).pid),
    );
    assert.deepEqual(after, before);
    assert.equal(await main('holdfast'), server);
    await groups(ALL);
    await type('echo', 'are you there');
    await logged('echo', 'heard are you there');
    assert.match(log('echo'), /@@@ The holder of this console died and another took over/);
    await world.until('the log goes on', `test $(stat -c %s /var/log/holdfast/counter.log) -gt ${lines + 10_000}`);
    await world.until('the event', `${HOLDFAST} events -n 5 --json`, (events) =>
      events.includes('there is a holder again: 5 processes live on, 0 ended with the last one'),
    );
  });

  await t.test('a record or memo that cannot be parsed is put aside, and its process lives on', async () => {
    const pids = () => Promise.all(['echo', 'quiet', 'counter', 'stray'].map(async (name) => (await status(name)).pid));
    const before = await pids();
    const first = await main('holdfast-holder');
    // The files are not the memory of the holder: only the next one reads them.
    await world.sh(`cd /run/holdfast/holder.d/*/; echo '{"name":' >echo.json; echo '{"name":"quiet","pid":5}' >quiet.json
      sed -i 's/"memo":"[^}]*}/"memo":"nonsense/' stray.json; grep -q nonsense stray.json; mkdir heads.new; echo 0 >another.json
      systemctl kill -s KILL --kill-who=main holdfast holdfast-holder`);
    await world.until('another holder', `p=$(systemctl show --value -p MainPID holdfast-holder); test $p -gt ${first}`);
    await world.until('the server has it', `${HOLDFAST} status echo >/dev/null || test $? = 3`);
    assert.deepEqual(await pids(), before);
    await world.until('it is told', `${HOLDFAST} events -n 30`, (events) =>
      ['of echo makes no sense', 'of quiet makes no sense', 'of another makes no sense', 'left makes no sense'].every(
        (what) => events.includes(what),
      ),
    );
    await type('echo', 'still there');
    await logged('echo', 'heard still there');
    await world.sh('cd /run/holdfast/holder.d/*/; rm echo.json.bad quiet.json.bad another.json.bad');
  });

  await t.test('only output that a killed holder had read and not yet logged is missing', async () => {
    const numbers = [...log('counter').matchAll(/^line (\d+)\r$/gm)].map(([, number]) => Number(number));
    const gaps = numbers.flatMap((number, at) => (at > 0 && number !== (numbers[at - 1] as number) + 1 ? [at] : []));
    const missing = gaps.reduce((sum, at) => sum + (numbers[at] as number) - (numbers[at - 1] as number) - 1, 0);
    t.diagnostic(`${numbers.length} lines logged, ${missing} missing in ${gaps.length} place(s)`);
    t.diagnostic(await world.sh(`grep -a -B1 -A1 '@@@ The holder' /var/log/holdfast/counter.log`));
    const deaths = [...log('counter').matchAll(/^@@@ The holder of this console died/gm)].length;
    assert.ok(deaths > 0 && gaps.length <= deaths, 'only where a holder died');
  });

  await t.test('an adopted process ends: its last words and its exit status are known', async () => {
    await type('echo', 'exit 7');
    const { deaths, state } = await until('echo', 'is down', ({ pid }) => pid === undefined);
    await logged('echo', 'last words');
    // Linux reports it to processes other than the parent since 6.15.
    const tells = (await world.sh('printf "%s\\n" 6.15 "$(uname -r)" | sort -V | head -1')) === '6.15';
    assert.deepEqual([deaths[0]?.code, deaths[0]?.signal, state], [tells ? 7 : null, null, 'failed']);
    t.diagnostic(await world.sh(`${HOLDFAST} why -n 2 echo | head -8`));
  });

  await t.test('one that ends while no holder is there: the same, from the store', async () => {
    const pid = (await status('quiet')).pid as number;
    const holder = await main('holdfast-holder');
    // Until it is told to go on, systemd starts no other.
    await world.sh(`systemctl stop holdfast.socket; mkdir -p /run/systemd/system/holdfast-holder.service.d
      printf '[Service]\\nRestartSec=1s\\n' >/run/systemd/system/holdfast-holder.service.d/late.conf; systemctl daemon-reload`);
    await world.sh(`kill -KILL ${holder}; printf 'said to nobody\\n' >/proc/${pid}/fd/1; kill -KILL ${pid}`);
    const { deaths } = await until('quiet', 'is down', ({ pid }) => pid === undefined);
    await logged('quiet', 'said to nobody');
    const tells = (await world.sh('printf "%s\\n" 6.15 "$(uname -r)" | sort -V | head -1')) === '6.15';
    assert.equal(deaths[0]?.signal, tells ? 'SIGKILL' : null);
    await world.sh('rm -r /run/systemd/system/holdfast-holder.service.d; systemctl daemon-reload');
  });

  await t.test('holder and server are killed together: the next ones find every process', async () => {
    const before = await Promise.all(['counter', 'stray'].map(async (name) => (await status(name)).pid));
    await world.sh('systemctl kill -s KILL --kill-who=main holdfast holdfast-holder');
    await world.until('both are back', 'systemctl is-active holdfast holdfast-holder');
    await world.until('it answers', `${HOLDFAST} ps -q >/dev/null`);
    const after = await Promise.all(['counter', 'stray'].map(async (name) => (await status(name)).pid));
    assert.deepEqual(after, before);
    await groups('console-TS:odd.name console-counter console-stray');
  });

  await t.test('the delay of the log follows the configuration', async () => {
    await world.sh(
      `sed -i 's/log_delay = .*/log_delay = "30s"/' /etc/holdfast/holdfast.toml; systemctl restart holdfast`,
    );
    await type("'TS:odd.name'", 'gathered');
    assert.doesNotMatch(log('TS:odd.name'), /gathered/, 'half a minute is not over');
    await world.sh(`sed -i 's/log_delay = .*/log_delay = 0/' /etc/holdfast/holdfast.toml; systemctl restart holdfast`);
    await type("'TS:odd.name'", 'at once');
    await logged('TS:odd.name', 'at once');
  });

  await t.test('the holder is told to stop: nothing is left, even processes that ignore signals', async () => {
    await world.sh('systemctl stop holdfast holdfast-holder');
    assert.equal(await world.show('holdfast-holder', 'Result'), 'success');
    assert.equal((await world.run('pgrep', '-f', '/opt/|stray')).stdout, '');
    assert.equal((await world.run('test', '-d', SERVICE)).code, 1);
    assert.equal(await world.show('holdfast-holder', 'NFileDescriptorStore'), '0');
    assert.equal(await world.sh('ls /run/holdfast/holder.d/*/ | grep -c json || true'), '0');
  });
});
