import { existsSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectControl } from '../../src/client/control-connection.ts';
import type { HostClient } from '../../src/model/host-port.ts';
import { Program } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';

export type Side = 'ours' | 'theirs';

/** Many consoles, each with an endpoint on a unix socket and a log: by one host server, or by as many procServ. */
export interface Servers {
  /** The servers' own processes, without the children. */
  readonly pids: readonly number[];
  /** Path of the socket of a console. */
  socket(number: number): string;
  /** Path of the control socket, if the server has one. */
  readonly control?: string;
  stop(): Promise<void>;
}

export interface ServersOptions {
  readonly count: number;
  readonly child: readonly string[];
  /** Default: with logs. */
  readonly log?: boolean;
  /** Of `[server]`. */
  readonly startAtOnce?: number;
  /** Sections of the configuration; only for ours. */
  readonly more?: string;
}

const PATIENCE = 60_000;

export function programOf(side: Side, settings: Settings): string {
  return side === 'ours'
    ? resolve(settings.ours ?? join(import.meta.dirname, '../../bin/holdfast'))
    : resolve(settings.theirs ?? '/usr/bin/procServ');
}

/** Starts them in `directory` without waiting. */
export function launch(
  settings: Settings,
  side: Side,
  directory: string,
  options: ServersOptions,
): HostServer | ProcServs {
  return side === 'ours' ? new HostServer(settings, directory, options) : new ProcServs(settings, directory, options);
}

/** Starts them in `directory`; resolves when every endpoint accepts a connection. */
export async function startServers(
  settings: Settings,
  side: Side,
  directory: string,
  options: ServersOptions,
): Promise<Servers> {
  const servers = launch(settings, side, directory, options);
  try {
    await allAccept(servers, options.count);
    await servers.found();
    return servers;
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

/** Resolves when every endpoint has accepted a connection. */
export async function allAccept(servers: Pick<Servers, 'socket'>, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    (await connected(servers.socket(n))).destroy();
  }
}

/** A connection to a socket that may not exist yet. */
export async function connected(path: string): Promise<Socket> {
  for (const limit = performance.now() + PATIENCE; performance.now() < limit; await delay(2)) {
    if (existsSync(path)) {
      const socket = await attempt(path);
      if (socket) {
        return socket;
      }
    }
  }
  throw new Error(`bench: ${path} accepts nothing within ${PATIENCE} ms`);
}

function attempt(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', () => resolve(undefined));
    socket.once('connect', () => {
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

export class HostServer implements Servers {
  pids: readonly number[] = [];
  readonly #program: string;
  readonly #directory: string;
  #server: Program;

  constructor(settings: Settings, directory: string, options: ServersOptions) {
    const { count, child, log = true, more = '', startAtOnce = 50 } = options;
    this.#directory = directory;
    this.#program = programOf('ours', settings);
    const names = Array.from({ length: count }, (_, n) => `[console.c${n}]\n`);
    const text = `
[server]
runtime_dir = "${directory}/run"
state_dir = "${directory}/state"
log_dir = "${directory}/log"
start_at_once = ${startAtOnce}
[defaults]
run = ${JSON.stringify(child)}
endpoints = ["unix:{name}.sock"]
${log ? '' : 'log = false'}
`;
    writeFileSync(join(directory, 'holdfast.toml'), text + names.join('') + more);
    this.#server = this.#start();
  }

  socket(number: number): string {
    return join(this.#directory, 'run', `c${number}.sock`);
  }

  get control(): string {
    return join(this.#directory, 'run/control');
  }

  get client(): HostClient {
    return connectControl(this.control);
  }

  async found(): Promise<void> {
    const { pid, holder } = await this.client.version();
    this.pids = [pid, holder.pid];
  }

  /** SIGKILL, and a new server at once. */
  async restart(): Promise<void> {
    this.#server.kill('SIGKILL');
    await this.#server.ended;
    this.#server = this.#start();
  }

  async stop(): Promise<void> {
    const [, holder] = this.pids;
    await this.#server.stop();
    if (holder !== undefined) {
      process.kill(holder, 'SIGKILL');
    }
  }

  #start(): Program {
    const words = ['up', '-f', '-c', join(this.#directory, 'holdfast.toml')];
    return new Program(this.#program, words, { input: 'ignore', cwd: this.#directory });
  }
}

class ProcServs implements Servers {
  readonly pids: number[] = [];
  readonly #directory: string;
  readonly #count: number;
  readonly #shell: Program;

  constructor(settings: Settings, directory: string, { count, child, log = true }: ServersOptions) {
    this.#directory = directory;
    this.#count = count;
    const program = programOf('theirs', settings);
    // As a boot script would; the shell prints their pids.
    const script = `
      n=0
      while [ $n -lt ${count} ]; do
        "$0" -f -q -n c$n ${log ? '-L "c$n.log"' : ''} -P "unix:c$n.sock" "$@" </dev/null >/dev/null 2>&1 &
        echo $!
        n=$((n + 1))
      done
      wait`;
    this.#shell = new Program('/bin/sh', ['-c', script, program, ...child], { input: 'ignore', cwd: directory });
  }

  socket(number: number): string {
    return join(this.#directory, `c${number}.sock`);
  }

  async found(): Promise<void> {
    for (let n = 0; n < this.#count; n++) {
      this.pids.push(Number(await this.#shell.line()));
    }
  }

  async stop(): Promise<void> {
    for (const pid of this.pids) {
      process.kill(pid, 'SIGTERM');
    }
    await this.#shell.ended;
  }
}
