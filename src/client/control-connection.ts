/** A host over its control socket. The WebSocket library is loaded by the commands that attach, and by no other. */
import type { ControlClient } from './control-client.ts';
import { FarHost } from './far-host.ts';
import { UnixTransport } from './unix-transport.ts';

class ControlConnection extends FarHost implements ControlClient {
  readonly #socket: string;

  constructor(socket: string) {
    super(new UnixTransport(socket));
    this.#socket = socket;
  }

  attach: ControlClient['attach'] = async (...args) => {
    const { openLink } = await import('./websocket-link.ts');
    return openLink(this.#socket, ...args);
  };
}

/** Opens no connection yet. */
export function connectControl(socket: string): ControlClient {
  return new ControlConnection(socket);
}
