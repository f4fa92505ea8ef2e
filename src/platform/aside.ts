/**
 * Lookups that may hang, such as those in a user directory or on a file server: each on a thread of its own
 * (native/aside.c), with a limit for each place that answers, so that a silent one delays nobody else.
 */

import { mountPointOf } from './mounts.ts';
import { native, type UserEntry } from './native.ts';
import { type Clock, systemClock } from './time/clock.ts';

export interface AsideLimits {
  /** Concurrent lookups at one place; further ones wait. */
  readonly atOnce: number;
  /** Lookups that may wait for one place; further ones fail at once. */
  readonly waiting: number;
  /** How long an answer is waited for. Milliseconds. */
  readonly patience: number;
}

/** Where the answer comes from, and what is asked for, as text for people. */
export interface Asked {
  readonly place: string;
  readonly what: string;
}

type Done<Answer> = (error: Error | null, answer?: Answer) => void;

/** No answer in time. */
export class NoAnswer extends Error {}

const LIMITS: AsideLimits = { atOnce: 4, waiting: 10_000, patience: 30_000 };
const USERS = 'the user directory';
const MAX_FILE_BYTES = 16 << 20;

interface Place {
  running: number;
  readonly waiting: Set<() => void>;
}

export class Aside {
  readonly #limits: AsideLimits;
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();
  /** Unanswered lookups: hundreds of consoles of one user share one. */
  readonly #lookUps = new Map<string, Promise<unknown>>();

  constructor(limits: Partial<AsideLimits> = {}, clock: Clock = systemClock) {
    this.#limits = { ...LIMITS, ...limits };
    this.#clock = clock;
  }

  userByName(name: string): Promise<UserEntry | undefined> {
    return this.#lookUp(`user '${name}'`, (done) => native.aside('user', name, 0, done));
  }

  userById(uid: number): Promise<UserEntry | undefined> {
    return this.#lookUp(`user ${uid}`, (done) => native.aside('userId', '', uid, done));
  }

  groupByName(name: string): Promise<number | undefined> {
    return this.#lookUp(`group '${name}'`, (done) => native.aside('group', name, 0, done));
  }

  /** The primary group and all others. */
  groupsOf(name: string, gid: number): Promise<readonly number[]> {
    return this.#lookUp(`groups of user '${name}'`, (done) => native.aside('groups', name, gid, done), `${gid}`);
  }

  /** The names of all groups of a user. */
  async membershipsOf(user: string): Promise<readonly string[]> {
    const what = `the groups of user '${user}'`;
    const names = await this.#lookUp<Buffer>(what, (done) => native.aside('memberships', user, 0, done));
    return names.toString().split('\0').slice(0, -1);
  }

  /** A regular file, whole. */
  readFile(path: string): Promise<Buffer> {
    return this.ask({ place: mountPointOf(path), what: path }, (done) =>
      native.aside('read', path, MAX_FILE_BYTES, done),
    );
  }

  /** The names in a folder; with `file` only those that have it below them. */
  async list(folder: string, file?: string): Promise<string[]> {
    const text = file === undefined ? folder : `${folder}//${file}`;
    const asked = { place: mountPointOf(folder), what: folder };
    const names = await this.ask<Buffer>(asked, (done) => native.aside('list', text, 0, done));
    return names.toString().split('\0').slice(0, -1);
  }

  /** open(2) with these flags. `late` gets a descriptor that arrives after the caller gave up. */
  open(path: string, flags: number, late: (fd: number) => void): Promise<number> {
    return this.ask({ place: mountPointOf(path), what: path }, (done) => native.aside('open', path, flags, done), late);
  }

  /**
   * Asks in its turn. Rejects with NoAnswer when the time is up, otherwise with the system's error. `run` starts the
   * work and throws if it cannot; `late` gets an answer that arrives after the caller gave up.
   */
  ask<Answer>({ place: name, what }: Asked, run: (done: Done<Answer>) => void, late?: (answer: Answer) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const place = this.#places.get(name) ?? { running: 0, waiting: new Set() };
    this.#places.set(name, place);
    let waitedFor = true;
    const timer = this.#clock.after(this.#limits.patience, () => {
      waitedFor = false;
      place.waiting.delete(begin);
      reject(new NoAnswer(`${what}: no answer from ${name} within ${this.#limits.patience / 1000} s`));
    });
    const end: Done<Answer> = (error, answer) => {
      place.running--;
      timer.cancel();
      if (error) {
        reject(error);
      } else if (waitedFor) {
        resolve(answer as Answer);
      } else {
        late?.(answer as Answer);
      }
      this.#next(name, place);
    };
    const begin = () => {
      place.running++;
      try {
        run(end);
      } catch (error) {
        // In a microtask: otherwise each of thousands that wait would start the next one recursively.
        queueMicrotask(() => end(error as Error));
      }
    };
    if (place.waiting.size < this.#limits.waiting) {
      place.waiting.add(begin);
    } else {
      timer.cancel();
      reject(new NoAnswer(`${what}: too many wait for ${name} already`));
    }
    this.#next(name, place);
    return promise;
  }

  #next(name: string, place: Place): void {
    for (const begin of place.waiting) {
      if (place.running >= this.#limits.atOnce) {
        return;
      }
      place.waiting.delete(begin);
      begin();
    }
    if (place.running === 0) {
      this.#places.delete(name);
    }
  }

  #lookUp<Answer>(what: string, run: (done: Done<Answer>) => void, more = ''): Promise<Answer> {
    const key = `${what} ${more}`;
    const known = this.#lookUps.get(key);
    if (known !== undefined) {
      return known as Promise<Answer>;
    }
    const answer = this.ask({ place: USERS, what }, run);
    const forget = () => this.#lookUps.delete(key);
    this.#lookUps.set(key, answer);
    answer.then(forget, forget);
    return answer;
  }
}

/** Why something cannot be read: `ENOENT: no such file or directory`. */
export function readFault({ code, message }: NodeJS.ErrnoException): string {
  if (message.startsWith(NOT_REGULAR)) {
    return NOT_REGULAR;
  }
  const text = message.replace(/^(open|read|fstat|access): /, '');
  return code === undefined ? message : `${code}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

const NOT_REGULAR = 'not a regular file';

/** The one of this process. */
export const aside = new Aside();
