/** The control API as a service of the host: it listens once everything else is open. */
import type { HostService } from '../../model/host-service.ts';
import type { Control, ControlOptions } from './control.ts';

export interface ControlServiceParts extends ControlOptions {
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

  /** Loads the API first: until then it costs the start nothing. */
  async apply(): Promise<[]> {
    this.#control ??= this.#listen();
    await this.#control;
    return [];
  }

  async close(): Promise<void> {
    await (await this.#control)?.close();
  }

  async #listen(): Promise<Control> {
    const { createControl } = await import('./control.ts');
    const control = createControl(this.#parts);
    await control.listen(this.#parts.fd);
    return control;
  }
}
