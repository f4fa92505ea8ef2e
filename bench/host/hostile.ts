import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { SessionPort } from '../../src/model/session.ts';
import { ask, Program } from '../lib/process.ts';
import { quantile } from '../lib/statistics.ts';
import type { Settings } from '../lib/suite.ts';
import { atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { type HostServer, programOf, startServers } from './servers.ts';

const LIMIT_MS = 50;
const KEYS = 300;
const LISTS = 100;
const VISITS = 30;

interface Times {
  readonly p99: number;
  readonly max: number;
}
type Measured = 'attach' | 'list' | 'endpoint' | 'door';

const WHAT: Readonly<Record<Measured, string>> = {
  attach: 'echo of a session at the control socket',
  list: '`GET /v1/consoles` at the control socket',
  endpoint: 'echo of an endpoint',
  door: 'a connection, its login and its answer at the door',
};

function timesOf(samples: readonly number[]): Times {
  return { p99: quantile(samples, 0.99), max: Math.max(...samples) };
}

/** Milliseconds of each, one after the other. */
async function timed(count: number, work: () => Promise<unknown>): Promise<Times> {
  const samples: number[] = [];
  for (let n = 0; n < count; n++) {
    const began = performance.now();
    await work();
    samples.push(performance.now() - began);
  }
  return timesOf(samples);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A key, and its echo by the terminal. */
async function typing(server: HostServer): Promise<{ key(): Promise<void>; leave(): void }> {
  const { promise: entered, reject, resolve } = Promise.withResolvers<SessionPort>();
  const { promise: mayType, resolve: types } = Promise.withResolvers<void>();
  let echoed: () => void = () => undefined;
  const nothing = (): void => undefined;
  server.client.enter(
    'c0',
    { from: { lines: 0 }, mode: 'write' },
    {
      ...{ entered: resolve, refused: reject, missed: nothing, said: nothing, room: nothing, closed: nothing },
      writer: (writer) => writer && types(),
      output: () => {
        echoed();
        return true;
      },
    },
  );
  const session = await entered;
  await (session.writer ?? mayType);
  let typed = 0;
  return {
    async key() {
      const echo = new Promise<void>((resolve) => {
        echoed = resolve;
      });
      // The terminal's line buffer stays short: its end is echoed as well, and then comes back as a line, which is no echo.
      session.write(Buffer.from(++typed % 32 === 0 ? '\x15' : 'x'));
      await echo;
    },
    leave: () => session.leave(),
  };
}

/** Somebody comes, asks, is answered, and goes. Returns whether it was answered. */
async function visit(port: number, token: string): Promise<boolean> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => undefined);
  socket.write(
    `GET /v1/consoles HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
  );
  let answer = '';
  socket.on('data', (data) => {
    answer += String(data);
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return answer.startsWith('HTTP/1.1 200');
}

/** `refused`: visits that were cut off, which are not among the times. */
async function visits(port: number, token: string): Promise<Times & { readonly refused: number }> {
  const samples: number[] = [];
  for (let n = 0; n < VISITS; n++) {
    const began = performance.now();
    if (await visit(port, token)) {
      samples.push(performance.now() - began);
    }
  }
  return { ...timesOf(samples), refused: VISITS - samples.length };
}

/** The same work without strangers and among them. */
async function besides<Result>(port: number, work: () => Promise<Result>): Promise<{ alone: Result; among: Result }> {
  const alone = await work();
  const strangers = new Program(process.execPath, [join(import.meta.dirname, 'strangers.ts'), String(port)]);
  try {
    await strangers.line();
    return { alone, among: await work() };
  } finally {
    await strangers.stop();
  }
}

interface Door {
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
}

/** The folder of a door has a certificate. */
async function doorIn(settings: Settings, directory: string): Promise<Door> {
  // For a gateway that is nobody, and workers that are.
  chmodSync(directory, 0o755);
  const words = ['certificate', 'init', '--host', 'localhost', '--out', directory];
  execFileSync(programOf('ours', settings), words, { stdio: 'ignore' });
  return { port: await freePort(), certificate: join(directory, 'host.pem'), key: join(directory, 'host.key') };
}

async function ours(settings: Settings, directory: string) {
  const { certificate, key, port } = await doorIn(settings, directory);
  const more = `[access]
[[access.rule]]
who = ["channel:procserv", "vera"]
may = ["write"]
[network]
listen = ["127.0.0.1:${port}"]
certificate = "${certificate}"
key = "${key}"
user = "nobody"
connections_per_address = 65536
`;
  const server = (await startServers(settings, 'ours', directory, {
    count: 2,
    child: ['/bin/cat'],
    more,
  })) as HostServer;
  try {
    const words = ['token', 'create', '--user', 'vera', '--for', '1h', '--json', '--socket', server.control];
    const { stdout } = spawnSync(programOf('ours', settings), words, { encoding: 'utf8' });
    const { token } = JSON.parse(stdout) as { token: string };
    const work = async () => {
      const { key: press, leave } = await typing(server);
      const attach = await timed(KEYS, press);
      leave();
      const list = await timed(LISTS, () => server.client.list({}));
      const { max, p99 } = await ask<Times>(settings.native('echo'), [`unix:${server.socket(1)}`, `${KEYS}`, '60']);
      const door = await visits(port, token);
      return { attach, list, endpoint: { p99: p99 / 1000, max: max / 1000 }, door };
    };
    return await besides(port, work);
  } finally {
    await server.stop();
  }
}

async function theirs(settings: Settings, directory: string) {
  const { certificate, key, port } = await doorIn(settings, directory);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const config = join(directory, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes 1; worker_rlimit_nofile 20000; pid ${directory}/nginx.pid; error_log /dev/null;
events { worker_connections 16384; }
http {
  access_log off; client_header_timeout 10s;
  ${temporary.map((each) => `${each}_temp_path ${directory}/${each};`).join(' ')}
  server {
    listen 127.0.0.1:${port} ssl backlog=511;
    ssl_certificate ${certificate}; ssl_certificate_key ${key}; ssl_protocols TLSv1.3;
    location / { return 200 "[]"; }
  }
}
`,
  );
  const nginx = new Program('nginx', ['-e', '/dev/null', '-c', config], { input: 'ignore' });
  try {
    return await besides(port, () => visits(port, 'x'));
  } finally {
    await nginx.stop();
  }
}

