// The door to the network as a site has it: the gateway as a child of the server, without rights, and what its troubles cost.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { type CertificateFiles, certificateIn } from '../harness/certificates.ts';
import { HostUnderTest } from '../harness/host.ts';
import { isAlive, isRoot, missing, status } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const skip = missing('openssl');
const CONSOLE = '[console.vac]\nrun = ["/bin/cat"]\n';

interface Site {
  readonly host: HostUnderTest;
  readonly files: CertificateFiles;
  /** What `[network]` says, at a port that was free. */
  network(more?: string): string;
  port(): Promise<number>;
}

async function site(t: TestContext): Promise<Site> {
  const host = await HostUnderTest.start(t, CONSOLE);
  // For a gateway that is nobody.
  chmodSync(host.folder, 0o711);
  chmodSync(host.runtimeDir, 0o711);
  const files = certificateIn(host.folder);
  chmodSync(files.key, 0o600);
  const { port } = await freePort();
  const network = (more = '') =>
    `[access]\n[network]\nlisten = ["127.0.0.1:${port}"]\ncertificate = "host.pem"\nkey = "host.key"\nuser = "nobody"\n${more}`;
  return { host, files, network, port: async () => port };
}

/** Another program may take it meanwhile: then the gateway says so, and the test fails by name. */
async function freePort(): Promise<{ port: number }> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return { port };
}

/** Pids of the gateways of this server. */
function gateways(server: number): number[] {
  return readFileSync(`/proc/${server}/task/${server}/children`, 'utf8')
    .split(' ')
    .filter((pid) => pid !== '' && isGateway(pid))
    .map(Number);
}

function isGateway(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('holdfast-gateway');
  } catch {
    return false;
  }
}

async function gateway(host: HostUnderTest, but?: number): Promise<number> {
  const server = host.server.process.pid as number;
  return until('a gateway', () => gateways(server).find((pid) => pid !== but));
}

