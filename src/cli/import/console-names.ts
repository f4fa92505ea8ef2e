/** Names of other tools as names of consoles. */
import { CONSOLE_NAME_PATTERN } from '../../model/config-forms.ts';

const GOOD = new RegExp(CONSOLE_NAME_PATTERN);

/** Hands out unique names; characters that Holdfast does not allow become `-`. */
export class ConsoleNames {
  readonly #taken = new Set<string>();

  /** The name to use, equal to `name` wherever possible. */
  take(name: string): string {
    const base = GOOD.test(name)
      ? name
      : name.replace(/[^A-Za-z0-9_.:@+-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'ioc';
    let free = base;
    for (let number = 2; this.#taken.has(free); number++) {
      free = `${base}-${number}`;
    }
    this.#taken.add(free);
    return free;
  }
}
