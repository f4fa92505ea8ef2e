/** The way over a unix socket. */
import type { Socket } from 'node:net';
import { connectError } from './connect-error.ts';
import { PATIENCE } from './patience.ts';
import type { Way } from './way.ts';

export class UnixWay implements Way {
  readonly host = 'localhost';
  readonly headers = {};
  readonly probeHeaders = {};
  readonly patience: number;
  readonly #socket: string;

  constructor(socket: string, patience = PATIENCE) {
    this.#socket = socket;
    this.patience = patience;
  }

  connect(): Socket {
    return process.getBuiltinModule('node:net').connect(this.#socket);
  }

  fault(error: NodeJS.ErrnoException): Error {
    return connectError(error, this.#socket);
  }

  async silence(connection: Socket | null): Promise<Error> {
    const { silentError } = await import('./silent-server.ts');
    return silentError(this.#socket, connection, this.patience);
  }
}
