/**
 * Folders of consoles that could not be read, such as those of a file server that is not mounted yet: checked again
 * periodically.
 */
import type { Clock, Timer } from '../platform/time/clock.ts';
import { findFolders } from './config-files.ts';

/** Milliseconds. */
const AGAIN = 5000;
/** When they can be read, but a person has to review other changes first. */
const LATER = 60_000;

export class UnreadFolders {
  readonly #clock: Clock;
  readonly #appeared: (folders: readonly string[]) => Promise<boolean>;
  #folders: readonly string[] = [];
  #timer: Timer | undefined;

  /** `appeared` gets those that can be read now, and returns whether they were taken; it then calls `follow`. */
  constructor(clock: Clock, appeared: (folders: readonly string[]) => Promise<boolean>) {
    this.#clock = clock;
    this.#appeared = appeared;
  }

  /** These are the ones that the configuration in force lacks. */
  follow(folders: readonly string[], after = AGAIN): void {
    this.#folders = folders;
    this.#timer?.cancel();
    this.#timer = folders.length === 0 ? undefined : this.#clock.after(after, () => void this.#look());
  }

  close(): void {
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const folders = this.#folders;
    const found = await Promise.all(
      folders.map(async (dir) => !('error' in (await findFolders({ table: '', dir, match: '*', file: '.' })))),
    );
    if (folders !== this.#folders) {
      return;
    }
    const appeared = folders.filter((_, index) => found[index]);
    const taken = appeared.length > 0 && (await this.#appeared(appeared));
    if (!taken && folders === this.#folders) {
      this.follow(folders, appeared.length > 0 ? LATER : AGAIN);
    }
  }
}
