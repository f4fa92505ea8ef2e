/** The cgroup of one console's processes, made for a start and removed after the end. */

import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceCaps, Resources } from '../model/resources.ts';
import { SIGKILL } from '../model/signals.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';

/** cpu.max is a quota within a period. */
const PERIOD_US = 100_000;
/**
 * Killed processes need a moment to be gone; those that hang in the kernel, longer: then the next start finds the
 * folder.
 */
const RETRY_DELAY_MS = 20;
const TRIES = 100;

export class ConsoleCgroup {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #give: (controller: 'memory' | 'cpu') => string | undefined;
  /** Counted before this start: the folder may be one that could not be removed. */
  #oomBefore = 0;
  #missing: string | undefined;
  #removing: Timer | undefined;
  /** The owner of the child in it. A late end must not affect its successor of the same name. */
  #user: object | undefined;
  #gone: (() => void)[] = [];

  /** `give` enables a controller here, or returns the reason why not. */
  constructor(path: string, clock: Clock, give: (controller: 'memory' | 'cpu') => string | undefined) {
    this.#path = path;
    this.#clock = clock;
    this.#give = give;
  }

  /**
   * Prepares it for a child of `user` with these caps; returns the file into which the child writes itself, or
   * undefined if there is none.
   */
  begin(user: object, caps: ResourceCaps): string | undefined {
    this.#user = user;
    this.#removing?.cancel();
    this.#removing = undefined;
    this.#missing = this.#give('memory');
    try {
      mkdirSync(this.#path, { recursive: true });
      this.#oomBefore = this.#oomKills() ?? 0;
      this.#cap(caps);
      return join(this.#path, 'cgroup.procs');
    } catch (error) {
      this.#missing = `no cgroup: ${(error as Error).message}`;
      return undefined;
    }
  }

  /** Continues with one that an earlier holder has created. */
  adopt(user: object): void {
    this.#user = user;
    this.#missing = this.#give('memory');
  }

  /**
   * Sends SIGKILL to everything in it, whatever its group, session or parent; does nothing if another user's child is
   * in it by now.
   */
  kill(user: object): void {
    if (this.#isOf(user)) {
      this.#kill();
    }
  }

  #isOf(user: object): boolean {
    return this.#user === undefined || this.#user === user;
  }

  #kill(): void {
    try {
      writeFileSync(join(this.#path, 'cgroup.kill'), '1');
    } catch (error) {
      // Linux before 5.14. Processes that fork faster than this are killed again at the end.
      if ((error as { code?: string }).code !== 'ENOENT' || this.#read('cgroup.procs') === undefined) {
        return;
      }
      for (const pid of this.#pids()) {
        try {
          process.kill(pid, SIGKILL);
        } catch {
          // Gone meanwhile.
        }
      }
    }
  }

  /**
   * The child of `user` is gone: kills the remaining processes and removes the cgroup. Returns the number killed for
   * lack of memory, if that is counted.
   */
  end(user: object): number | undefined {
    if (!this.#isOf(user)) {
      return undefined;
    }
    this.#user = undefined;
    const kills = this.#oomKills();
    this.#kill();
    this.#remove(TRIES);
    return kills === undefined ? undefined : kills - this.#oomBefore;
  }

  /** Resolves when it is removed, or cannot be. */
  async gone(): Promise<void> {
    if (this.#removing) {
      await new Promise<void>((resolve) => this.#gone.push(resolve));
    }
  }

  get figures(): Resources {
    const pids = this.#read('cgroup.procs');
    if (pids === undefined) {
      return { missing: this.#missing ?? 'there is no process' };
    }
    const micros = Number(/^usage_usec (\d+)$/m.exec(this.#read('cpu.stat') ?? '')?.[1] ?? 0);
    const [quota, period] = (this.#read('cpu.max') ?? 'max').split(' ');
    return {
      processes: pids.split('\n').length - 1,
      cpuSeconds: Math.round(micros / 1e4) / 100,
      ...(quota === 'max' ? {} : { cpuMax: Number(quota) / Number(period) }),
      ...this.#bytes('memoryBytes', 'memory.current'),
      ...this.#bytes('memoryPeakBytes', 'memory.peak'),
      ...this.#bytes('memoryMaxBytes', 'memory.max'),
      ...(this.#missing === undefined ? {} : { missing: this.#missing }),
    };
  }

  /** Caps that cannot be set are reported with the figures: a process without them is better than none. */
  #cap({ memoryBytes, cpu }: ResourceCaps): void {
    if (memoryBytes !== undefined && this.#missing === undefined) {
      this.#write('memory.max', String(memoryBytes));
      // Swap would bypass it.
      this.#write('memory.swap.max', '0');
    }
    if (cpu !== undefined) {
      const missing = this.#give('cpu');
      this.#missing ??= missing;
      if (missing === undefined) {
        this.#write('cpu.max', `${Math.round(cpu * PERIOD_US)} ${PERIOD_US}`);
      }
    }
  }

  #bytes(key: 'memoryBytes' | 'memoryPeakBytes' | 'memoryMaxBytes', file: string): Partial<Resources> {
    const text = this.#read(file)?.trim();
    return text === undefined || text === 'max' ? {} : { [key]: Number(text) };
  }

  #oomKills(): number | undefined {
    const count = /^oom_kill (\d+)$/m.exec(this.#read('memory.events') ?? '')?.[1];
    return count === undefined ? undefined : Number(count);
  }

  #pids(): number[] {
    return (this.#read('cgroup.procs') ?? '').split('\n').filter(Boolean).map(Number);
  }

  #read(file: string): string | undefined {
    try {
      return readFileSync(join(this.#path, file), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** A kernel that lacks the file (memory.swap.max without swap accounting) has nothing to cap. */
  #write(file: string, text: string): void {
    try {
      writeFileSync(join(this.#path, file), text);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') {
        this.#missing ??= `${file} refuses ${text}: ${(error as Error).message}`;
      }
    }
  }

  #remove(tries: number): void {
    this.#removing?.cancel();
    this.#removing = undefined;
    if (!removed(this.#path) && tries > 1) {
      this.#removing = this.#clock.after(RETRY_DELAY_MS, () => {
        this.#kill();
        this.#remove(tries - 1);
      });
      return;
    }
    for (const resolve of this.#gone.splice(0)) {
      resolve();
    }
  }
}

/** With nested ones, which a child may have created; false if a process still lives in it. */
function removed(path: string): boolean {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory() && !removed(join(path, entry.name))) {
        return false;
      }
    }
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'ENOENT';
  }
}