/** What 5,000 strangers at the network door cost those who are there, and those who come. */
export async function hostile(settings: Settings): Promise<Row[]> {
  const own: Awaited<ReturnType<typeof ours>>[] = [];
  const nginx: Awaited<ReturnType<typeof theirs>>[] = [];
  for (let round = 0; round < (settings.quick ? 1 : 4); round++) {
    own.push(await inFreshDirectory(settings.logDirectory, (directory) => ours(settings, directory)));
    nginx.push(await inFreshDirectory(settings.logDirectory, (directory) => theirs(settings, directory)));
  }
  const times = (Object.keys(WHAT) as Measured[]).flatMap((what) =>
    (['alone', 'among'] as const).flatMap((when) =>
      (['p99', 'max'] as const).map((which) => ({
        what: `${WHAT[what]}, ${which === 'max' ? 'slowest' : which}, ${when === 'alone' ? 'alone' : 'among 5,000 strangers'}`,
        unit: 'ms',
        ours: own.map((sample) => sample[when][what][which]),
        theirs: what === 'door' ? nginx.map((sample) => sample[when][which]) : [],
        ...(when === 'among' && what !== 'door' ? { goal: atMost(LIMIT_MS, 'ms') } : {}),
      })),
    ),
  );
  return [
    ...times,
    {
      what: `${VISITS} visits among 5,000 strangers: cut off`,
      unit: 'visits',
      ours: own.map(({ among }) => among.door.refused),
      theirs: nginx.map(({ among }) => among.refused),
      goal: atMost(0, ''),
    },
  ];
}
