/** Three users of one host, under a real systemd: what each may do by every way in, and how it is told of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../src/model/principal.ts';
import { missing } from '../harness/machine.ts';
import { ROOT, World, writing } from '../harness/systemd.ts';
import { until } from '../harness/until.ts';

interface AuditLine {
  readonly act: string;
  readonly outcome: string;
  readonly by: Principal;
  readonly console?: string;
  readonly reason?: string;
  readonly right?: string;
}

const HOLDFAST = `${ROOT}/bin/holdfast`;

const CONFIG = `
[server]
control_mode = "0666"

[console.vac-01]
run = ["/bin/cat"]
endpoints = ["unix:/run/vac-01.sock", "20001"]
[console.rf-01]
run = ["/bin/cat"]
endpoints = ["unix:/run/rf-01.sock"]

[conserver]
trusted = ["127.0.0.1"]

[audit]

[network]
listen = ["127.0.0.1:7633"]
certificate = "tls/host.pem"
key = "tls/host.key"

[access]
contact = "the control room"
[[access.rule]]
who = ["everyone"]
may = ["read"]
[[access.rule]]
label = "vacuum operators"
who = ["@vac-operators"]
on = ["vac-*"]
may = ["operate"]
reason = "required"
[[access.rule]]
label = "controls"
who = ["@controls"]
may = ["force", "operate", "configure", "admin"]
`;

/** A session as login, sshd and su begin it: the kernel remembers who logged in (pam_loginuid). `as USER COMMAND ...` */
const AS = `#!/bin/sh
user=$1; shift
echo "$(id -u "$user")" >/proc/self/loginuid
exec runuser -u "$user" -- env HOME=/ "$@"
`;

const PREPARE = [
  'groupadd -r holdfast; groupadd vac-operators; groupadd controls',
  'useradd -G vac-operators vera; useradd jo; useradd -G controls ada; useradd iocuser',
  writing('/opt/as', AS, '755'),
  writing('/etc/holdfast/holdfast.toml', CONFIG),
  `${HOLDFAST} systemd units --out /etc/systemd/system >/dev/null`,
  'systemd-sysusers /etc/systemd/system/sysusers.d/holdfast.conf',
  `${HOLDFAST} certificate init --host localhost --out /etc/holdfast/tls >/dev/null`,
  'systemctl enable holdfast.service',
].join('\n');

const options = { skip: missing('console', 'socat', 'telnet', 'openssl', 'curl') };

