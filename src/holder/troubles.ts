/** Problems of the holder itself, until a server has got them. */
import { complain } from '../platform/process/complain.ts';

/** Nobody reads more than these. */
const MOST = 100;

export class Troubles {
  readonly #unheard: string[] = [];
  /** The receiver; it returns false if there is none. */
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
