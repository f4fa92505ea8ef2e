/** Consoles of the holder that are no longer configured, such as those of an older configuration. */
import type { HostConfig, PlanStep } from '../model/config.ts';
import type { HostService } from '../model/host-service.ts';

export interface OrphansParts {
  readonly holder: {
    /** Consoles that it has and this server does not know. */
    orphans(): Promise<readonly { readonly id: number; readonly name: string }[]>;
    /** Ends the process and releases its terminal. */
    discard(id: number): Promise<void>;
  };
  readonly discarded: (name: string) => void;
  /** Called each time one is left alone. */
  readonly leftAlone: (text: string) => void;
}

export class Orphans implements HostService {
  readonly name = 'orphans';
  readonly afterConsoles = true;
  readonly #parts: OrphansParts;

  constructor(parts: OrphansParts) {
    this.#parts = parts;
  }

  /** Discards them. While a folder cannot be read, it may be what names them: they stay. */
  async apply({ unread }: HostConfig): Promise<readonly PlanStep[]> {
    const { holder, discarded, leftAlone } = this.#parts;
    for (const { id, name } of await holder.orphans()) {
      if (unread.length > 0) {
        leftAlone(`${name} is not configured, and left alone: ${unread.join(', ')} cannot be read`);
      } else {
        discarded(name);
        await holder.discard(id);
      }
    }
    return [];
  }

  async discardAll(): Promise<void> {
    const { holder } = this.#parts;
    for (const { id } of await holder.orphans()) {
      await holder.discard(id);
    }
  }

  async close(): Promise<void> {}
}
