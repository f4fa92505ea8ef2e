/** Whether a user must give a password and whether it is right (spec/conserver.md 4.3). */

import { findPassword, type PasswordFile, parseConserverPasswd } from '../grammar/conserver/passwd.ts';
import { bytesOf } from '../model/byte-text.ts';
import { aside, NoAnswer } from '../platform/aside.ts';
import type { Clock } from '../platform/time/clock.ts';
import { Gate } from '../platform/time/gate.ts';
import { pause } from '../platform/time/pause.ts';
import { oneFor, passwordFitsEvenly } from './password-hash.ts';

/** The password file as it is now; undefined if there is none: the system then checks everybody. */
export type ReadPasswords = () => PasswordFile | undefined | Promise<PasswordFile | undefined>;

/** crypt(3) off the event loop: whether the password matches this hash. */
export type CheckCrypt = (password: string, hash: string) => Promise<boolean>;

/** The system's own users: authentication and account; `host` as everybody sees it. */
export type CheckSystem = (user: string, password: string, host: string) => Promise<boolean>;

/** Hashes are computed on threads that also start children: a crowd of guesses must leave some free. */
const HASHES_AT_ONCE = 2;
const HASHES_WAITING = 64;
const SYSTEM = { kind: 'system' } as const;
/** Asked about in place of a user that must not be admitted: no system has this one. */
const NOBODY = '*nobody*';
const REFUSAL_STEP_MS = 1000;

export class Passwords {
  readonly #clock: Clock;
  readonly #read: ReadPasswords;
  readonly #crypt: CheckCrypt;
  readonly #system: CheckSystem;
  readonly #gate = new Gate(HASHES_AT_ONCE, HASHES_WAITING);

  constructor(clock: Clock, read: ReadPasswords, crypt: CheckCrypt, system: CheckSystem) {
    this.#clock = clock;
    this.#read = read;
    this.#crypt = crypt;
    this.#system = system;
  }

  /**
   * The empty password is good for an empty field only; nobody and nothing is asked about it. `host`: where the user
   * is. The time of a refusal does not reveal which users exist.
   */
  async accepts(user: string, password: string, host = ''): Promise<boolean> {
    const file = await this.#read();
    const secret = file === undefined ? SYSTEM : findPassword(file.entries, user);
    if (secret?.kind === 'none' || password === '') {
      return secret?.kind === 'none' && password === '';
    }
    const entries = file?.entries.filter((entry) => entry.secret.kind !== 'none') ?? [];
    // An entry of the file stands in for a user that it does not have.
    switch ((secret ?? oneFor(user, entries)?.secret)?.kind) {
      case 'system':
        return await this.#evenly(async () => {
          const right = await this.#system(secret === undefined ? NOBODY : user, password, host);
          return right && secret !== undefined;
        });
      case 'crypt': {
        const hash = secret?.kind === 'crypt' ? secret.hash : undefined;
        const hashes = entries.flatMap((entry) => (entry.secret.kind === 'crypt' ? [entry.secret.hash] : []));
        return (await this.#gate.run(() => passwordFitsEvenly(user, password, hash, hashes, this.#crypt))) ?? false;
      }
      default:
        return false;
    }
  }

  /**
   * A refusal by the system is delayed to a full second: its modules take a different fraction of one for users they
   * know.
   */
  async #evenly(ask: () => Promise<boolean>): Promise<boolean> {
    const began = this.#clock.monotonic();
    const accepted = await ask();
    if (!accepted) {
      await pause(this.#clock, REFUSAL_STEP_MS - ((this.#clock.monotonic() - began) % REFUSAL_STEP_MS));
    }
    return accepted;
  }
}

/** Undefined if it cannot be read; if its file server does not answer, no password is accepted. */
export async function readPasswords(file: string, complain: (text: string) => void): Promise<PasswordFile | undefined> {
  let text: string;
  try {
    text = (await aside.readFile(file)).toString('latin1');
  } catch (error) {
    if (!(error instanceof NoAnswer)) {
      return undefined;
    }
    complain(error.message);
    return { entries: [], faults: [] };
  }
  const parsed = parseConserverPasswd(Buffer.from(bytesOf(file)).toString('latin1'), text);
  for (const { message } of parsed.faults) {
    complain(message);
  }
  return parsed;
}
