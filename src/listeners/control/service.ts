/** The control API as a service of the host: it listens once everything else is open. */
import type { HostService } from '../../model/host-service.ts';
import type { Control, ControlOptions, createControl } from './control.ts';

export interface ControlServiceParts extends ControlOptions {
  /** Called once everything else is open: until then the API costs the start nothing. */
  readonly load: () => Promise<{ readonly createControl: typeof createControl }>;
  /** Of the control socket, which listens already: clients wait in its backlog until `apply`. */
  readonly fd: number;
}

export class ControlService implements HostService {
  readonly name = 'control';
  readonly #parts: ControlServiceParts;
  #control: Promise<Control> | undefined;

  constructor(parts: ControlServiceParts) {
    this.#parts = parts;
  }

  async apply(): Promise<[]> {
    this.#control ??= this.#listen();
    await this.#control;
    return [];
  }

  async close(): Promise<void> {
    await (await this.#control)?.close();
  }

  async #listen(): Promise<Control> {
    const { createControl } = await this.#parts.load();
    const control = createControl(this.#parts);
    await control.listen(this.#parts.fd);
    return control;
  }
}
