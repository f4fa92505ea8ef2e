/** One listening port: its connections, and how many there may be. */
import { createServer, type Server, type Socket } from 'node:net';

/** Connections of one port, logged in or not. */
const MAX_CONNECTIONS = 4096;

export interface AcceptorRules {
  readonly welcome: (socket: Socket, address: string) => void;
  /** For the log; strangers can cause any number of these. */
  readonly say: (text: string) => void;
}

/** Rejects with what the system says. Port 0 leaves the choice to the kernel. */
export function openAcceptor(host: string, port: number, { welcome, say }: AcceptorRules): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress) {
      welcome(socket, remoteAddress.replace(/^::ffff:(?=[\d.]+$)/, ''));
    } else {
      // It hung up before it was accepted.
      socket.destroy();
    }
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('drop', (data) => {
    say(
      `${data?.remoteAddress ?? 'somebody'} refused at port ${data?.localPort}: ${MAX_CONNECTIONS} connections are open there`,
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      server.on('error', (error) => say(`accept(): ${error.message}`));
      resolve(server);
    });
  });
}
