/**
 * Three hosts, as network namespaces with a bridge between them, one conserver.cf for all: `console NAME` on any of them
 * reaches the consoles of all. Two hosts run our conserver, one runs Debian's.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { atEnd } from '../harness/at-end.ts';
import { temporaryDirectory } from '../harness/machine.ts';
import { until } from '../harness/until.ts';
import { CONSOLE, OnTerminal, OUR_CONSERVER, run, within } from '../interop/conserver-server.ts';

const REAL_CONSERVER = '/usr/sbin/conserver';
const REAL_CONSOLE = '/usr/bin/console';
const PORT = 4782;
const HOSTS = ['north', 'south', 'east'] as const;
type Host = (typeof HOSTS)[number];
const SERVERS: Readonly<Record<Host, string>> = { north: OUR_CONSERVER, south: REAL_CONSERVER, east: OUR_CONSERVER };
const address = (host: Host): string => `10.231.77.${HOSTS.indexOf(host) + 1}`;

const skip = why();

function why(): string | false {
  if (process.getuid?.() !== 0) {
    return 'needs root: network namespaces';
  }
  if (spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'x', 'type', 'veth', 'peer', 'y']).status !== 0) {
    return 'no network namespaces with veth pairs here';
  }
  return existsSync(REAL_CONSERVER) && existsSync(REAL_CONSOLE) ? false : 'Debian conserver is not installed';
}

/** A namespace that lasts as long as a process in it; returns the words that run a program there. */
type Inside = (host: Host | 'bridge', ...words: string[]) => string[];

/** Unnamed namespaces, so that nothing is left of them whatever happens. */
async function network(t: TestContext): Promise<Inside> {
  const keepers = new Map<string, ChildProcess>();
  atEnd(t, () => {
    for (const keeper of keepers.values()) {
      keeper.kill('SIGKILL');
    }
  });
  for (const name of ['bridge', ...HOSTS]) {
    // It has its own host name too, which a server uses for itself.
    const words = ['--net', '--uts', 'sh', '-c', `hostname ${name} && echo there && exec sleep 600`];
    const keeper = spawn('unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    keepers.set(name, keeper);
    await within(new Promise((resolve) => keeper.stdout?.once('data', resolve)), `the namespace of ${name}`);
  }
  const inside: Inside = (host, ...words) => ['nsenter', '-t', `${keepers.get(host)?.pid}`, '-n', '-u', ...words];
  const sh = async (host: Host | 'bridge', script: string): Promise<void> => {
    const [command = '', ...words] = inside(host, 'sh', '-ec', script);
    const { status, stderr } = await run(command, words);
    assert.equal(status, 0, stderr);
  };
  await sh('bridge', 'ip link add br0 type bridge; ip link set br0 up');
  for (const host of HOSTS) {
    const { pid } = keepers.get(host) as ChildProcess;
    await sh('bridge', `ip link add ${host} type veth peer name eth0 netns ${pid}; ip link set ${host} master br0 up`);
    await sh(host, `ip link set lo up; ip addr add ${address(host)}/24 dev eth0; ip link set eth0 up`);
  }
  return inside;
}

async function startEverywhere(t: TestContext, inside: Inside): Promise<void> {
  const folder = temporaryDirectory(t);
  const consoles = HOSTS.map(
    (host) => `console ${host}-ioc { master ${address(host)}; type exec; exec cat; aliases of-${host}; rw *; }`,
  );
  const cf = `${consoles.join('\n')}\naccess * { trusted 10.231.77.0/24, 127.0.0.1; admin root; }\nconfig * { sslrequired no; loghostnames no; }\n`;
  writeFileSync(join(folder, 'cf'), cf);
  writeFileSync(join(folder, 'passwd'), '');
  for (const host of HOSTS) {
    const options = ['-C', join(folder, 'cf'), '-P', join(folder, 'passwd'), '-p', `${PORT}`];
    const [command = '', ...words] = inside(host, SERVERS[host], ...options);
    const server = spawn(command, words, { stdio: 'ignore', cwd: folder });
    const ended = new Promise((resolve) => server.once('exit', resolve));
    atEnd(t, async () => {
      server.kill('SIGTERM');
      await ended;
    });
  }
  for (const host of HOSTS) {
    const [command = '', ...words] = inside(host, ...clientWords(CONSOLE, host, '-P'));
    await until(`answers of all servers to ${host}`, async () => {
      return (await run(command, words)).stdout.split('\r\n').length > HOSTS.length;
    });
  }
}

function clientWords(program: string, master: Host, ...words: string[]): string[] {
  return [program, '-n', '-C', '/dev/null', '-E', '-l', 'root', '-p', `${PORT}`, '-M', address(master), ...words];
}

test('console NAME on any host reaches the consoles of all, whichever server has them', { skip }, async (t) => {
  const inside = await network(t);
  await startEverywhere(t, inside);
  for (const client of [REAL_CONSOLE, CONSOLE]) {
    const ask = async (host: Host, ...words: string[]): Promise<string> => {
      const [command = '', ...rest] = inside(host, ...clientWords(client, host, ...words));
      return (await run(command, rest)).stdout;
    };
    for (const host of HOSTS) {
      const rows = (await ask(host, '-u')).split('\r\n').filter((row) => row !== '');
      assert.deepEqual(
        rows.map((row) => row.trim().split(/\s+/)).sort(),
        HOSTS.map((each) => [`${each}-ioc`, 'up', '<none>']).sort(),
        `${client} -u on ${host}`,
      );
      assert.equal((await ask(host, '-r')).match(/version `conserver\.com/g)?.length, HOSTS.length, `-r on ${host}`);
      assert.equal(await ask(host, 'nosuch'), `${address(host)}: console \`nosuch' not found\r\n`);
      for (const target of HOSTS) {
        // The replay is the first output once the client listens to the keyboard.
        const words = inside(host, ...clientWords(client, host, '-F', `of-${target}`));
        const terminal = new OnTerminal(t, words.join(' '));
        await terminal.expect('[replay]');
        terminal.type('\x05cw');
        await terminal.expect(
          new RegExp(`\\[who ${target}-ioc\\]\\r\\n root@${address(host).replaceAll('.', '\\.')} `),
        );
        terminal.type(`from ${host}\r`);
        await terminal.expect(`from ${host}\r\nfrom ${host}\r\n`);
        terminal.type('\x05c.');
        assert.equal(await within(terminal.ended, `${client} on ${host} to end`), 0);
      }
    }
    const everybody = (await ask('north', '-b', 'hello')).length;
    assert.equal(everybody, 0, '-b is silent');
  }
});
