/**
 * A real systemd for one test file: booted in its own namespaces, controlled through nsenter, removed with the test.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from './at-end.ts';
import { until } from './until.ts';

export const ROOT = join(import.meta.dirname, '../..');

const BOOT = join(import.meta.dirname, 'boot-systemd.sh');
const NOT_HERE = 77;
/** Folders that each world has for itself, or that are hidden from its units. */
const HIDDEN = ['/tmp/', '/run/', '/dev/', '/root/', '/home/'];
/** No command in a world takes longer. Milliseconds. */
const PATIENCE = 40_000;
/**
 * Moves from the cgroup tree of the machine into one of the world: systemd does not account for our processes. Standard
 * input is not Node's socket: bash takes that for a remote shell and reads .bashrc, which can take a third of a second.
 */
const ENTER = 'mkdir -p /sys/fs/cgroup/test; echo $$ >/sys/fs/cgroup/test/cgroup.procs; cd /; exec "$@" </dev/null';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Lines of a shell script that write `text` to `path`. */
export function writing(path: string, text: string, mode = '644'): string {
  const encoded = Buffer.from(text).toString('base64');
  return `mkdir -p "$(dirname '${path}')"; base64 -d <<<'${encoded}' >'${path}'; chmod ${mode} '${path}'`;
}

export class World {
  /** Pid of the world's systemd, as this machine counts. */
  readonly init: number;

  private constructor(init: number) {
    this.init = init;
  }

  /**
   * Boots to `target` after `prepare` (shell) has run in the new root. If that is not possible the test is skipped,
   * with the reason, and undefined is returned.
   */
  static async boot(t: TestContext, prepare: string, target = 'multi-user.target'): Promise<World | undefined> {
    if (HIDDEN.some((folder) => ROOT.startsWith(folder))) {
      t.skip(`the project lies in ${ROOT}, which units of systemd cannot see (PrivateTmp=, ProtectHome=)`);
      return undefined;
    }
    const boot = spawn('bash', [BOOT, target, prepare], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    boot.stderr.on('data', (text) => {
      said += text;
    });
    const ended = once(boot, 'exit').then(([code]) => ({ code: code as number }));
    const ready = once(boot.stdout, 'data').then(([pid]) => ({ pid: Number(pid) }));
    const first = await Promise.race([ended, ready]);
    if ('code' in first) {
      if (first.code === NOT_HERE) {
        t.skip(said.trim());
        return undefined;
      }
      throw new Error(`no systemd, status ${first.code}: ${said}`);
    }
    const world = new World(first.pid);
    atEnd(t, async () => {
      // In Node since 21.7, but missing from the types.
      if (!(t as TestContext & { readonly passed: boolean }).passed) {
        t.diagnostic((await world.run('journalctl', '-b', '--no-pager', '-n', '80', '-o', 'short-monotonic')).stdout);
      }
      boot.stdin.end();
      await ended;
    });
    await world.booted();
    return world;
  }

  /** Runs a program to its end, whatever its exit status. */
  run(...argv: readonly string[]): Promise<Ran> {
    return this.long(PATIENCE, ...argv);
  }

  /** The same, with a timeout in milliseconds. */
  long(timeout: number, ...argv: readonly string[]): Promise<Ran> {
    // In its own session: failures in there signal no process out here.
    const words = [
      '--wait',
      'nsenter',
      '--target',
      String(this.init),
      '--all',
      '--',
      'sh',
      '-c',
      ENTER,
      'world',
      ...argv,
    ];
    const { NODE_COMPILE_CACHE: compiled } = process.env;
    const env = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      HOME: '/root',
      ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }),
    };
    return new Promise((resolve) => {
      execFile('setsid', words, { env, timeout, maxBuffer: 256 << 20 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 255, stdout, stderr });
      });
    });
  }

  /** Runs a line of shell; returns its output without the last line end. Rejects if it fails. */
  async sh(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.run('bash', '-euo', 'pipefail', '-c', script);
    if (code !== 0) {
      throw new Error(`${script}\nended with ${code}: ${stdout}${stderr}`);
    }
    return stdout.replace(/\n$/, '');
  }

  /** A property of a unit as `systemctl show` prints it. */
  show(unit: string, property: string): Promise<string> {
    return this.sh(`systemctl show --value -p ${property} '${unit}'`);
  }

  /** Runs the shell line until it succeeds and `matches` accepts its output. */
  async until(what: string, script: string, matches: (text: string) => boolean = () => true): Promise<string> {
    let last = '';
    const look = async (): Promise<string | false> => {
      const { code, stdout, stderr } = await this.run('bash', '-euo', 'pipefail', '-c', script);
      last = `${stdout}${stderr}`;
      return code === 0 && matches(stdout) && stdout;
    };
    return until(() => `${what}: ${last}`, look, PATIENCE);
  }

  /** A file of the world. */
  read(path: string): string {
    return readFileSync(`/proc/${this.init}/root${path}`, 'latin1');
  }

  /** The path from outside. */
  path(path: string): string {
    return `/proc/${this.init}/root${path}`;
  }

  async booted(): Promise<void> {
    await this.until('boot', 'systemctl is-system-running || true', (text) => /running|degraded/.test(text));
  }
}
