/** A peer that speaks bytes: no telnet, no terminal. */
import { connect, type Socket } from 'node:net';
import { after } from 'node:test';
import { Transcript } from './transcript.ts';

export type Address = string | { readonly host: string; readonly port: number };

/** Leftovers of a failed test. */
const open = new Set<Socket>();
after(() => {
  for (const socket of open) {
    socket.destroy();
  }
});

export class Client {
  readonly socket: Socket;
  readonly said = new Transcript();
  /** Resolves when the connection is gone, for any reason. */
  readonly closed: Promise<void>;
  /** All bytes received so far. */
  bytes = 0;

  private constructor(socket: Socket, keep: boolean) {
    this.socket = socket;
    open.add(socket);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        open.delete(socket);
        this.said.end();
        resolve();
      });
    });
    socket.on('error', () => undefined);
    socket.on('end', () => this.said.end());
    socket.on('data', (data: Buffer) => {
      this.bytes += data.length;
      if (keep) {
        this.said.add(data);
      }
    });
  }

  /** `keep`: false to only count the received bytes. */
  static connect(address: Address, keep = true): Promise<Client> {
    return new Promise((resolve, reject) => {
      const options = typeof address === 'string' ? { path: address } : address;
      const socket = connect(options);
      socket.once('error', reject).once('connect', () => {
        socket.off('error', reject);
        resolve(new Client(socket, keep));
      });
    });
  }

  send(data: string | Uint8Array): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  expect(pattern: RegExp): Promise<RegExpExecArray> {
    return this.said.expect(pattern);
  }

  /** Disconnects without a word. */
  async leave(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}
