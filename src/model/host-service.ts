/**
 * A part of the host server besides its consoles: procServ endpoints, conserver, the control API, ISIS, the journal.
 * All of them are in one list, composed in main/: adding one takes a class that implements this, and a line in that
 * list.
 */
import type { UnopenedEndpoint } from './api.ts';
import type { HostConfig, PlanStep } from './config.ts';
import type { ConsolePort } from './console-port.ts';

export interface HostService {
  /** For messages; `[name]` names it in reports of failed steps. */
  readonly name: string;
  /** It opens once all consoles have been taken over from the holder; absent: it does not wait for that. */
  readonly afterConsoles?: true;
  /** What `apply` would do, given the service's current configuration. */
  plan?(next: HostConfig): readonly PlanStep[];
  /**
   * Applies a configuration; called at the start and with every reload, even if nothing differs. Resolves with what
   * was done. Rejects if something could not be done: that stays in `plan`.
   */
  apply?(next: HostConfig): Promise<readonly PlanStep[]>;
  /** A console was added. Its state may not be known yet. */
  consoleCame?(console: ConsolePort): void;
  /** Its configuration has changed; `reset`: its source is about to be closed and opened again. */
  consoleChanged?(console: ConsolePort, reset: boolean): void;
  /** A console is being removed; may be called twice for one console. */
  consoleWent?(name: string): void;
  /** Endpoints of a console that this service could not open. */
  unopened?(console: string): readonly UnopenedEndpoint[];
  /** The server goes down: clients are told, nothing is left open. */
  close(): Promise<void>;
}
