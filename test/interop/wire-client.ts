/** A raw client of the conserver protocol, for tests that behave as no program does. */
import { connect, type Socket } from 'node:net';
import { after } from 'node:test';
import { quoteWire, WireDecoder } from '../../src/codec/conserver-wire.ts';
import { within } from './conserver-server.ts';

/** Leftovers of a failed test. */
const open = new Set<Socket>();
after(() => {
  for (const socket of open) {
    socket.destroy();
  }
});

export class WireClient {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly #decoder = new WireDecoder();
  /** Bytes of the server, unquoted, not yet taken. */
  text = '';
  #wake = (): void => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    open.add(socket);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      this.#wake();
    });
    socket.on('data', (packet: Uint8Array) => {
      for (const event of this.#decoder.push(packet)) {
        if (event.kind === 'data') {
          this.text += Buffer.from(event.bytes).toString('latin1');
        }
      }
      this.#wake();
    });
  }

  static async open(port: number): Promise<WireClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new WireClient(socket);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return client;
  }

  /** A session on a console of that group port, output flowing. */
  static async join(port: number, user: string, console: string): Promise<WireClient> {
    const client = await WireClient.open(port);
    await client.expect('ok\r\n');
    await client.ask(`login ${user}`, 'ok\r\n');
    await client.ask(`call ${console}`, ']\r\n');
    client.send('\x05c;');
    await client.expect('[connected]\r\n');
    return client;
  }

  send(text: string): void {
    this.socket.write(quoteWire(Buffer.from(text, 'latin1')));
  }

  /** Sends a line and takes the text up to the end of `answer`. */
  async ask(line: string, answer: string | RegExp): Promise<string> {
    this.send(`${line}\r\n`);
    return await this.expect(answer);
  }

  /** Takes the text up to the end of `pattern`; fails if the server hangs up first. */
  async expect(pattern: string | RegExp): Promise<string> {
    for (;;) {
      const match = typeof pattern === 'string' ? this.#find(pattern) : pattern.exec(this.text);
      if (match !== null) {
        const end = match.index + match[0].length;
        const taken = this.text.slice(0, end);
        this.text = this.text.slice(end);
        return taken;
      }
      if (this.socket.destroyed) {
        throw new Error(`the server hung up before ${pattern}: ${JSON.stringify(this.text.slice(-200))}`);
      }
      const more = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await within(more, `${pattern}; so far ${JSON.stringify(this.text.slice(-200))}`);
    }
  }

  close(): void {
    this.socket.destroy();
  }

  #find(text: string): { index: number; 0: string } | null {
    const index = this.text.indexOf(text);
    return index < 0 ? null : { index, 0: text };
  }
}

/** The group port that serves a console, and the server's pid. */
export async function place(master: number, console: string): Promise<{ group: number; pid: number }> {
  const client = await WireClient.open(master);
  await client.expect('ok\r\n');
  await client.ask('login test', 'ok\r\n');
  const group = Number((await client.ask(`call ${console}`, '\r\n')).trim());
  const pid = Number((await client.ask('pid', '\r\n')).trim());
  client.close();
  return { group, pid };
}
