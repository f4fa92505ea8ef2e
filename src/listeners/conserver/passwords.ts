/** Whether a user must give a password and whether it is right (conserver.md 4.3). */
import { findPassword, type PasswordFile } from '../../grammar/conserver-passwd.ts';
import type { CheckCrypt, CheckSystem } from './ports.ts';

/** The password file as it is now; undefined when there is none: everybody is the system's to check then. */
export type ReadPasswords = () => PasswordFile | undefined;

export class Passwords {
  readonly #read: ReadPasswords;
  readonly #crypt: CheckCrypt;
  readonly #system: CheckSystem;

  constructor(read: ReadPasswords, crypt: CheckCrypt, system: CheckSystem) {
    this.#read = read;
    this.#crypt = crypt;
    this.#system = system;
  }

  /** The empty password is good for an empty field only; the system is never asked about it. `host`: where the user is. */
  async accepts(user: string, password: string, host = ''): Promise<boolean> {
    const file = this.#read();
    const secret = file === undefined ? ({ kind: 'system' } as const) : findPassword(file.entries, user);
    switch (secret?.kind) {
      case undefined:
        return false;
      case 'none':
        return password === '';
      case 'system':
        return password !== '' && (await this.#system(user, password, host));
      case 'crypt':
        return await this.#crypt(password, secret.hash);
    }
  }
}
