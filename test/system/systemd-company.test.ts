/** The company of the units: generators, users and groups, permissions to restart, the control socket, the journal. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missing, temporaryDirectory } from '../harness/machine.ts';
import { ROOT, World, writing } from '../harness/systemd.ts';

const HOLDFAST = `${ROOT}/bin/holdfast`;
const UNITS = '/etc/systemd/system';
const GENERATOR = `${ROOT}/bin/systemd-procserv-generator-system`;

const CONFIG = `
[server]
control_group = "holdfast"

[audit]

[console]
vac-01 = { run = ["/bin/cat"] }
noted = { run = ["/bin/sh", "-c", "for i in 1 2 3; do echo line $i of it; done; exec cat"], log = { journal = true } }
flood = { run = ["/usr/bin/perl", "-e", "$|=1; print qq{ready\\n}; <STDIN>; print qq{flood $_\\n} for 1..200000; sleep 1 while 1"], log = { journal = true }, start = false }
`;

/** Two valid instances, one that is not an instance, one whose section has no command. */
const INSTANCES = `
[DEFAULT]
user = vacuum
group = vacuum
[mks]
command = /bin/cat
[gauge]
command = /bin/sh -c 'echo "$IOCNAME of $(id -un)"; exec cat'
chdir = /srv
[template]
instance = false
command = /bin/cat
[broken]
port = 0
`;

const PREPARE = [
  `${HOLDFAST} systemd units --out ${UNITS} >/dev/null`,
  `install -D -m 644 ${UNITS}/sysusers.d/holdfast.conf -t /etc/sysusers.d`,
  `install -D -m 644 ${UNITS}/tmpfiles.d/holdfast.conf -t /etc/tmpfiles.d`,
  `install -D -m 644 ${UNITS}/polkit-1/rules.d/60-holdfast.rules -t /etc/polkit-1/rules.d`,
  'systemd-sysusers',
  'useradd -m vacuum; useradd -m -G holdfast operator1; useradd -m stranger',
  writing('/etc/holdfast/holdfast.toml', CONFIG),
  writing('/etc/holdfast/procserv/ioc-1', 'COMMAND=/bin/cat\n'),
  writing('/etc/procServ.d/vacuum.conf', INSTANCES),
  writing('/home/vacuum/.config/procServ.d/own.conf', '[own]\ncommand = /bin/cat\n'),
  'chown -R vacuum: /home/vacuum/.config',
  'mkdir -p /etc/systemd/system-generators /etc/systemd/user-generators',
  `ln -s ${GENERATOR} /etc/systemd/system-generators/`,
  `ln -s ${ROOT}/bin/systemd-procserv-generator-user /etc/systemd/user-generators/`,
  `mkdir ${UNITS}/multi-user.target.wants`,
  `ln -s /run/systemd/generator/procserv-mks.service ${UNITS}/multi-user.target.wants/`,
  'systemctl enable holdfast.service procserv@ioc-1 2>/dev/null',
].join('\n');

const as = (user: string, command: string) => ['runuser', '-u', user, '--', 'bash', '-c', command];

