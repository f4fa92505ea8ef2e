/** `[conserver]` as it is configured and reconfigured, under Debian's console(1). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConserverHost, noConsole } from '../harness/conserver-host.ts';
import { perl } from '../harness/host.ts';
import { missing, temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';

const SHELL = perl('$| = 1; while (<>) { chomp; print "said $_\\n" }');
const TRUST = 'trusted = ["127.0.0.0/8"]';
const options = { skip: noConsole };

test('a reload adds and removes consoles, changes rights, and leaves the other sessions alone', options, async (t) => {
  const site = await ConserverHost.start(
    t,
    TRUST,
    `vac-01 = { ${SHELL} }\nvac-02 = { ${SHELL} }\nrf-01 = { ${SHELL} }\n`,
  );
  const stays = await site.console('ann', '-A', 'vac-01');
  await stays.expect(/\[replay\]/);
  const goes = await site.console('ann', '-A', 'vac-02');
  await goes.expect(/\[replay\]/);
  const leaves = await site.console('ann', '-A', 'rf-01');
  await leaves.expect(/\[replay\]/);
  // vac-02 is removed, rf-01 is no longer served, vac-01 is read-only, and there is a new one.
  site.configure(
    `${TRUST}\nconsoles = ["vac-*"]\nwrite = ["bob"]\naliases = { vacuum = "vac-01" }`,
    `vac-01 = { ${SHELL} }\nrf-01 = { ${SHELL} }\nvac-03 = { ${SHELL} }\n`,
  );
  const plan = await site.host.command('plan');
  assert.match(plan.stdout, /^~ \[conserver\]: consoles, aliases, write \(takes effect at once\)$/m);
  assert.equal((await site.host.command('reload')).code, 2);
  await goes.expect(/\[-- Conserver reconfigured - console has been \(re\)moved --\]/);
  assert.equal((await goes.ended).code, 0);
  await leaves.expect(/\[-- Conserver reconfigured - console has been \(re\)moved --\]/);
  await stays.expect(/\[Conserver reconfigured - r\/w access removed\]/);
  await site.host.state('vac-03', 'running');
  assert.equal(
    (await site.ask('ann', '-E', '-u')).said,
    ' vac-03                     up   <none>\r\n vac-01                     up   <spies>\r\n',
  );
  assert.equal((await site.host.state('rf-01', 'running')).sessions, 0);
  const bob = await site.console('bob', '-A', 'vacuum');
  await bob.expect(/\[replay\]/);
  bob.type('by its alias\r');
  await stays.expect(/said by its alias\r\n/);

  // A reload on request of an administrator of conserver.
  site.configure(`${TRUST}\nconsoles = ["vac-01"]\nadmin = ["root"]`, `vac-01 = { ${SHELL} }\nvac-03 = { ${SHELL} }\n`);
  assert.equal((await site.ask('root', '-E', '-Z', 'reconfig')).said, '127.0.0.1: unauthorized command\r\n');
  assert.equal((await site.host.command('reload')).code, 2);
  site.configure(`${TRUST}\nadmin = ["root"]`, `vac-01 = { ${SHELL} }\nvac-04 = { ${SHELL} }\n`);
  assert.equal((await site.ask('root', '-E', '-Z', 'reconfig')).said, '127.0.0.1: ok -- reconfiguring\r\n');
  await site.host.event('the reload', ({ type, text }) => type === 'config' && /add vac-04/.test(text));
  assert.match((await site.ask('ann', '-E', '-u')).said, / vac-04 /);

  site.configure('trusted = ["10.0.0.1/8"]', '');
  const bad = await site.host.command('reload');
  assert.equal(bad.code, 78);
  assert.match(
    bad.stderr,
    /holdfast\.toml:\d+: conserver\.trusted\.0: 10\.0\.0\.1\/8 has bits set beyond \/8; write 10\.0\.0\.0\/8 or 10\.0\.0\.1$/m,
  );
  bob.type('still there\r');
  await stays.expect(/said still there\r\n/);

  // Without the section there is no listener; all clients are told.
  site.host.configure(`[console]\nvac-01 = { ${SHELL} }\n`);
  assert.match((await site.host.command('reload')).stdout, /^- \[conserver\]: no longer configured/m);
  await stays.expect(/\[-- Console server shutting down --\]/);
  assert.match((await site.ask('ann', '-E', '-u')).stderr, /Unable to connect to 127\.0\.0\.1:/);
  assert.equal((await site.host.state('vac-01', 'running')).sessions, 0);
});

test('clients that are refused: by address, without a password, by rights', {
  skip: noConsole || missing('openssl'),
}, async (t) => {
  const folder = temporaryDirectory(t);
  const passwords = join(folder, 'passwd');
  const hash = execFileSync('openssl', ['passwd', '-6', 'secret'], { encoding: 'utf8' }).trim();
  writeFileSync(passwords, `ann:${hash}\nfree:\n`);
  const section = (more: string) => `password_file = ${JSON.stringify(passwords)}\n${more}`;
  const consoles = `vac-01 = { ${SHELL} }\nrf-01 = { ${SHELL} }\n`;
  const site = await ConserverHost.start(
    t,
    section('write = ["ann"]\nread = []\nrights = { "rf-*" = { read = ["free"] } }'),
    consoles,
  );
  const ann = await site.console('ann', '-A', 'vac-01');
  await ann.expect(/Enter ann@\S+'s password: /);
  ann.type('wrong\r');
  await ann.expect(/invalid password/);
  await ann.expect(/password: /);
  ann.type('secret\r');
  await ann.expect(/\[replay\]/);
  await site.host.event(
    'the refusal',
    ({ type, text }) => type === 'conserver' && /invalid password for ann@localhost/.test(text),
  );
  assert.equal((await site.ask('free', '-E', 'vac-01')).said, '127.0.0.1: vac-01: permission denied\r\n');
  const free = await site.console('free', '-A', 'rf-01');
  await free.expect(/\[replay\]/);
  free.type('x\r');
  await free.expect(/\[read-only -- use/);

  site.configure(section('rejected = ["127.0.0.1"]'), consoles);
  assert.equal((await site.host.command('reload')).code, 2);
  const refused = await site.ask('ann', '-E', '-u');
  assert.match(refused.said + refused.stderr, /access from your host refused/);
  // Connected clients stay, with the new rights.
  await free.expect(/\[Conserver reconfigured - r\/w access granted\]/);
});

test('encryption: with a certificate, anonymous, none', { skip: noConsole || missing('openssl') }, async (t) => {
  const folder = temporaryDirectory(t);
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, '-keyout', key, '-out', cert],
    { stdio: 'ignore' },
  );
  const consoles = `vac-01 = { ${SHELL} }\n`;
  const certificate = `${TRUST}\ntls = { cert = ${JSON.stringify(cert)}, key = ${JSON.stringify(key)} }`;
  const site = await ConserverHost.start(t, certificate, consoles);
  assert.match((await site.ask('ann', '-E', '-u')).said, /encryption required/);
  assert.equal((await site.ask('ann', '-u')).code, 69, 'nobody vouches for the certificate');
  const rc = join(folder, 'consolerc');
  writeFileSync(rc, `config * { sslcacertificatefile ${cert}; }\n`);
  const up = ' vac-01                     up   <none>\r\n';
  // It may still be initializing.
  await until('the console to be up', async () => (await site.ask('ann', '-C', rc, '-u')).said === up);

  site.configure(`${TRUST}\ntls = "legacy"\ntls_required = false`, consoles);
  assert.equal((await site.host.command('reload')).code, 2);
  assert.equal((await site.ask('ann', '-u')).said, up);
  assert.equal((await site.ask('ann', '-E', '-u')).said, up);

  site.configure(TRUST, consoles);
  assert.equal((await site.host.command('reload')).code, 2);
  assert.match((await site.ask('ann', '-u')).stderr, /Encryption not supported by server/);

  site.configure(`${TRUST}\nlisten = ["0.0.0.0"]`, consoles);
  assert.match(
    (await site.host.command('plan')).stderr,
    /conserver\.listen\.0: 0\.0\.0\.0 can be reached from elsewhere: say tls/,
  );
  writeFileSync(cert, 'no certificate');
  site.configure(certificate, consoles);
  assert.match((await site.host.command('plan')).stderr, /conserver\.tls: \S+cert\.pem and its key cannot be used/);
});

test(
  'an existing conserver.cf: its consoles, rights, breaks and tasks; faults refuse the whole',
  options,
  async (t) => {
    const folder = temporaryDirectory(t);
    const cf = join(folder, 'conserver.cf');
    const text = (rights: string) => `# Site
break 5 { string "five^m"; }
task d { cmd "echo task output"; }
default * { master localhost; rw *; }
default log { logfile ${folder}/&.log; }
#include ${folder}/more.cf
console rf-01 { aliases klystron; type exec; exec "echo hello from conserver; cat"; include log; motd "200 kV"; ${rights} }
console far-01 { master 192.0.2.1; type uds; uds /x; }
config * { sslrequired no; }
access * { trusted 127.0.0.1; admin ann; }
`;
    writeFileSync(cf, text('break 5;'));
    writeFileSync(
      join(folder, 'more.cf'),
      'console vac-01 { type uds; uds /nowhere/control; motd "vacuum"; rw ""; rw bob; }\n',
    );
    const site = await ConserverHost.start(
      t,
      `cf = ${JSON.stringify(cf)}`,
      `vac-01 = { ${SHELL} }\nllrf = { ${SHELL} }\n`,
    );
    // rf-01 is a console of the host now; the source of vac-01 is that of the TOML.
    const names = (await site.host.client.list({})).map(({ name }) => name).sort();
    assert.deepEqual(names, ['llrf', 'rf-01', 'vac-01']);
    const ann = await site.console('ann', '-A', 'kly');
    await ann.expect(/\[-- MOTD -- 200 kV\]/);
    await ann.expect(/hello from conserver\r\n/);
    ann.type('\x05cl0');
    await ann.expect(/\[halt sent\]/);
    await ann.expect(/five\r\n/);
    ann.type('\x05c!d');
    await ann.expect(/task output\r\n/);
    await ann.expect(/\[task terminated: exit\(0\)\]/);
    const bob = await site.console('bob', '-A', 'vac-01');
    await bob.expect(/\[-- MOTD -- vacuum\]/);
    await bob.expect(/\[replay\]/);
    bob.type('x\r');
    await bob.expect(/said x\r\n/);
    assert.match((await site.ask('ann', '-E', 'vac-01')).said, /permission denied/);
    assert.match((await site.ask('ann', '-E', '-P')).said, /^127\.0\.0\.1: \d+\r\n/);

    writeFileSync(cf, text('break 7; type nonsense;'));
    writeFileSync(join(folder, 'more.cf'), '\nconsole broken { type uds; }\n');
    const bad = await site.host.command('reload');
    assert.equal(bad.code, 78);
    assert.match(bad.stderr, /conserver\.cf:7:\d+: .*nonsense/);
    assert.match(bad.stderr, /more\.cf:2:\d+: .*broken/);
    assert.match(bad.stderr, /nothing was applied/);
    bob.type('goes on\r');
    await bob.expect(/said goes on\r\n/);

    writeFileSync(cf, text('').replace('config * { sslrequired no; }', ''));
    writeFileSync(join(folder, 'more.cf'), '');
    assert.match((await site.host.command('plan')).stderr, /conserver\.cf: that file asks for encryption/);
  },
);
