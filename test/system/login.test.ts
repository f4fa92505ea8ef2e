// Logging in at a real server by its real gateway, with the passwords of a real PAM; the client is the program.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Shown } from '../../src/client/host-place.ts';
import { lookAt } from '../../src/client/tls-way.ts';
import { certificateIn } from '../harness/certificates.ts';
import { freePort } from '../harness/free-port.ts';
import { HOLDFAST, HostUnderTest } from '../harness/host.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';
import { noPam, throwAwayRoot } from '../harness/pam-root.ts';
import { until } from '../harness/until.ts';
import { OnTerminal, run } from '../interop/conserver-server.ts';

const STACK = `auth [success=ignore default=1] pam_succeed_if.so quiet user = slow
auth required pam_exec.so quiet @D@/hang
auth required pam_unix.so
account required pam_unix.so
`;
const RULES = '[[access.rule]]\nwho = ["ann"]\non = ["c"]\nmay = ["read", "restart"]\n';

/** Waits for the gateway. */
async function shownAt(port: number): Promise<Shown> {
  for (;;) {
    const shown = await lookAt({ name: 'it', host: '127.0.0.1', port }).catch(() => undefined);
    if (shown) {
      return shown;
    }
    await pause(20);
  }
}

test('a person logs in with the password of the system, works from another desk, and logs out', {
  skip: noPam() || missing('openssl'),
}, async (t) => {
  const root = throwAwayRoot(t, STACK, 'holdfast');
  chmodSync(root.folder, 0o755);
  writeFileSync(
    join(root.folder, 'hang'),
    `#!/bin/sh\ntouch ${root.folder}/slow\nwhile [ ! -e ${root.folder}/go ]; do sleep 0.05; done\nexit 1\n`,
    { mode: 0o755 },
  );
  const desk = temporaryDirectory(t);
  const files = certificateIn(root.folder);
  chmodSync(files.key, 0o600);
  const port = await freePort();
  const network = `[network]\nlisten = ["127.0.0.1:${port}"]\ncertificate = "${files.certificate}"\nkey = "${files.key}"\nuser = "nobody"\n`;
  const consoles = '[console.c]\nrun = ["/bin/cat"]\n[console.rf]\nrun = ["/bin/cat"]\n';
  const host = await HostUnderTest.start(t, `${consoles}[access]\n${RULES}${network}`, { inside: root.inside });
  chmodSync(host.folder, 0o711);
  chmodSync(host.runtimeDir, 0o711);

  const certificate = readFileSync(files.certificate);
  const name = `127.0.0.1:${port}`;
  const shown = await shownAt(port);
  const holdfast = (input: string, ...words: string[]) =>
    run('env', [`XDG_CONFIG_HOME=${desk}`, HOLDFAST, ...words], input);
  const login = (user: string, password: string) =>
    holdfast(`${password}\n`, 'login', name, '--user', user, '--fingerprint', shown.fingerprint);

  // A module that hangs holds up nobody else.
  const slow = login('slow', 'hunter2-slow');
  await until('the module', () => existsSync(join(root.folder, 'slow')));
  for (const [user, password] of [
    ['ann', 'hunter2-wrong'],
    ['old', 'secret'],
    ['locked', 'secret'],
    ['nobody-here', 'secret'],
  ] as const) {
    const { status, stderr } = await login(user, password);
    assert.deepEqual([status, stderr], [77, 'holdfast: login: user or password is wrong\n'], user);
  }
  assert.equal((await login('ann', '')).status, 64);
  const good = await login('ann', 'secret');
  assert.deepEqual([good.status, /^logged in at \S+ as ann, until /.test(good.stderr)], [0, true], good.stderr);
  writeFileSync(join(root.folder, 'go'), '');
  assert.equal((await slow).status, 77);

  const there = (...words: string[]) => holdfast('', '--host', name, ...words);
  assert.deepEqual((await there('ps', '-q')).stdout, 'c\n', 'what may be seen');
  assert.equal((await there('restart', 'c')).status, 0);
  const { by } = await host.event('her restart', (event) => event.type === 'state' && event.by?.user === 'ann');
  assert.deepEqual([by?.channel, by?.from, by?.assurance, by?.uid], ['network', '127.0.0.1', 'token', undefined]);
  const refused = await there('stop', 'c');
  assert.deepEqual(
    [refused.status, /lacks the right `stop` on c|may not stop c/.test(refused.stderr)],
    [77, true],
    refused.stderr,
  );
  const typed = await holdfast('hello\n', 'attach', `${name}/c`, '--write', '--linger', '0.1');
  assert.equal(typed.status, 77, typed.stderr);

  // On a terminal: the key is asked about, and the password is not shown.
  assert.equal((await holdfast('', 'logout', name)).status, 0);
  const terminal = new OnTerminal(t, `env XDG_CONFIG_HOME=${desk} ${HOLDFAST} login ${name} --user ann`);
  await terminal.expect('trusted from now on? [y/N] ');
  terminal.type('y\r');
  await terminal.expect(`password of ann at ${name}: `);
  terminal.type('secret\r');
  const after = await terminal.expect(`logged in at ${name} as ann`);
  assert.equal(await terminal.ended, 0);
  assert.equal(after.includes('secret'), false);

  // The token is of the host, not of the server's life.
  await host.kill();
  await host.up();
  await shownAt(port);
  assert.equal((await there('ps', '-q')).stdout, 'c\n');
  const hosts = join(desk, 'holdfast/hosts.toml');
  assert.equal(statSync(hosts).mode & 0o777, 0o600);
  const [, token = ''] = /token = "(hft_[\w-]+)"/.exec(readFileSync(hosts, 'utf8')) ?? [];
  assert.equal((await holdfast('', 'logout', name)).status, 0);
  const [mine] = await host.client.tokens.list();
  assert.equal(mine, undefined);

  // The form of a browser.
  const send = async (path: string, headers: Record<string, string>, body?: URLSearchParams) => {
    const sent = request({ host: '127.0.0.1', port, path, method: body ? 'POST' : 'GET', headers, ca: certificate });
    sent.end(body?.toString());
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const [cookie = ''] = (answer.headers['set-cookie'] ?? []).map((each) => each.split(';', 1)[0] as string);
    return { status: answer.statusCode, text: await textOf(answer), cookie };
  };
  const enter = (user: string, password: string) =>
    send('/login', { origin: `https://${name}` }, new URLSearchParams({ user, password }));
  for (const [user, password] of [
    ['ann', 'hunter2-wrong'],
    ['ann', ''],
    ['old', 'secret'],
    ['locked', 'secret'],
    ['nobody-here', 'secret'],
  ] as const) {
    const { cookie, status, text } = await enter(user, password);
    assert.deepEqual([status, cookie], [401, ''], user);
    assert.match(text, /role="alert">user or password is wrong</);
  }

  // A logged-in user is out once the account is gone, or locked.
  const made = await host.client.tokens.create({ user: 'ann', seconds: 600 });
  const bearer = { authorization: `Bearer ${made.token}` };
  const who = async (headers: Record<string, string>) => {
    const { status, text } = await send('/login/who', headers);
    return `${status} ${text}`;
  };
  const change = (file: string, from: string | RegExp, to: string): (() => void) => {
    const path = join(root.folder, file);
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replace(from, to));
    return () => writeFileSync(path, before);
  };
  for (const [file, from, to, says] of [
    ['passwd', /^ann:.*\n/m, '', /^401 .*there is no user ann any more/],
    ['shadow', 'ann:', 'ann:!', /^401 .*the account of ann is locked/],
  ] as const) {
    const { cookie, status } = await enter('ann', 'secret');
    assert.equal(status, 303);
    const restore = change(file, from, to);
    assert.match(await who({ cookie }), says);
    assert.match(await who(bearer), says);
    restore();
    assert.match(await who({ cookie }), /^401 .*nobody is logged in/, 'it was over');
  }
  const again = await enter('ann', 'secret');
  assert.match(await who({ cookie: again.cookie }), /^200 .*"user":"ann",.*"method":"password"/);
  assert.match(await who(bearer), /^200 .*"method":"token"/);

  const refusals = (await host.client.events({ limit: 1000 })).filter(({ type }) => type === 'login');
  assert.deepEqual(
    new Set(refusals.map((event) => event.by?.user)),
    new Set(['ann', 'old', 'locked', 'nobody-here', 'slow']),
  );
  const written = [host.stateDir, host.logDir].flatMap((dir) => readdirSync(dir).map((file) => join(dir, file)));
  const texts = [...written.map((file) => readFileSync(file, 'latin1')), JSON.stringify(await host.client.events({}))];
  for (const secret of ['hunter2', token.slice(4)]) {
    assert.ok(secret.length > 5 && texts.every((text) => !text.includes(secret)), `${secret} is written somewhere`);
  }
});
