/** The gateway as a unit: it comes with [network], has nothing of the host, comes back, and goes with the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../harness/machine.ts';
import { ROOT, World, writing } from '../harness/systemd.ts';

const HOLDFAST = `${ROOT}/bin/holdfast`;
const CONSOLE = '[console.c]\nrun = ["/bin/cat"]\n[access]\n[[access.rule]]\nwho = ["vera"]\nmay = ["read"]\n';
const NETWORK = '[network]\nlisten = ["127.0.0.1:443"]\ncertificate = "tls/host.pem"\nkey = "tls/host.key"\n';
const CONFIG = '/etc/holdfast/holdfast.toml';

const PREPARE = [
  'useradd -m vera',
  writing(CONFIG, CONSOLE),
  'mkdir -m 0700 /etc/holdfast/tls; cd /etc/holdfast/tls',
  'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout host.key -out host.pem 2>/dev/null',
  'chmod 600 host.key',
  `${HOLDFAST} systemd units --out /etc/systemd/system >/dev/null`,
  'systemd-sysusers /etc/systemd/system/sysusers.d/holdfast.conf',
  'systemctl enable holdfast',
].join('\n');

const CURL = 'curl -s --cacert /etc/holdfast/tls/host.pem -o /dev/null -w "%{http_code}"';
const PLAIN = 'curl -s --unix-socket /run/holdfast-gateway/http -o /dev/null -w "%{http_code}"';
const ASK = `${CURL} https://localhost/v1/consoles`;

test('the gateway is a unit without rights', { skip: missing('openssl', 'curl') }, async (t) => {
  const world = await World.boot(t, PREPARE);
  if (!world) {
    return;
  }
  const pid = () => world.show('holdfast-gateway', 'MainPID');
  await world.until('the server', `${HOLDFAST} ps -q`);

  await t.test('without [network] it does not run', async () => {
    assert.equal(await pid(), '0');
    assert.equal(await world.show('holdfast-gateway.path', 'ActiveState'), 'active');
  });

  await t.test('with it, it listens below port 1024, as its own user, in a closed room', async () => {
    await world.sh(writing(CONFIG, `${CONSOLE}${NETWORK}`));
    await world.run(HOLDFAST, 'reload');
    await world.until('an answer', ASK, (status) => status === '401');
    const status = await world.sh(`cat /proc/${await pid()}/status`);
    const [uid] = /^Uid:\t(\d+)/m.exec(status)?.slice(1) ?? [];
    assert.equal(await world.sh(`id -u holdfast-gateway`), uid);
    // Nothing but the port.
    assert.match(status, /^CapEff:\t0000000000000400$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    const shadow = await world.run('nsenter', '--target', await pid(), '--mount', 'ls', '/root');
    assert.equal(shadow.stdout, '');
  });

  await t.test('a proxy finds a socket below /run, and is known by its user', async () => {
    const proxy = '[network.proxy]\nfrom = ["user:www-data"]\nuser_header = "X-Forwarded-User"\n';
    const listen = NETWORK.replace('443"', '443", "unix:/run/holdfast-gateway/http"');
    await world.sh(writing(CONFIG, `${CONSOLE}${listen}${proxy}`));
    await world.run(HOLDFAST, 'reload');
    const ask = `${PLAIN} -H "X-Forwarded-User: vera" http://localhost/v1/consoles`;
    const asProxy = `setpriv --reuid www-data --regid www-data --clear-groups ${ask}`;
    await world.until('an answer', asProxy, (status) => status === '200');
    assert.equal(await world.sh(ask), '401', 'root is not the proxy');
    await world.sh(`kill -KILL ${await pid()}`);
    await world.until('an answer', asProxy, (status) => status === '200');
    await world.sh(writing(CONFIG, `${CONSOLE}${NETWORK}`));
    await world.run(HOLDFAST, 'reload');
    await world.until('its end', `test ! -e /run/holdfast-gateway/http && echo gone`, (text) => text.trim() === 'gone');
  });

  await t.test('a token lets its user in, and no further than the rules', async () => {
    const token = await world.sh(`${HOLDFAST} token create --user vera --for 1h --json`);
    const bearer = `-H "Authorization: Bearer ${(JSON.parse(token) as { token: string }).token}"`;
    assert.equal(await world.sh(`${ASK} ${bearer}`), '200');
    assert.equal(await world.sh(`${CURL} ${bearer} -X POST https://localhost/v1/consoles/c/stop`), '403');
  });

  await t.test('killed it comes back; the server stays', async () => {
    const [server, before] = [await world.show('holdfast', 'MainPID'), await pid()];
    await world.sh(`kill -KILL ${before}`);
    await world.until('another one', `systemctl show --value -p MainPID holdfast-gateway`, (text) => {
      return !['0', before].includes(text.trim());
    });
    await world.until('an answer', ASK, (status) => status === '401');
    assert.equal(await world.show('holdfast', 'MainPID'), server);
  });

  await t.test('a server that is killed is waited for; one that is stopped takes it along', async () => {
    await world.sh(`kill -KILL ${await world.show('holdfast', 'MainPID')}`);
    await world.until('an answer', ASK, (status) => status === '401');
    await world.sh('systemctl stop holdfast');
    await world.until('its end', `systemctl show --value -p MainPID holdfast-gateway`, (text) => text.trim() === '0');
    await world.sh('systemctl start holdfast');
    await world.until('an answer', ASK, (status) => status === '401');
  });

  await t.test('without [network] it ends', async () => {
    await world.sh(writing(CONFIG, CONSOLE));
    await world.run(HOLDFAST, 'reload');
    await world.until('its end', `systemctl show --value -p MainPID holdfast-gateway`, (text) => text.trim() === '0');
  });
});
