/**
 * Folders of consoles that could not be read, such as those of a file server that is not mounted yet: checked again
 * periodically.
 */
import type { HostConfig, PlanStep } from '../model/config.ts';
import type { HostService } from '../model/host-service.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { findFolders } from './config-files.ts';

const RETRY_MS = 5000;
/** Once they can be read, but a person has to look first at what else has changed. */
const RETRY_AFTER_REFUSAL_MS = 60_000;

export interface UnreadFoldersParts {
  readonly clock: Clock;
  /** Takes the consoles of folders that can be read now, and calls `apply`; false: more than that has changed. */
  readonly take: (folders: readonly string[]) => Promise<boolean>;
  /** Their outcome, for the history. */
  readonly tell: (text: string) => void;
}

export class UnreadFolders implements HostService {
  readonly name = 'unread folders';
  readonly afterConsoles = true;
  readonly #parts: UnreadFoldersParts;
  #folders: readonly string[] = [];
  #timer: Timer | undefined;

  constructor(parts: UnreadFoldersParts) {
    this.#parts = parts;
  }

  async apply({ unread }: HostConfig): Promise<readonly PlanStep[]> {
    this.follow(unread);
    return [];
  }

  /** These are the ones that the configuration in force lacks. */
  follow(folders: readonly string[], after = RETRY_MS): void {
    this.#folders = folders;
    this.#timer?.cancel();
    this.#timer = folders.length === 0 ? undefined : this.#parts.clock.after(after, () => void this.#look());
  }

  async close(): Promise<void> {
    this.follow([]);
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
    const taken = appeared.length > 0 && (await this.#take(appeared));
    if (!taken && folders === this.#folders) {
      this.follow(folders, appeared.length > 0 ? RETRY_AFTER_REFUSAL_MS : RETRY_MS);
    }
  }

  async #take(folders: readonly string[]): Promise<boolean> {
    const taken = await this.#parts.take(folders).catch(() => false);
    const how = taken ? 'its consoles are taken' : 'not taken, since more has changed: see holdfast plan';
    this.#parts.tell(`${folders.join(', ')} can be read now: ${how}`);
    return taken;
  }
}
