/** Units written for procServ and for OSU's isis run unchanged with ours in their places, under a real systemd. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isisService, shown } from '../harness/seed-units.ts';
import { ROOT, World, writing } from '../harness/systemd.ts';

const PAGE = 'e3-chapter-13.md';
const ISIS = isisService();
const IOCSH = '/opt/epics/base-7.0.3.1/require/3.1.2/bin/iocsh.bash';
/** Stands for the shell of an IOC: prints its arguments, answers lines. */
const SHELL = `#!/bin/bash
echo "iocsh of $(id -un) with $*"
while read -r line; do echo "you said $line"; done
`;

const PREPARE = [
  'groupadd iocgroup; useradd -m -g iocgroup iocuser',
  `ln -sf ${ROOT}/bin/procServ /usr/bin/procServ; ln -sf ${ROOT}/bin/isis ${ISIS.command.split(' ')[0]}; ln -sf ${ROOT}/bin/isisCmd /usr/local/bin/isisCmd`,
  writing(IOCSH, SHELL, '755'),
  ...['one', 'two', 'three'].map((name) => writing(`/opt/iocs/e3-ioc-${name}/st.cmd`, `# ${name}\n`)),
  writing('/etc/systemd/system/test-ioc.service', shown(PAGE, '/etc/systemd/system/test-ioc.service')),
  writing('/etc/systemd/system/ioc@.service', shown(PAGE, '/etc/systemd/system/ioc@.service')),
  writing(ISIS.unitFile, ISIS.unit),
  writing(ISIS.script, ISIS.shell, '755'),
  writing('/home/dts/Config/isis.ini', 'ServerID IS\nServerPort 6600\nServerLog /tmp/isis\n'),
  'systemctl enable isis.service ioc@three.service',
].join('\n');

/** Types a line into a console through socat, and waits for `answer`; returns the whole output. */
const talk = (words: string, answer: string, address: string) => `
  said=$(mktemp)
  { printf '${words}\\r'; until grep -q '${answer}' "$said"; do sleep 0.02; done; } |
    timeout 20 socat -t 0.1 - ${address} >"$said"
  cat "$said"`;

