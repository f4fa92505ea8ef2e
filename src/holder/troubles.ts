/** What befell the holder itself, until a server has heard of it. */
import { complain } from '../platform/process/complain.ts';

/** More than these nobody reads. */
const MOST = 100;

export class Troubles {
  readonly #unheard: string[] = [];
  /** Whoever hears of them; false: nobody does. */
  hear: (message: string) => boolean = () => false;

  readonly add = (message: string): void => {
    complain(`holdfast holder: ${message}\n`);
    this.#unheard.push(message);
    if (this.#unheard.length > MOST) {
      this.#unheard.shift();
    }
    this.tell();
  };

  tell(): void {
    while (this.#unheard.length > 0 && this.hear(this.#unheard[0] as string)) {
      this.#unheard.shift();
    }
  }
}
