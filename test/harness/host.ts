/** The host server as a site runs it: `holdfast up -f -c FILE`, with its holder, in a directory of the test's. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { AttachClient, type Follower } from '../../src/client/attach-client.ts';
import { connectControl } from '../../src/client/control-connection.ts';
import type { ConsoleSummary, EventInfo } from '../../src/model/api.ts';
import type { HostClient } from '../../src/model/host-port.ts';
import type { EnterFrom } from '../../src/model/session.ts';
import { systemClock } from '../../src/platform/time/clock.ts';
import { atEnd } from './at-end.ts';
import { isAlive, temporaryDirectory } from './machine.ts';
import { type Exit, Program } from './procserv.ts';
import { TIMEOUT_MS, until } from './until.ts';

export const HOLDFAST = join(import.meta.dirname, '../../bin/holdfast');

/** `HOLDFAST_SOAK=1`: the long versions of the long tests. */
export const SOAK = process.env.HOLDFAST_SOAK === '1';

export interface HostOptions {
  /** More of `[server]`. */
  readonly server?: string;
  readonly logDir?: string;
  readonly stateDir?: string;
  /** Additional variables of the server's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Descriptor limit of server and holder. */
  readonly descriptors?: number;
  /** Milliseconds to wait for states. */
  readonly patience?: number;
  /** Words that run the server, and become it: `unshare ...`. */
  readonly inside?: readonly string[];
}

export class HostUnderTest {
  readonly folder: string;
  /** The configuration file. */
  readonly file: string;
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly logDir: string;
  readonly client: HostClient;
  /** Path of the control socket. */
  readonly control: string;
  readonly #t: TestContext;
  readonly #head: string;
  readonly #holders = new Set<number>();
  readonly #sessions: AttachClient[] = [];
  readonly #env: Readonly<Record<string, string>>;
  readonly #patience: number;
  readonly #inside: readonly string[];
  readonly #descriptors: { readonly descriptors?: number };
  #server: Program | undefined;

  private constructor(t: TestContext, options: HostOptions) {
    const { server = '', logDir, stateDir, env = {}, patience = TIMEOUT_MS, descriptors, inside = [] } = options;
    this.#inside = inside;
    this.#t = t;
    this.#env = env;
    this.#patience = patience;
    this.#descriptors = descriptors === undefined ? {} : { descriptors };
    this.folder = temporaryDirectory(t);
    this.file = join(this.folder, 'holdfast.toml');
    this.runtimeDir = join(this.folder, 'run');
    this.stateDir = stateDir ?? join(this.folder, 'state');
    this.logDir = logDir ?? join(this.folder, 'log');
    this.control = join(this.runtimeDir, 'control');
    this.client = connectControl(this.control, TIMEOUT_MS);
    const folders = { runtime_dir: this.runtimeDir, state_dir: this.stateDir, log_dir: this.logDir };
    const lines = Object.entries(folders).map(([key, path]) => `${key} = ${JSON.stringify(path)}`);
    this.#head = `[server]\n${lines.join('\n')}\n${server}\n`;
  }

  /** Starts a server with these tables of consoles and waits until it is up. */
  static async start(t: TestContext, consoles: string, options: HostOptions = {}): Promise<HostUnderTest> {
    const host = new HostUnderTest(t, options);
    host.configure(consoles);
    await host.up();
    return host;
  }

  get server(): Program {
    if (!this.#server) {
      throw new Error('no server was started');
    }
    return this.#server;
  }

