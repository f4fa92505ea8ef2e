/** Divides the holder's cgroup among its consoles: one for each that has a child, and one for the holder itself. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../platform/time/clock.ts';
import { ConsoleCgroup } from '../terminal/console-cgroup.ts';

/** The cgroup of the holder: one that enables controllers for its children has no processes of its own. */
const OWN = 'holder';
const PREFIX = 'console-';

export class Cgroups {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #consoles = new Map<string, ConsoleCgroup>();
  readonly #given = new Map<string, string | undefined>();

  /** Takes possession of this cgroup; throws with `code` if it is not ours after all. */
  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    mkdirSync(join(path, OWN), { recursive: true });
    writeFileSync(join(path, OWN, 'cgroup.procs'), '0');
  }

  /** The same one for the same name: one that is being removed may be needed again. */
  of(name: string): ConsoleCgroup {
    const known = this.#consoles.get(name);
    if (known) {
      return known;
    }
    const path = join(this.#path, `${PREFIX}${name}`);
    const cgroup = new ConsoleCgroup(path, this.#clock, (controller) => this.#give(controller));
    this.#consoles.set(name, cgroup);
    return cgroup;
  }

  /** Removes those of an earlier holder, except these: they have a child. */
  sweep(names: ReadonlySet<string>): void {
    for (const entry of readdirSync(this.#path, { withFileTypes: true })) {
      const name = entry.name.slice(PREFIX.length);
      if (entry.isDirectory() && entry.name.startsWith(PREFIX) && !names.has(name)) {
        this.of(name).end(this);
      }
    }
  }

  /**
   * Enables a controller when it is first needed; returns the reason if not. The one for processor time only for
   * consoles that cap it: it changes the shares of all.
   */
  #give(controller: 'memory' | 'cpu'): string | undefined {
    if (!this.#given.has(controller)) {
      this.#given.set(controller, this.#tryToGive(controller));
    }
    return this.#given.get(controller);
  }

  #tryToGive(controller: string): string | undefined {
    const available = readFileSync(join(this.#path, 'cgroup.controllers'), 'utf8').trim().split(' ');
    if (!available.includes(controller)) {
      return `the ${controller} controller of cgroup v2 is not there for this service`;
    }
    try {
      writeFileSync(join(this.#path, 'cgroup.subtree_control'), `+${controller}`);
      return undefined;
    } catch (error) {
      return `the ${controller} controller cannot be handed down: ${(error as Error).message}`;
    }
  }
}