test('the files that accompany the units', async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }

  await t.test('generator: units of /etc/procServ.d exist at boot, and start', async () => {
    assert.equal(await world.show('procserv-mks', 'FragmentPath'), '/run/systemd/generator/procserv-mks.service');
    assert.equal(await world.show('procserv-mks', 'ActiveState'), 'active', 'the one that a target wants');
    await world.sh('systemctl start procserv-gauge');
    await world.until('its child', `journalctl -t procserv-gauge -o cat | grep -q 'gauge of vacuum'`);
    const status = await world.sh('systemctl status procserv-gauge');
    assert.match(status, /procServ for gauge[\s\S]*Loaded: loaded \(.*; generated\)[\s\S]*Active: active \(running\)/);
    assert.match(await world.sh(`${ROOT}/bin/manage-procs status`), /^gauge Running\t\/run\/procserv-gauge\/control$/m);
    const found = await world.sh(`ls /run/systemd/generator | grep '^procserv-' | paste -sd' '`);
    assert.equal(found, 'procserv-gauge.service procserv-mks.service');
    assert.equal(
      await world.sh(`systemd-analyze verify --recursive-errors=no /run/systemd/generator/procserv-*.service 2>&1`),
      '',
    );
  });

  await t.test('generator: daemon-reload follows instances that were added or removed', async () => {
    await world.sh(`printf '[late]\\ncommand = /bin/cat\\n' >/etc/procServ.d/late.conf; systemctl daemon-reload`);
    assert.equal(await world.show('procserv-late', 'LoadState'), 'loaded');
    await world.sh('rm /etc/procServ.d/late.conf; systemctl daemon-reload');
    assert.equal(await world.show('procserv-late', 'LoadState'), 'not-found');
  });

  await t.test('generator: writes only into its folder, needs almost nothing, and is quick', async () => {
    const closed = ['ProtectSystem=strict', 'ReadWritePaths=/srv/out', 'PrivateNetwork=yes', 'PrivateDevices=yes'];
    const bare = `systemd-run -q --wait --pipe ${closed.map((each) => `-p ${each}`).join(' ')} env -i`;
    const said = await world.sh(`mkdir /srv/out; ${bare} ${GENERATOR} /srv/out /srv/out.early /srv/out.late 2>&1`);
    assert.match(said, /^manage-procs: \/etc\/procServ\.d\/vacuum\.conf:13: broken\.command: needs 'command'[^\n]*$/);
    assert.equal(await world.sh('ls -A /srv/out | paste -sd" "'), 'procserv-gauge.service procserv-mks.service');
    assert.equal((await world.run(GENERATOR, '/proc/no/such', '/x', '/x')).code, 1);
    assert.equal((await world.run(GENERATOR)).code, 2);
    const times = `for i in $(seq 5); do s=$EPOCHREALTIME; ${GENERATOR} /srv/out /x /x; e=$EPOCHREALTIME
      echo $(( (\${e/./} - \${s/./}) / 1000 )); done | sort -n | paste -sd' '`;
    t.diagnostic(`five runs of the generator, ms: ${await world.sh(times)}`);
  });

  await t.test("generator: a user's instances under the user's own manager", async () => {
    await world.sh('loginctl enable-linger vacuum');
    await world.until('the manager of the user', 'systemctl is-active user@$(id -u vacuum)');
    const user = (words: string) => world.sh(`systemctl --user -M vacuum@ ${words}`);
    assert.match(await user('show --value -p FragmentPath procserv-own'), /^\/run\/user\/\d+\/systemd\/generator\//);
    await user('start procserv-own');
    await world.until('its socket', 'test -S /run/user/$(id -u vacuum)/procserv-own/control');
    await user('stop procserv-own');
  });

  await t.test('sysusers.d and tmpfiles.d into a root of their own', async () => {
    await world.sh(`mkdir -p /srv/root/etc; cd ${UNITS}
      systemd-sysusers --root=/srv/root $PWD/sysusers.d/holdfast.conf 2>/dev/null
      printf 'root:x:0:0::/root:/bin/sh\\n' >/srv/root/etc/passwd; printf 'root:x:0:\\n' >>/srv/root/etc/group
      systemd-tmpfiles --create --root=/srv/root $PWD/tmpfiles.d/holdfast.conf`);
    assert.match(world.read('/srv/root/etc/group'), /^holdfast:x:\d+:$/m);
    const made = await world.sh('stat -c "%n %a %U" /srv/root/run/holdfast /srv/root/var/log/holdfast');
    assert.equal(made, '/srv/root/run/holdfast 755 root\n/srv/root/var/log/holdfast 750 root');
  });

  await t.test('control socket: a member of the group restarts a console, a stranger does not', async () => {
    await world.until('vac-01 is up', `${HOLDFAST} status vac-01 | grep -q running`);
    const child = () => world.sh(`${HOLDFAST} status vac-01 --json | grep -oE '"pid": *[0-9]+' | head -1`);
    const before = await child();
    const refused = await world.run(...as('stranger', `${HOLDFAST} restart -y vac-01`));
    assert.deepEqual([refused.code, await child()], [77, before]);
    assert.match(refused.stderr, /\/run\/holdfast\/control/);
    const allowed = await world.run(...as('operator1', `${HOLDFAST} restart -y vac-01`));
    assert.equal(allowed.code, 0, allowed.stderr);
    assert.notEqual(await child(), before);
    await world.until('the journal has who', 'journalctl HOLDFAST_CONSOLE=vac-01 -o json | grep -q operator1');
  });

  await t.test('the journal has each line of the audit, with its hash', async () => {
    const entries = 'journalctl -t holdfast-audit HOLDFAST_ACT=restart HOLDFAST_USER=operator1 -o json';
    await world.until('the line', `${entries} | grep -q HOLDFAST_AUDIT_HASH`);
    const entry = JSON.parse((await world.sh(`${entries} | tail -1`)).trim());
    const lines = world.read('/var/lib/holdfast/audit.jsonl').split('\n');
    const line = lines[Number(entry.HOLDFAST_AUDIT_SEQ) - 1] as string;
    assert.equal(JSON.parse(line).by.user, 'operator1');
    assert.equal(createHash('sha256').update(line).digest('hex'), entry.HOLDFAST_AUDIT_HASH);
    assert.equal(entry.HOLDFAST_CONSOLE, 'vac-01');
  });

  await t.test('polkit: members start, stop, restart one-process consoles, and nothing else', async (t) => {
    const none = missing('pkcheck');
    if (none) {
      t.skip(none);
      return;
    }
    const ask = (user: string, words: string) => world.run(...as(user, `systemctl --no-ask-password ${words}`));
    const pid = await world.show('procserv@ioc-1', 'MainPID');
    assert.notEqual((await ask('stranger', 'restart procserv@ioc-1')).code, 0);
    assert.equal(await world.show('procserv@ioc-1', 'MainPID'), pid);
    const { code, stderr } = await ask('operator1', 'restart procserv@ioc-1');
    assert.equal(code, 0, stderr);
    assert.notEqual(await world.show('procserv@ioc-1', 'MainPID'), pid);
    for (const words of ['restart holdfast-holder', 'kill procserv@ioc-1', 'daemon-reload', 'stop systemd-logind']) {
      assert.notEqual((await ask('operator1', words)).code, 0, words);
    }
  });

  await t.test('holdfast.socket: the server takes the socket over, with its mode and group', async () => {
    await world.sh('systemctl stop holdfast; systemctl start holdfast.socket');
    assert.equal(await world.sh('stat -c %a:%U:%G /run/holdfast/control'), '660:root:holdfast');
    const inode = await world.sh('stat -c %i /run/holdfast/control');
    const asked = await world.run(...as('operator1', `${HOLDFAST} ps -q`));
    assert.equal(asked.code, 0, 'who asks starts the server');
    const server = await world.show('holdfast', 'MainPID');
    const kernel = await world.sh(
      `awk '$8 == "/run/holdfast/control" && $4 == "00010000" { print $7 }' /proc/net/unix`,
    );
    const held = await world.sh(`readlink /proc/${server}/fd/* | grep -c 'socket:\\[${kernel}\\]'`);
    assert.equal(held, '1', 'the descriptor that systemd opened');
    const handed = `tr '\\0' '\\n' </proc/$(pgrep -x cat -P $(systemctl show --value -p MainPID holdfast-holder) | head -1)/environ`;
    assert.doesNotMatch(await world.sh(handed), /LISTEN_/);
    await world.sh('systemctl restart holdfast');
    assert.equal(await world.sh('stat -c %i /run/holdfast/control'), inode, 'and it outlives the server');
    assert.equal((await world.run(...as('stranger', `${HOLDFAST} ps -q`))).code, 77);
  });

  await t.test(
    'log.journal: lines are in the journal with their console; a flood is cut short there, not in its log',
    async () => {
      await world.until(
        'the lines are in the journal',
        'journalctl HOLDFAST_CONSOLE=noted HOLDFAST_EVENT=output -o cat | grep -v @@@',
        (lines) => lines === 'noted: line 1 of it\nnoted: line 2 of it\nnoted: line 3 of it\n',
      );
      await world.sh(`${HOLDFAST} start -y --wait flood; printf '\\r' | ${HOLDFAST} attach --write flood >/dev/null`);
      await world.until('all is in the log', 'grep -q "flood 200000" /var/log/holdfast/flood.log');
      const left = await world.until(
        'the journal says what is not in it',
        `journalctl HOLDFAST_CONSOLE=flood HOLDFAST_EVENT=output -p warning -o cat`,
        (text) => /^flood: \d+ bytes of output are not in the journal/.test(text),
      );
      const said = await world.sh('journalctl HOLDFAST_CONSOLE=flood HOLDFAST_EVENT=output -p info -o cat | wc -l');
      assert.ok(Number(said) >= 500 && Number(said) < 5000, said);
      assert.equal(await world.sh('grep -c ^flood /var/log/holdfast/flood.log'), '200000');
      t.diagnostic(`of 200,000 lines ${said} went to the journal; ${left.trim()}`);
    },
  );
});