test('vera restarts what is hers and nothing else, jo looks, root does as ever', options, async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }
  await world.until('the consoles are up', 'systemctl show --value -p StatusText holdfast', (text) =>
    text.startsWith('2 of 2 up'),
  );
  const as = (user: string, ...words: string[]) => world.run('/opt/as', user, HOLDFAST, ...words);
  const refused = async (user: string, words: string[], message: RegExp, code = 77) => {
    const result = await as(user, ...words);
    assert.equal(result.code, code, `${user} ${words.join(' ')}: ${result.stdout}${result.stderr}`);
    assert.match(result.stderr, message);
  };
  const pidOf = (name: string) =>
    world.sh(`${HOLDFAST} status ${name} --json | sed -n 's/^ *"pid": \\([0-9]*\\).*/\\1/p' | head -1`);
  const events = (name: string) => world.sh(`${HOLDFAST} events ${name}`);

  /** The output of a program up to a line with `last`, or its end, after these keys (for printf) were typed. */
  const typed = async (user: string, program: string, last: string, keys: string) => {
    const script = `coproc { exec ${program} 2>&1; }; pid=$COPROC_PID in=\${COPROC[1]}
      exec {out}<&"\${COPROC[0]}"; printf '${keys}' >&"$in"
      while IFS= read -r line <&"$out"; do echo "$line"; [[ -z '${last}' || $line != *'${last}'* ]] || break; done
      kill $pid 2>/dev/null || true`;
    const { stdout, stderr } = await world.run('/opt/as', user, 'bash', '-c', script);
    return `${stdout}${stderr}`;
  };

  await t.test('vera restarts vac-01, with a reason', async () => {
    const before = await pidOf('vac-01');
    await refused(
      'vera',
      ['restart', 'vac-01'],
      /a reason is required to restart vac-01 \(\/etc\/holdfast\/holdfast\.toml:\d+\)/,
      64,
    );
    assert.equal(await pidOf('vac-01'), before);
    const { code, stderr } = await as('vera', 'restart', 'vac-01', '--reason', 'HV card');
    assert.deepEqual([code, stderr], [0, '']);
    await until('another process', async () => (await pidOf('vac-01')) !== before);
    assert.match(
      await events('vac-01'),
      /told to stop and start again \(restart\) \(vera via api from pid \d+: HV card\)/,
    );
  });

  await t.test('she is refused to type, to stop rf-01, to end the server', async () => {
    await refused(
      'vera',
      ['stop', 'rf-01', '-r', 'x'],
      /vera may not stop rf-01: it takes the right `stop`, which is given to controls \(.*\); ask the control room/,
    );
    const attached = await as('vera', 'attach', 'vac-01', '--write');
    assert.equal(attached.code, 77);
    assert.match(attached.stdout, /read-only: vera may not take the keyboard of vac-01: it takes the right `write`/);
    for (const words of [['down'], ['down', '--all', '--yes']]) {
      await refused('vera', words, /vera may not end this server: it takes the right `admin`/);
    }
    await refused('vera', ['reload'], /vera may not apply the configuration/);
    const { stdout } = await as('vera', 'access');
    assert.match(stdout, /^vera may:\nvac-01\n {2}read .*\n {2}operate .*, a reason is required\nrf-01\n {2}read .*\n/);
  });

  await t.test('jo may look, and no more', async () => {
    assert.match((await as('jo', 'ps', '-q')).stdout, /^(vac-01\nrf-01|rf-01\nvac-01)\n$/);
    assert.equal((await as('jo', 'logs', 'vac-01')).code, 0);
    assert.match((await as('jo', 'logs', 'vac-01', '--since', '1h')).stdout, /The PID of new child "vac-01"/);
    // The server searches, in its sandbox: jo cannot read the files.
    const unread = await as('jo', 'audit', '--dir', '/var/lib/holdfast');
    assert.equal(unread.code, 77);
    assert.match(unread.stderr, /^holdfast: audit: \/var\/lib\/holdfast\/audit\.jsonl: permission denied/);
    const found = await as('jo', 'grep', 'The PID of new child');
    assert.match(`${found.stdout}${found.stderr}`, /^rf-01 *: .*"rf-01"/m);
    assert.equal(found.code, 0);
    for (const words of [
      ['restart', 'vac-01', '-r', 'x'],
      ['hold', 'rf-01', '-r', 'x'],
      ['signal', 'vac-01', '-s', 'HUP'],
    ]) {
      await refused('jo', words, /jo may not /);
    }
  });

  await t.test('by telnet to an endpoint', async () => {
    const before = await pidOf('vac-01');
    // Root's socket is for everybody: who comes is known by the kernel there, and is nobody in particular over TCP.
    const vera = await typed('vera', 'socat - UNIX-CONNECT:/run/vac-01.sock', 'Refused', 'hello\\n');
    assert.match(vera, /@@@ Refused: vera may not type into vac-01/);
    const jo = await typed('jo', 'socat - UNIX-CONNECT:/run/vac-01.sock', 'Refused', '\\030');
    assert.match(jo, /@@@ Refused: jo may not send signals to vac-01/);
    const anybody = await typed('jo', 'telnet 127.0.0.1 20001', 'Refused', 'hello\\r\\n');
    assert.match(anybody, /@@@ Refused: a user without a name may not type into vac-01/);
    assert.equal(await pidOf('vac-01'), before);
    assert.doesNotMatch(await world.sh('cat /var/log/holdfast/vac-01.log'), /hello/);
  });

  await t.test('by console, where a name alone is nobody', async () => {
    const said = await typed('vera', 'console -E -M 127.0.0.1 -l vera vac-01', '', 'hello\\r\\005ca\\005c.');
    assert.match(said, /^\[read-only\]\r$/m);
    assert.doesNotMatch(await world.sh('cat /var/log/holdfast/vac-01.log'), /hello/);
    const quit = await world.run('/opt/as', 'vera', 'console', '-E', '-M', '127.0.0.1', '-l', 'vera', '-q');
    assert.match(quit.stdout, /unauthorized command/);
  });

  await t.test('over the network with a token, as near as far', async () => {
    const far = (user: string, ...words: string[]) =>
      world.run('/opt/as', user, 'env', `XDG_CONFIG_HOME=/tmp/${user}`, HOLDFAST, ...words);
    const cannot = async (user: string, words: string[], message: RegExp, code = 77) => {
      const result = await far(user, '--host', 'localhost:7633', ...words);
      assert.equal(result.code, code, `${user} ${words.join(' ')}: ${result.stdout}${result.stderr}`);
      assert.match(`${result.stdout}${result.stderr}`, message);
    };
    await world.until(
      'the gateway',
      'curl -s --cacert /etc/holdfast/tls/ca.pem -o /dev/null -w "%{http_code}" https://localhost:7633/v1/version',
      (status) => status === '401',
    );
    for (const user of ['vera', 'jo']) {
      await world.sh(
        `token=$(${HOLDFAST} token create --user ${user} --for 1h --json | sed -n 's/^ *"token": "\\(.*\\)".*/\\1/p')
         echo "$token" | /opt/as ${user} env XDG_CONFIG_HOME=/tmp/${user} ${HOLDFAST} login localhost:7633 --token --ca /etc/holdfast/tls/ca.pem`,
      );
    }
    await cannot('vera', ['restart', 'vac-01'], /a reason is required to restart vac-01/, 64);
    const before = await pidOf('vac-01');
    const { code, stderr } = await far('vera', '--host', 'localhost:7633', 'restart', 'vac-01', '-r', 'from home');
    assert.deepEqual([code, stderr], [0, '']);
    assert.notEqual(await pidOf('vac-01'), before);
    await cannot('vera', ['stop', 'rf-01', '-r', 'x'], /vera may not stop rf-01: it takes the right `stop`/);
    await cannot('vera', ['attach', 'vac-01', '--write'], /vera may not take the keyboard of vac-01/);
    await cannot('vera', ['down', '--all', '--yes'], /vera may not end this server: it takes the right `admin`/);
    await cannot('jo', ['restart', 'vac-01', '-r', 'x'], /jo may not restart vac-01/);
    assert.match((await far('jo', '--host', 'localhost:7633', 'ps', '-q')).stdout, /^(vac-01\nrf-01|rf-01\nvac-01)\n$/);
  });

  await t.test('root does as ever, and it is told who that was', async () => {
    const asRoot = (user: string, words: string) =>
      world.sh(`sh -c 'echo '$(id -u ${user})' >/proc/self/loginuid; exec ${HOLDFAST} ${words}'`);
    assert.match(await asRoot('vera', 'restart rf-01'), /^rf-01: /);
    await world.until('it is told', `${HOLDFAST} events rf-01`, (text) =>
      text.includes('told to stop and start again (restart) (vera (as root) via api from pid'),
    );
    // As sudo -u does it: another user than root, and the login is still hers.
    await world.sh(
      `sh -c 'echo '$(id -u vera)' >/proc/self/loginuid; exec runuser -u ada -- ${HOLDFAST} hold rf-01 -r swap'`,
    );
    assert.match(await world.sh(`${HOLDFAST} ps rf-01`), /held by vera \(as ada\): swap/);
    assert.match(await world.sh(`${HOLDFAST} release rf-01`), /^rf-01: /);
  });

  await t.test('each refusal is in the audit with its right, each act with its person', async () => {
    const file = await world.sh('cat /var/lib/holdfast/audit.jsonl');
    const lines = file.split('\n').map((line): AuditLine => JSON.parse(line));
    const text = ({ act, outcome, by, console = 'server', reason, right }: AuditLine) =>
      [outcome, act, console, by.behind ? `${by.behind} (as ${by.user})` : by.user, right ?? reason ?? '']
        .join(' ')
        .trim();
    const told = lines.map(text);
    assert.deepEqual(lines.filter(({ by }) => by.channel === 'conserver').map(text), [
      'refused take vac-01 vera write',
      'refused take vac-01 vera write',
      'refused down server vera',
    ]);
    assert.deepEqual(lines.filter(({ by }) => by.channel === 'network').map(text), [
      'refused restart vac-01 vera',
      'done restart vac-01 vera from home',
      'refused stop rf-01 vera stop',
      'refused take vac-01 vera write',
      'refused down server vera admin',
      'refused restart vac-01 jo restart',
    ]);
    for (const line of [
      'done restart vac-01 vera HV card',
      'refused stop rf-01 vera stop',
      'refused down server vera admin',
      'refused apply server vera configure',
      'refused take vac-01 vera write',
      'refused restart vac-01 jo restart',
      'refused signal vac-01 jo signal',
      'refused type vac-01 unknown write',
      'done restart rf-01 vera (as root)',
      'done hold rf-01 vera (as ada) swap',
    ]) {
      assert.ok(told.includes(line), `${line} in:\n${told.join('\n')}`);
    }
    await world.sh(`${HOLDFAST} audit --verify`);
  });
});
