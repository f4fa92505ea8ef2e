/** `holdfast down` if systemd would start the server again: it returns, and says what does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT, World, writing } from '../harness/systemd.ts';

const HOLDFAST = `${ROOT}/bin/holdfast`;

const PREPARE = [
  'groupadd -r holdfast',
  writing('/etc/holdfast/holdfast.toml', '[console.c]\nrun = ["/bin/cat"]\n'),
  `${HOLDFAST} systemd units --out /etc/systemd/system >/dev/null`,
  'systemctl enable holdfast.socket',
].join('\n');

test('down with a socket unit', async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }
  const begin = async (): Promise<string> => {
    await world.until('the server to be started by its socket', `${HOLDFAST} ps -q`, (text) => text.trim() === 'c');
    return world.show('holdfast', 'MainPID');
  };

  await t.test('it ends, names the socket that starts it again, and does not start it itself', async () => {
    await begin();
    const down = await world.run(HOLDFAST, 'down');
    assert.equal(down.code, 0, down.stderr);
    assert.match(down.stdout, /^The server has ended; its processes go on\. /);
    assert.match(
      down.stdout,
      / holdfast\.socket starts it again when somebody asks for it: 'systemctl stop holdfast\.socket' keeps it down\.$/m,
    );
    assert.equal(await world.show('holdfast', 'MainPID'), '0');
  });

  await t.test('a restart policy that starts it again is named too', async () => {
    await world.sh(
      `${writing('/etc/systemd/system/holdfast.service.d/always.conf', '[Service]\nRestart=always\n')}; systemctl daemon-reload`,
    );
    await begin();
    const down = await world.run(HOLDFAST, 'down');
    assert.equal(down.code, 0, down.stderr);
    assert.match(
      down.stdout,
      / holdfast\.service has Restart=always and starts it again: 'systemctl stop holdfast\.service'/m,
    );
  });

  await t.test('what is said of a server that is away names systemctl, and the holder that goes on', async () => {
    await begin();
    await world.sh('systemctl stop holdfast.socket holdfast.service');
    const holder = await world.show('holdfast-holder', 'MainPID');
    const told = `'systemctl start holdfast' starts it, --socket names another; the holder (pid ${holder}) and its 1 process are running`;
    const ps = await world.run(HOLDFAST, 'ps');
    assert.deepEqual([ps.code, ps.stderr], [69, `holdfast: ps: no server answers on /run/holdfast/control: ${told}\n`]);
    const doctor = await world.run(HOLDFAST, 'doctor');
    assert.match(
      doctor.stdout,
      /^FAILED +server: nothing answers on \S+; the holder \(pid \d+\) and its 1 process are running\n/,
    );
    assert.match(doctor.stdout, /^ +'systemctl start holdfast' starts it;/m);
  });

  await t.test('up leaves the paths to a unit that is enabled', async () => {
    await world.sh('systemctl enable holdfast.service');
    const up = await world.run(HOLDFAST, 'up');
    assert.equal(up.code, 1, up.stdout);
    assert.match(
      up.stderr,
      /^holdfast: up: holdfast\.service runs the server of these paths: 'systemctl start holdfast'/,
    );
    const shared = await world.run(HOLDFAST, 'up', '-c', '/etc/holdfast/holdfast.toml');
    assert.deepEqual([shared.code, shared.stdout], [1, '']);
    assert.match(
      shared.stderr,
      /^holdfast: up: holdfast\.service runs the server of runtime_dir \/run\/holdfast and state_dir \/var\/lib\/holdfast: give \S+ others in \[server\]/,
    );
    const own = '[server]\nruntime_dir = "/run/other"\nstate_dir = "/run/other"\n';
    await world.sh(`printf '${own.replaceAll('\n', '\\n')}' >/etc/other.toml; ${HOLDFAST} up -c /etc/other.toml`);
    await world.sh(`HOLDFAST_SOCKET=/run/other/control ${HOLDFAST} down --all`);
    const user = (...words: string[]) =>
      world.run('runuser', '-u', 'nobody', '--', 'env', 'HOME=/nonexistent', HOLDFAST, ...words);
    await world.sh('rm -f /run/holdfast/control');
    const away = await user('ps');
    assert.equal(away.code, 69);
    assert.match(
      away.stderr,
      /on \/run\/holdfast\/control: as root, 'systemctl start holdfast' starts it, --socket names/,
    );
    await world.sh(`cp /etc/holdfast/holdfast.toml /run/kept; echo x >>/etc/holdfast/holdfast.toml`);
    await world.sh('! systemctl start holdfast.service');
    const broken = await world.run(HOLDFAST, 'status');
    assert.match(broken.stderr, /; holdfast\.service has failed: 'systemctl status holdfast' says why/);
    await world.sh('cp /run/kept /etc/holdfast/holdfast.toml; systemctl start holdfast.service');
    assert.equal(await world.sh(`${HOLDFAST} ps -q`), 'c');
    await world.sh('groupadd -f operators; chgrp operators /run/holdfast/control');
    const closed =
      "this user may not open /run/holdfast/control: it is open to group operators (root: 'usermod -aG operators USER', then USER logs in anew)";
    const ps = await user('ps');
    assert.deepEqual([ps.code, ps.stderr], [77, `holdfast: ps: ${closed}\n`]);
    const shown = await user('show', 'c');
    assert.deepEqual([shown.code, shown.stderr], [0, `as the files have it: ${closed}\n`]);
    assert.match(shown.stdout, /^# \/etc\/holdfast\/holdfast\.toml:\d+\n\[console\.c\]\n/);
    const exported = await user('export', 'conserver');
    assert.match(exported.stderr, /^holdfast export: as the files have it: .*\nholdfast export: c: no endpoint: /);
    await world.sh('chmod 0600 /run/holdfast/control');
    assert.match(
      (await user('ps')).stderr,
      /it is for the user of the server alone; 'control_group' of \[server\] opens it/,
    );
    const twice = await user('up', '-c', '/etc/holdfast/holdfast.toml');
    assert.deepEqual([twice.code, twice.stdout], [1, '']);
    assert.match(
      twice.stderr,
      /is of the server of this machine: 'systemctl start holdfast' starts that, and what it has/,
    );
    const none = await user('up');
    assert.deepEqual([none.code, none.stdout], [78, '']);
    assert.match(none.stderr, /the server of this machine is another one: 'holdfast ps' shows what that runs\n$/);
    assert.match((await user('check')).stdout, /^no mistakes: 1 console in \/etc\/holdfast\/holdfast\.toml\n$/);
    const units = await user('systemd', 'units', '--out', '/etc/systemd/system');
    assert.deepEqual(
      [units.code, units.stderr],
      [77, 'holdfast: systemd: /etc/systemd/system/holdfast-holder.service: permission denied\n'],
    );
    const another =
      '[server]\ncontrol_mode = "0600"\n[console.c]\nrun = ["/bin/cat"]\n[console.d]\nrun = ["/bin/cat"]\n';
    await world.sh(writing('/srv/new.toml', another));
    const instead = await world.run(HOLDFAST, 'plan', '-c', '/srv/new.toml');
    assert.deepEqual([instead.code, instead.stderr], [2, '']);
    assert.deepEqual(instead.stdout.split('\n'), [
      '+ d: new',
      "~ [server]: control_mode (with the next start of the server: 'systemctl restart holdfast': no process is touched)",
      '2 changes, if the server took /srv/new.toml instead of its files.',
      '',
    ]);
    await world.sh(
      `mkdir -p /etc/holdfast/conf.d; printf '[server]\\ncontrol_mode = "0600"\\n' >/etc/holdfast/conf.d/x.toml`,
    );
    assert.match(
      (await world.run(HOLDFAST, 'plan')).stdout,
      /control_mode \(with the next start of the server: 'systemctl restart holdfast': no process is touched\)/,
    );
  });
});
