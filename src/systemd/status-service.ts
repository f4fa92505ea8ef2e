/**
 * The states of the consoles, in the line that `systemctl status` shows: updated no more often than people can read.
 */
import type { ConsolePort } from '../model/console-port.ts';
import type { HostEvent } from '../model/events.ts';
import type { HostService } from '../model/host-service.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import type { Notifier } from './notify.ts';
import { statusLine } from './status-line.ts';

const PAUSE_MS = 200;

export interface StatusServiceParts {
  readonly manager: Pick<Notifier, 'status'>;
  readonly clock: Clock;
  readonly events: {
    /** Hears of events of these types, until the returned function is called. */
    on(types: readonly HostEvent['type'][], listener: () => void): () => void;
  };
}

export class StatusService implements HostService {
  readonly name = 'status';
  readonly #parts: StatusServiceParts;
  readonly #consoles = new Map<string, ConsolePort>();
  readonly #stop: () => void;
  #due: Timer | undefined;

  constructor(parts: StatusServiceParts) {
    this.#parts = parts;
    this.#stop = parts.events.on(['state', 'config'], () => this.#tellSoon());
  }

  get text(): string {
    return statusLine([...this.#consoles.values()]);
  }

  consoleCame(console: ConsolePort): void {
    this.#consoles.set(console.name, console);
  }

  consoleWent(name: string): void {
    this.#consoles.delete(name);
  }

  async close(): Promise<void> {
    this.#stop();
    this.#due?.cancel();
  }

  #tellSoon(): void {
    this.#due ??= this.#parts.clock.after(PAUSE_MS, () => {
      this.#due = undefined;
      this.#parts.manager.status(this.text);
    });
  }
}