test('systemd-analyze says what the guide shows', { skip: missing('systemd-analyze') }, (t) => {
  const folder = temporaryDirectory(t);
  const run = (program: string, ...words: string[]) =>
    spawnSync(program, words, { cwd: folder, encoding: 'utf8', env: { ...process.env, LANG: 'C.UTF-8' } });
  assert.equal(run(HOLDFAST, 'systemd', 'units', '--out', folder).status, 0);
  const services = ['holdfast-holder', 'holdfast', 'holdfast-gateway', 'procserv@', 'isis@'].map(
    (name) => `${name}.service`,
  );
  const { stdout, stderr } = run(
    'systemd-analyze',
    'verify',
    '--recursive-errors=no',
    ...services,
    'holdfast.socket',
    'holdfast-gateway.path',
  );
  assert.equal(stdout + stderr, '');
  const guide = readFileSync(join(ROOT, 'docs/guide/systemd.md'), 'utf8');
  for (const name of services) {
    const said = run('systemd-analyze', 'security', '--offline=true', '--no-pager', name).stdout;
    const score = /exposure level for .*: (\d+\.\d)/.exec(said)?.[1];
    const row = new RegExp(`^\\| \`${name}\` +\\| (\\S+) `, 'm').exec(guide)?.[1];
    assert.equal(row, score, `docs/guide/systemd.md on ${name}`);
  }
});