  /** Writes the configuration; nobody is told. */
  configure(consoles: string): void {
    writeFileSync(this.file, this.#head + consoles);
  }

  /** A file of `conf.d`. */
  dropIn(name: string, text: string): void {
    mkdirSync(join(this.folder, 'conf.d'), { recursive: true });
    writeFileSync(join(this.folder, 'conf.d', name), text);
  }

  /** Starts a server without waiting for it. */
  launch(): Program {
    const [program = HOLDFAST, ...words] = [...this.#inside, HOLDFAST, 'up', '-f', '-c', this.file];
    this.#server = new Program(this.#t, program, words, {
      env: this.#env,
      ...this.#descriptors,
    });
    // Before the program is ended: it knows what else must be ended.
    atEnd(this.#t, () => this.#end());
    return this.#server;
  }

  async up(): Promise<Program> {
    const server = this.launch();
    await server.stderr.expect(/holdfast: up: /);
    await this.holder();
    return server;
  }

  /** SIGKILL to the server; its holder and children stay. */
  async kill(): Promise<void> {
    this.server.process.kill('SIGKILL');
    await this.server.exited;
  }

  /** Pid of the holder that the server has now. */
  async holder(): Promise<number> {
    const found = await until('a holder', async () => {
      const { pid } = (await this.client.version()).holder;
      return pid > 0 && pid;
    });
    this.#holders.add(found);
    return found;
  }

  /** A command against this server, to its end. */
  async command(...words: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const program = this.run(...words);
    const [{ code }, stdout, stderr] = await Promise.all([
      program.exited,
      program.stdout.whole(),
      program.stderr.whole(),
    ]);
    return { code, stdout, stderr };
  }

  run(...words: readonly string[]): Program {
    const env = { HOLDFAST_SOCKET: this.control };
    return new Program(this.#t, HOLDFAST, words, { cwd: this.folder, env });
  }

  /** A session that is closed with the test. */
  async attach(
    name: string,
    from: EnterFrom,
    watcher: Partial<Follower>,
    { write = false } = {},
  ): Promise<AttachClient> {
    const nothing = () => undefined;
    const deaf = {
      live: nothing,
      missed: nothing,
      writer: nothing,
      refused: nothing,
      said: nothing,
      ...{ lost: nothing },
    };
    const follower = { ...deaf, output: nothing, back: nothing, ended: nothing, ...watcher };
    const session = new AttachClient(this.client, name, { write }, systemClock, follower);
    this.#sessions.push(session);
    await session.open(from);
    return session;
  }

  log(name: string): string {
    try {
      return readFileSync(join(this.logDir, `${name}.log`), 'latin1');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return '';
      }
      throw error;
    }
  }

  /** Waits until the log contains this. */
  said(name: string, text: string | RegExp): Promise<boolean> {
    return until(`${text} in the log of ${name}`, () => {
      const log = this.log(name);
      return typeof text === 'string' ? log.includes(text) : text.test(log);
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(this.log(name).slice(-500))}`);
    });
  }

  /** Waits until the consoles are as wanted. */
  async consoles(what: string, wanted: (consoles: ReadonlyMap<string, ConsoleSummary>) => boolean) {
    let last: readonly ConsoleSummary[] = [];
    const look = async () => {
      last = await this.client.list({});
      const byName = new Map(last.map((console) => [console.name, console]));
      return wanted(byName) && byName;
    };
    const states = () => last.map(({ name, state }) => `${name} ${state}`);
    return until(() => `${what}, but ${states().join(', ')}`, look, this.#patience);
  }

  /** Waits until the console has this state. */
  async state(name: string, state: ConsoleSummary['state']): Promise<ConsoleSummary> {
    const consoles = await this.consoles(`${name} ${state}`, (all) => all.get(name)?.state === state);
    return consoles.get(name) as ConsoleSummary;
  }

  /** Pids of all processes by name. */
  async pids(): Promise<Record<string, number | undefined>> {
    return Object.fromEntries((await this.client.list({})).map(({ name, pid }) => [name, pid]));
  }

  /** Waits for an event of the history. */
  async event(what: string, wanted: (event: EventInfo) => boolean): Promise<EventInfo> {
    const look = async () => (await this.client.events({ limit: 1000 })).find(wanted);
    return until(`${what} in the history`, look);
  }

  /** The server ends by itself. */
  exited(): Promise<Exit> {
    return this.server.exited;
  }

  /** Ends all that is left: server, holder, and children that would outlive it. */
  async #end(): Promise<void> {
    for (const session of this.#sessions) {
      session.close();
    }
    const consoles = await this.client.list({}).catch(() => []);
    await this.client.version().then(
      ({ holder }) => this.#holders.add(holder.pid),
      () => undefined,
    );
    this.#server?.process.kill('SIGKILL');
    await this.#server?.exited;
    for (const pid of [...this.#holders, ...consoles.map(({ pid }) => pid ?? 0)]) {
      if (pid > 0 && isAlive(pid)) {
        killIfThere(pid);
        await until(`process ${pid} to go`, () => !isAlive(pid));
      }
    }
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

/** A program for a console: perl, which is on every Debian, starts at once and sleeps without a child process. */
export function perl(script: string): string {
  return `run = ${JSON.stringify(['/usr/bin/perl', '-e', script])}`;
}
