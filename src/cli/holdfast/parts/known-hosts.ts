/** The hosts at which this user is logged in, in `hosts.toml`, and the ways to them. Loaded when a host is named. */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { connectHost } from '../../../client/host-connection.ts';
import { lookAt } from '../../../client/tls-way.ts';
import type * as hostsToml from '../../../grammar/holdfast/hosts.ts';
import type { KnownHost } from '../../../grammar/holdfast/hosts.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { HostClient } from '../../../model/host-port.ts';
import { replaceFile } from '../../../platform/files/replace-file.ts';
import type { Clock } from '../../../platform/time/clock.ts';
import { pause } from '../../../platform/time/pause.ts';
import type { Hosts } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';

const MODE = 0o600;
const OTHERS = 0o077;
/** Between two looks at a lock, and how old one is whose owner is gone. */
const LOOK_MS = 50;
const STALE_MS = 5000;

/** Its form, of a bundle of its own: the parser of TOML is for those that name a host. */
export type HostsToml = Pick<typeof hostsToml, 'parseHosts' | 'hostsText'>;

export class KnownHosts implements Hosts {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #toml: HostsToml;
  readonly lookAt = lookAt;
  readonly connect = connectHost;

  constructor(path: string, clock: Clock, toml: HostsToml) {
    this.#path = path;
    this.#clock = clock;
    this.#toml = toml;
  }

  list(): readonly KnownHost[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
      if ((statSync(this.#path).mode & OTHERS) !== 0) {
        throw new UsageError(`others may read ${this.#path}, which has tokens in it: chmod 600 ${this.#path}`);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return [];
      }
      throw error;
    }
    try {
      return this.#toml.parseHosts(text);
    } catch (error) {
      throw new UsageError(`${this.#path}: ${(error as Error).message}: remove it and log in again`);
    }
  }

  /** By its name, with its port too, or by the part of it before the first dots where one host only is meant. */
  find(word: string): KnownHost | undefined {
    const hosts = this.list();
    const short = hosts.filter(({ name }) => name.startsWith(`${word}.`));
    const whole = ({ host, port }: KnownHost) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return (
      hosts.find((each) => each.name === word || whole(each) === word) ?? (short.length === 1 ? short[0] : undefined)
    );
  }

  client(word: string): HostClient {
    const known = this.find(word);
    if (known === undefined) {
      throw new HoldfastError('HF_NOT_LOGGED_IN', `this user is not logged in at '${word}': holdfast login ${word}`);
    }
    return this.connect(known, `Bearer ${known.token}`);
  }

  keep(host: KnownHost): Promise<void> {
    return this.#change((all) => [...all.filter(({ name }) => name !== host.name), host]);
  }

  forget(name: string): Promise<void> {
    return this.#change((all) => all.filter((each) => each.name !== name));
  }

  async #change(next: (all: readonly KnownHost[]) => readonly KnownHost[]): Promise<void> {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const lock = `${this.#path}.lock`;
    await this.#lock(lock);
    try {
      await replaceFile(this.#path, this.#toml.hostsText(next(this.list())), MODE);
    } finally {
      await rm(lock, { force: true });
    }
  }

  /** Two that log in at the same time would lose one of the hosts. */
  async #lock(path: string): Promise<void> {
    for (const limit = this.#clock.monotonic() + STALE_MS; ; await pause(this.#clock, LOOK_MS)) {
      try {
        await (await open(path, 'wx', MODE)).close();
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
          throw error;
        }
        if (this.#clock.monotonic() > limit) {
          return;
        }
      }
    }
  }
}
