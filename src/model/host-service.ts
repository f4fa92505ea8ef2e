/**
 * A part of the host server beside its consoles: procServ endpoints, conserver, the control API, ISIS, the journal. All of them are one list,
 * composed in main/: another one is a class that implements this, and a line of that list.
 */
import type { UnopenedEndpoint } from './api.ts';
import type { HostConfig, PlanStep } from './config.ts';
import type { ConsolePort } from './console-port.ts';

export interface HostService {
  /** For messages; `[name]` stands for it in what could not be applied. */
  readonly name: string;
  /** It opens once all consoles have been taken over from the holder; absent: it does not wait for that. */
  readonly afterConsoles?: true;
  /** What `apply` would do, by the configuration that the service has in force. */
  plan?(next: HostConfig): readonly PlanStep[];
  /**
   * Follows a configuration; called at the start and with every reload, also where nothing differs. Resolves with what was done.
   * Rejects where something could not be done: that is in `plan` still.
   */
  apply?(next: HostConfig): Promise<readonly PlanStep[]>;
  /** There is another console. Its state may not be known yet. */
  consoleCame?(console: ConsolePort): void;
  /** Its configuration has changed. */
  consoleChanged?(console: ConsolePort): void;
  /** It ends now; may be called twice for one console. */
  consoleWent?(name: string): void;
  /** Endpoints of a console that this service could not open. */
  unopened?(console: string): readonly UnopenedEndpoint[];
  /** The server goes down: clients are told, nothing is left open. */
  close(): Promise<void>;
}