async function connected(port: number): Promise<TLSSocket> {
  for (;;) {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const state = await Promise.race([
      once(socket, 'secureConnect').then(() => 'open'),
      once(socket, 'error').then(() => 'refused'),
    ]).catch(() => 'refused');
    if (state === 'open') {
      return socket;
    }
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ask(port: number, how = '', line = 'GET /v1/consoles'): Promise<string> {
  const socket = await connected(port);
  socket.write(`${line} HTTP/1.1\r\nHost: localhost\r\n${how}Connection: close\r\n\r\n`);
  let answer = '';
  for await (const data of socket) {
    answer += String(data);
  }
  return answer;
}

test('it listens with [network], as a user without rights, and ends with it', { skip }, async (t) => {
  const { host, network, port } = await site(t);
  host.configure(`${CONSOLE}${network()}`);
  assert.equal((await host.command('reload')).code, 2);
  const pid = await gateway(host);
  assert.match(await ask(await port()), /^HTTP\/1\.1 401 [\s\S]*HF_LOGIN_REFUSED/);
  if (isRoot) {
    assert.match(status(pid, 'Uid'), /^65534\t65534\t65534/);
    assert.equal(status(pid, 'CapEff'), '0000000000000000');
    assert.equal(status(pid, 'Groups'), '');
  }
  host.configure(CONSOLE);
  assert.equal((await host.command('reload')).code, 2);
  await until('its end', () => !isAlive(pid));
});

test('a start says that the gateway has no user; the doctor, too, and that everybody here is a proxy', {
  skip: isRoot ? false : 'needs root: others need no user for the gateway',
}, async (t) => {
  const network =
    'listen = ["http://127.0.0.1:9"]\nuser = "no-such-gateway"\n[network.proxy]\nuser_header = "X-U"\nfrom = ["127.0.0.1"]\n';
  const host = await HostUnderTest.start(t, `${CONSOLE}[access]\n[network]\n${network}`);
  const trouble = "there is no user 'no-such-gateway' for the gateway: useradd --system ";
  await host.server.stderr.expect(new RegExp(`warning: nobody comes in over the network yet: ${trouble}`));
  const { stdout } = await host.command('doctor');
  assert.ok(stdout.includes(`FAILED   network: ${trouble}`), stdout);
  assert.match(
    stdout,
    /warning {2}network: \[network\.proxy\] takes the word of 127\.0\.0\.1: .*\n +a unix socket tells/,
  );
});

test('a person with a token does what the rules say, until it is revoked', { skip }, async (t) => {
  const { host, network, port } = await site(t);
  const rule = '[[access.rule]]\nwho = ["vera"]\non = ["vac"]\nmay = ["restart"]\n';
  host.configure(`${CONSOLE}${network()}${rule}`);
  await host.client.apply();
  const made = await host.command('token', 'create', '--user', 'vera', '--for', '1h', '--json');
  const { id, token } = JSON.parse(made.stdout) as { id: string; token: string };
  const bearer = `Authorization: Bearer ${token}\r\nContent-Length: 0\r\n`;
  assert.match(await ask(await port(), bearer), /^HTTP\/1\.1 200 [\s\S]*"name":"vac"/);
  assert.match(await ask(await port(), bearer, 'POST /v1/consoles/vac/restart'), /^HTTP\/1\.1 202 /);
  const told = await host.event('the restart', ({ by, type }) => type === 'state' && by?.user === 'vera');
  assert.deepEqual(
    { ...told.by, port: 0 },
    { user: 'vera', channel: 'network', from: '127.0.0.1', port: 0, assurance: 'token' },
  );
  assert.match(
    await ask(await port(), bearer, 'POST /v1/consoles/vac/stop'),
    /^HTTP\/1\.1 403 [\s\S]*the right `stop`/,
  );
  assert.match(await ask(await port(), bearer, 'POST /v1/down'), /^HTTP\/1\.1 403 /);
  assert.equal((await host.command('token', 'revoke', id)).code, 0);
  // A valid login is cached for some seconds.
  await until('the token to be refused', async () => (await ask(await port(), bearer)).startsWith('HTTP/1.1 401 '));
});

test('groups of the system count for who comes by a token; its consoles bound it; it is nothing at another host', {
  skip,
}, async (t) => {
  const [here, there] = [await site(t), await site(t)];
  const rules = '[[access.rule]]\nwho = ["@nogroup"]\nmay = ["restart"]\n';
  const consoles = `${CONSOLE}[console.rf]\nrun = ["/bin/cat"]\n`;
  for (const { host, network } of [here, there]) {
    host.configure(`${consoles}${network()}${rules}`);
    await host.client.apply();
  }
  const create = async (...more: string[]) => {
    const made = await here.host.command('token', 'create', '--user', 'nobody', '--for', '1h', '--json', ...more);
    return `Authorization: Bearer ${(JSON.parse(made.stdout) as { token: string }).token}\r\nContent-Length: 0\r\n`;
  };
  const [all, narrow] = [await create(), await create('--on', 'v*')];
  const port = await here.port();
  assert.match(
    await ask(port, all),
    /^HTTP\/1\.1 200 [\s\S]*"name":"vac"[\s\S]*"name":"rf"|"name":"rf"[\s\S]*"name":"vac"/,
  );
  const seen = await ask(port, narrow);
  assert.deepEqual([/"name":"vac"/.test(seen), /"name":"rf"/.test(seen)], [true, false], seen);
  assert.match(await ask(port, narrow, 'POST /v1/consoles/vac/restart'), /^HTTP\/1\.1 202 /);
  assert.match(await ask(port, narrow, 'POST /v1/consoles/rf/restart'), /^HTTP\/1\.1 403 [\s\S]*only what is on v\*/);
  assert.match(await ask(await there.port(), all), /^HTTP\/1\.1 401 [\s\S]*there is no such token/);
  assert.match((await here.host.command('token', 'list')).stdout, /ON +VALID[\s\S]* v\* /);
  const stranger = await here.host.command('token', 'create', '--user', 'daemon', '--for', '1h', '--json');
  const daemon = `Authorization: Bearer ${(JSON.parse(stranger.stdout) as { token: string }).token}\r\n`;
  assert.match(await ask(port, daemon), /^HTTP\/1\.1 200 [\s\S]*\r\n\[\]/, 'who is not in it sees nothing');
});

/** The server's answer to a process with the user of the gateway that bypasses it. */
async function asGateway(host: HostUnderTest, proof: object): Promise<string> {
  const asks = `
    const body = ${JSON.stringify(JSON.stringify({ ...proof, address: '10.0.0.3', port: 1 }))};
    const { request } = require('node:http');
    const sent = request({
      ...{ socketPath: ${JSON.stringify(join(host.runtimeDir, 'gateway'))}, method: 'POST', path: '/v1/login' },
      headers: { host: 'localhost', 'content-type': 'application/json', 'content-length': body.length },
    });
    sent.on('response', (answer) => answer.pipe(process.stdout));
    sent.end(body);
  `;
  const ids = isRoot ? { uid: 65_534, gid: 65_534 } : {};
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', asks], { ...ids, cwd: '/', env: {} });
  return stdout;
}

test('whatever the gateway says, the server takes no login that is not configured', { skip }, async (t) => {
  const { host, network } = await site(t);
  host.configure(`${CONSOLE}${network('login = ["token"]\n')}`);
  await host.client.apply();
  const made = await host.command('token', 'create', '--user', 'vera', '--for', '1h', '--json');
  const { token } = JSON.parse(made.stdout) as { token: string };
  const byToken = { method: 'token', token };
  const byPassword = { method: 'password', user: 'vera', password: 'x' };
  const byCertificate = { method: 'certificate', subject: 'vera', fingerprint: 'AA' };
  assert.match(await asGateway(host, byToken), /"user":"vera"/);
  for (const refused of [byPassword, byCertificate]) {
    assert.match(await asGateway(host, refused), /does not have this way to log in/);
  }
  await host.event('the refusal', (event) => event.type === 'login' && event.method === 'certificate');
  copyFileSync(join(host.folder, 'host.pem'), join(host.folder, 'ca.pem'));
  host.configure(`${CONSOLE}${network('login = ["password"]\nclient_ca = "ca.pem"\n')}`);
  await host.client.apply();
  assert.match(await asGateway(host, byToken), /HF_LOGIN_REFUSED/);
  assert.match(await asGateway(host, byCertificate), /"user":"vera".*"assurance":"certificate"/);
});

test('killed it comes back; the server and its consoles go on', { skip }, async (t) => {
  const { host, network, port } = await site(t);
  host.configure(`${CONSOLE}${network()}`);
  await host.client.apply();
  const first = await gateway(host);
  await ask(await port());
  process.kill(first, 'SIGKILL');
  const second = await gateway(host, first);
  assert.match(await ask(await port()), /^HTTP\/1\.1 401 /);
  assert.equal((await host.client.list())[0]?.state, 'running');
  // A server that is killed takes it along.
  await host.kill();
  await until('its end', () => !isAlive(second));
});

test('stopped it costs no local command anything', { skip }, async (t) => {
  const { host, network, port } = await site(t);
  host.configure(`${CONSOLE}${network()}`);
  await host.client.apply();
  const pid = await gateway(host);
  await ask(await port());
  process.kill(pid, 'SIGSTOP');
  t.after(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
  assert.equal((await host.client.restart('vac')).name, 'vac');
  assert.equal((await host.command('ps')).code, 0);
});

test('a renewed certificate is served after a reload, and a broken one is not', { skip }, async (t) => {
  const { files, host, network, port } = await site(t);
  host.configure(`${CONSOLE}${network()}`);
  await host.client.apply();
  const fingerprint = async (): Promise<string> => {
    const socket = await connected(await port());
    const { fingerprint256 } = socket.getPeerX509Certificate() ?? assert.fail('no certificate');
    socket.destroy();
    return fingerprint256;
  };
  const before = await fingerprint();
  const next = certificateIn(host.folder, 'next');
  copyFileSync(next.certificate, files.certificate);
  // The key is still the other one.
  const { code, stderr, stdout } = await host.command('reload');
  assert.notEqual(code, 0);
  assert.match(`${stdout}${stderr}`, /host\.key is not the key of \S+host\.pem/);
  assert.equal(await fingerprint(), before);
  copyFileSync(next.key, files.key);
  await host.client.apply();
  const other = await fingerprint();
  assert.notEqual(other, before);
  chmodSync(files.key, 0o644);
  assert.match((await host.command('reload')).stderr, /readable by everybody: chmod o-r/);
  assert.equal(await fingerprint(), other);
});

test('a user that is not there, a port that is in use: told, and nothing else waits', { skip }, async (t) => {
  const { host, network, port } = await site(t);
  const { createServer } = await import('node:net');
  const other = createServer().listen(await port(), '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  host.configure(`${CONSOLE}${network()}`);
  await host.client.apply();
  await host.event(
    'the gateway',
    (event) => event.type === 'network' && /cannot listen at \S+: .*EADDRINUSE/.test(event.text ?? ''),
  );
  other.close();
  await host.event(
    'the gateway',
    (event) => event.type === 'network' && /the gateway listens at/.test(event.text ?? ''),
  );
  assert.match(await ask(await port()), /^HTTP\/1\.1 401 /);
  if (isRoot) {
    host.configure(`${CONSOLE}${network().replace('nobody', 'nobody-at-all')}`);
    assert.match((await host.command('reload')).stderr, /there is no user 'nobody-at-all' for the gateway: useradd/);
  }
  assert.equal((await host.client.list())[0]?.state, 'running');
});

test('doctor says what listens, until when its certificate is good, and what is wrong', { skip }, async (t) => {
  const { host, network, port } = await site(t);
  const found = async () => {
    const { stdout } = await host.command('doctor', '--json');
    const all = JSON.parse(stdout) as { check: string; verdict: string; text: string }[];
    return all.filter(({ check }) => check === 'network').map(({ verdict, text }) => `${verdict}: ${text}`);
  };
  assert.deepEqual(await found(), []);
  host.configure(`${CONSOLE}${network('login = ["token"]\n')}`);
  await host.client.apply();
  await ask(await port());
  const [listens = '', certificate = '', ...others] = await found();
  assert.match(listens, new RegExp(`^ok: listens at 127\\.0\\.0\\.1:${await port()}: open to everybody who logs in`));
  // It is good for two days.
  assert.match(certificate, /^warning: certificate: ends /);
  assert.deepEqual(others, []);
  if (!existsSync('/etc/pam.d/holdfast')) {
    host.configure(`${CONSOLE}${network()}`);
    await host.client.apply();
    assert.match((await found())[0] ?? '', /^warning: PAM has no service holdfast/);
  }
  host.configure(`${CONSOLE}${network().replace('host.key', 'gone.key')}`);
  await host.client.apply();
  assert.match((await found())[0] ?? '', /^failed: .*gone\.key/);
});

test('at the start a missing certificate stops no console', { skip }, async (t) => {
  const { host, network } = await site(t);
  host.configure(`${CONSOLE}${network().replace('host.pem', 'gone.pem')}`);
  await host.kill();
  await host.up();
  await host.state('vac', 'running');
  await host.event('the gateway', (event) => event.type === 'network' && /gone\.pem/.test(event.text ?? ''));
  host.configure(`${CONSOLE}${network()}`);
  assert.equal((await host.command('reload')).code, 2);
  await gateway(host);
});
