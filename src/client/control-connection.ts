/** The whole client of the control API. The WebSocket library is loaded by the commands that attach, and by no other. */
import type { ControlClient } from './control-client.ts';
import { HttpClient } from './http-client.ts';

class ControlConnection extends HttpClient implements ControlClient {
  readonly #path: string;

  constructor(path: string) {
    super(path);
    this.#path = path;
  }

  attach: ControlClient['attach'] = async (...args) => {
    const { openLink } = await import('./websocket-link.ts');
    return openLink(this.#path, ...args);
  };
}

export function connectControl(socket: string): ControlClient {
  return new ControlConnection(socket);
}