test('the units of the pages run unchanged', { concurrency: true }, async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }
  const main = async (unit: string) => Number(await world.show(unit, 'MainPID'));

  const isis = t.test('isis.service is what the page shows, and comes back after EXEC: QUIT', async () => {
    assert.equal(await world.show('isis', 'ActiveState'), 'active');
    const ask = (words: string) => world.sh(`printf 'T>IS ${words}\\r' | socat -t 0.5 - UDP:127.0.0.1:6600`);
    await world.until('isis answers', `ss -Huln 'sport = 6600' | grep -q 6600`);
    assert.match(await ask('PING'), /IS>T PONG/);
    const before = await main('isis');
    const status = await world.sh('systemctl status isis');
    assert.match(
      status,
      new RegExp(
        `● isis\\.service - ${ISIS.description}\\n +Loaded: loaded \\(\\S*/systemd/system/isis.service; enabled`,
      ),
    );
    assert.match(status, /Main PID: \d+ \(isis\.sh\)/);
    assert.match(status, new RegExp(`─\\d+ /bin/sh ${ISIS.script}\\n.*─\\d+ .*${ISIS.command}`));
    // The commands of the page, with the address of this server.
    const command = (words: string) =>
      world.sh(`ISIS_HOST=127.0.0.1 ISIS_PORT=6600 isisCmd --mods1 ${words} | sed 's/\\x1b[^m]*m//g'`);
    assert.match(
      await command('is status'),
      /^DONE: STATUS HostName=IS HostAddr=\S+:6600 rcFile=\/home\/dts\/Config\/isis\.ini logFile=\/tmp\/isis\.\d{8}\.log numClients=2 Concise \+LOG \+HANDSHAKE -CLI$/m,
    );
    assert.match(await command('is hosts'), /^DONE: HOST numHosts=2 maxHosts=32 host0=T host1=IPC1$/m);
    const night = new Date(Date.now() - 43_200_000).toISOString().slice(0, 10).replaceAll('-', '');
    await world.until('its log has the command', `grep -q ' IPC1>is status$' /tmp/isis.${night}.log`);
    assert.match(await ask('EXEC: QUIT'), /DONE: QUIT/);
    await world.until('isis is gone', 'systemctl show --value -p SubState isis', (state) => /auto-restart/.test(state));
    const at = async (what: string) => Number(await world.show('isis', `ExecMain${what}TimestampMonotonic`));
    const gone = await at('Exit');
    await world.until('isis is back', 'systemctl is-active isis && ss -Huln "sport = 6600" | grep 6600');
    const seconds = ((await at('Start')) - gone) / 1e6;
    t.diagnostic(`isis was started again after ${seconds.toFixed(2)} s`);
    assert.ok(seconds >= ISIS.seconds - 0.1, `back after ${seconds} s`);
    assert.match(await ask('PING'), /IS>T PONG/);
    assert.notEqual(await main('isis'), before);
  });

  const single = t.test('test-ioc.service starts, shows its console on port 2000, stops', async () => {
    await world.sh('systemctl start test-ioc.service');
    await world.until('port 2000', `ss -Htln 'sport = 2000' | grep -q 2000`);
    // It reads what is typed from then on.
    await world.until('its log', `grep -q 'iocsh of iocuser with' /home/iocuser/test-ioc.log`);
    const said = await world.sh(talk('caput', 'you said', 'TCP:127.0.0.1:2000'));
    assert.match(said, /@@@ Welcome to procServ/);
    assert.match(said, /Child "test-ioc" PID: \d+/);
    assert.match(said, /you said caput/);
    const status = await world.sh('systemctl status test-ioc.service');
    assert.match(status, /Loaded: loaded .*disabled[\s\S]*Active: active \(running\)/);
    assert.match(status, /procServ --foreground --name=test-ioc/);
    assert.equal(await world.sh(`stat -c %U /home/iocuser/test-ioc.log`), 'iocuser');
    await world.sh('systemctl stop test-ioc.service');
    assert.equal(await world.show('test-ioc', 'ActiveState'), 'inactive');
    assert.equal(await world.show('test-ioc', 'Result'), 'success');
    assert.equal(await world.show('test-ioc', 'ExecMainStatus'), '0');
    assert.equal((await world.run('pgrep', '-f', '--', '--name=test-ioc')).code, 1);
  });

  const template = t.test('ioc@.service: instances with their sockets, info files and logs', async () => {
    await world.sh('systemctl start ioc@one.service ioc@two.service');
    for (const name of ['one', 'two', 'three']) {
      const at = `/var/run/procServ/${name}`;
      await world.until(
        `${name} runs its child`,
        `grep -q 'with /opt/iocs/e3-ioc-${name}/st.cmd' /var/log/procServ/${name}/out.log`,
      );
      assert.equal(await world.sh(`stat -c %F:%U:%G ${at}/control`), 'socket:iocuser:iocgroup');
      const pid = await main(`ioc@${name}`);
      assert.equal(world.read(`/run/procServ/${name}/info`), `pid:${pid}\nunix:${at}/control\n`);
      assert.match(
        await world.sh(talk(`hello ${name}`, 'you said', `UNIX-CONNECT:${at}/control`)),
        new RegExp(`you said hello ${name}`),
      );
    }
    assert.equal(await world.show('ioc@one', 'Description'), 'procServ container for IOC one');
  });

  const refused = t.test('ioc@.service: no instance without its folder', async () => {
    const { code, stderr } = await world.run('systemctl', 'start', 'ioc@four.service');
    assert.notEqual(code, 0);
    assert.match(stderr, /[Aa]ssert/);
    assert.equal((await world.run('systemctl', 'is-active', 'ioc@four.service')).stdout, 'inactive\n');
  });

  await Promise.all([single, template, refused]);

  await t.test('ioc@.service: ^Q leaves, the ignored keys do nothing, the kill key restarts the child', async () => {
    const server = await main('ioc@one');
    const children = async () => (await world.sh(`pgrep -P ${server}`)).split('\n');
    const [before] = await children();
    const said = await world.sh(talk('\\003\\004still here', 'you said', 'UNIX-CONNECT:/run/procServ/one/control'));
    assert.match(said, /you said still here/);
    assert.deepEqual(await children(), [before]);
    await world.sh(talk('\\030', 'new child', 'UNIX-CONNECT:/run/procServ/one/control'));
    await world.until('a new child', `pgrep -P ${server} | grep -vx ${before}`);
    assert.equal(await main('ioc@one'), server);
  });

  await t.test('ioc@.service: enabled at boot, disabled, stopped with nothing left', async () => {
    assert.equal(await world.sh('systemctl is-enabled ioc@three.service'), 'enabled');
    await world.sh('systemctl enable ioc@two.service; systemctl disable ioc@three.service');
    assert.equal((await world.run('systemctl', 'is-enabled', 'ioc@two', 'ioc@three')).stdout, 'enabled\ndisabled\n');
    await world.sh(`systemctl stop 'ioc@*'`);
    assert.equal((await world.run('pgrep', '-u', 'iocuser')).stdout, '');
    for (const name of ['one', 'two', 'three']) {
      assert.equal(await world.sh(`ls -A /run/procServ/${name}`), '', 'socket and info file are gone');
      assert.equal(await world.show(`ioc@${name}`, 'Result'), 'success');
    }
  });

  await isis;
});
