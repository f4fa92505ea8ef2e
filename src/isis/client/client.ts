import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { EventEmitter, once } from 'node:events';
import { decodeImp, encodeImp, isName, LARGEST_MESSAGE, upperCase, withoutTerminator } from '../../codec/imp.ts';
import {
  type Body,
  type BodyItem,
  type BodyValue,
  isFinal,
  splitType,
  valuesOf,
  writeItems,
} from '../../codec/imp-body.ts';
import { systemClock, type Timer } from '../../platform/time/clock.ts';
import { every } from '../../platform/time/every.ts';
import { IsisBusyError, IsisClosedError, IsisRequestError, IsisTimeoutError } from './errors.ts';

export interface IsisClientOptions {
  /** Own name: 1 to 8 printable characters. */
  readonly id: string;
  /** Name or address of the server. */
  readonly host: string;
  readonly port: number;
  /** Name of the server; default IS. */
  readonly serverId?: string;
  /**
   * Own UDP port; default any. With a port that is a preset of the server, the server finds this client after a
   * restart.
   */
  readonly localPort?: number;
  /** Seconds between heartbeats, 0 for none; default 30. After a restart of the server they make this client known again. */
  readonly heartbeat?: number;
}

export interface RequestOptions {
  /** Seconds to wait for each message of the answer, restarted by every one; 0 (default): no limit. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** STATUS: and WARNING: messages on the way. */
  readonly interim?: (body: Body) => void;
}

export interface Answer {
  /** The text after `DONE:`, the replied-to command word included; `PONG` for a ping. */
  readonly text: string;
  readonly values: ReadonlyMap<string, BodyValue>;
}

export interface Command {
  readonly from: string;
  /** Command word in upper case, and as it was typed. */
  readonly name: string;
  readonly word: string;
  /** The text after the command word. */
  readonly args: string;
  readonly override: boolean;
  /** Tells the requester about progress. */
  status(text: string): void;
  warning(text: string): void;
}

/** The text after `DONE: word` in the answer; may be empty. An exception becomes `ERROR: word message`. */
export type CommandHandler = (
  command: Command,
) => string | readonly BodyItem[] | undefined | Promise<string | readonly BodyItem[] | undefined>;

export interface IsisClientEvents {
  /** A message that belongs to no request of ours. */
  message: [from: string, body: Body];
  /** The socket has an error; the client goes on. */
  error: [error: Error];
}

interface Pending {
  readonly ping: boolean;
  heard(body: Body): void;
  fail(error: Error): void;
}

const CLIENT_HEARTBEAT = 30;
const TERMINATORS = /[\r\n\0]+/g;

/** A server's refusal when its host table is full. */
const FULL = /^(?:ISIS )?Server Host Table Full/;
/** Longest command word quoted in an answer. */
const MAX_WORD = 64;

/** Everything a program needs to take part in an ISIS system. Emits `message` and `error`. */
export class IsisClient extends EventEmitter<IsisClientEvents> {
  readonly id: string;
  readonly serverId: string;
  readonly #socket: Socket;
  readonly #server: { readonly address: string; readonly port: number };
  readonly #pending = new Map<string, Pending>();
  readonly #commands = new Map<string, CommandHandler>();
  readonly #heartbeat: Timer | undefined;
  #sending = 0;
  #sent: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  private constructor(socket: Socket, address: string, options: IsisClientOptions) {
    super();
    this.id = upperCase(options.id);
    this.serverId = upperCase(options.serverId ?? 'IS');
    this.#socket = socket;
    this.#server = { address, port: options.port };
    socket.on('message', (bytes) => this.#received(bytes.toString('latin1')));
    socket.on('error', (error) => this.#report(error));
    const seconds = options.heartbeat ?? CLIENT_HEARTBEAT;
    if (seconds > 0) {
      this.#heartbeat = every(systemClock, seconds * 1000, () => this.send(this.serverId, ''), { ref: false });
    }
  }

  /** Resolves the server once, binds the own port and says `ID>AL PING`, as agents do. Rejects when that is impossible. */
  static async open(options: IsisClientOptions): Promise<IsisClient> {
    for (const name of [options.id, options.serverId ?? 'IS']) {
      if (!isName(name)) {
        throw new RangeError(noName(name));
      }
    }
    // A socket would silently take an invalid local port for a different one.
    for (const port of [options.port, options.localPort || 1]) {
      if (!Number.isInteger(port) || port < 1 || port > 65535) {
        throw new RangeError(`port ${port} is not within 1 to 65535`);
      }
    }
    const { address } = await lookup(options.host, 4);
    const socket = createSocket('udp4');
    try {
      socket.bind(options.localPort ?? 0);
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw error;
    }
    const client = new IsisClient(socket, address, options);
    client.send('AL', 'PING');
    return client;
  }

  get localPort(): number {
    return this.#socket.address().port;
  }

  /**
   * Sends a message and waits for nothing. An empty body is a heartbeat. Throws IsisClosedError, or RangeError for
   * anything the server would refuse: an invalid name, more than one line, more than 4096 bytes.
   */
  send(to: string, body: string): void {
    if (this.#closed) {
      throw new IsisClosedError(`${this.id} is closed`);
    }
    if (!isName(to)) {
      throw new RangeError(noName(to));
    }
    const data = Buffer.from(encodeImp(this.id, to, body), 'latin1');
    if (body.search(TERMINATORS) >= 0 || data.length > LARGEST_MESSAGE) {
      throw new RangeError(`a message is one line of at most ${LARGEST_MESSAGE} bytes`);
    }
    this.#sending += 1;
    this.#socket.send(data, this.#server.port, this.#server.address, (error) => {
      this.#sending -= 1;
      if (error) {
        this.#report(error);
      }
      if (this.#sending === 0) {
        this.#sent?.();
      }
    });
  }

  /**
   * Sends a command and waits for what ends it. Rejects with IsisRequestError (ERROR:, FATAL:), IsisTimeoutError,
   * IsisBusyError, IsisClosedError, the RangeError of `send`, or the reason of `signal`.
   */
  request(to: string, command: string, options: RequestOptions = {}): Promise<Answer> {
    const host = upperCase(to);
    if (this.#pending.has(host)) {
      return Promise.reject(new IsisBusyError(`${host} has not answered the request before`));
    }
    if (options.signal?.aborted) {
      return Promise.reject(options.signal.reason);
    }
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const end = (): void => {
        timer?.cancel();
        options.signal?.removeEventListener('abort', abort);
        this.#pending.delete(host);
      };
      const fail = (error: unknown): void => {
        end();
        reject(error);
      };
      const abort = (): void => fail(options.signal?.reason);
      const wait = (): void => {
        timer?.cancel();
        const seconds = options.timeout ?? 0;
        if (seconds > 0) {
          const late = new IsisTimeoutError(`${host} did not answer '${command}' within ${seconds} s`);
          timer = systemClock.after(seconds * 1000, () => fail(late));
        }
      };
      const heard = (body: Body): void => {
        if (!isFinal(body.type)) {
          wait();
          if (body.type !== undefined) {
            options.interim?.(body);
            return;
          }
        }
        if (body.type === 'ERROR' || body.type === 'FATAL') {
          fail(new IsisRequestError(body.type, body.text));
        } else {
          end();
          resolve({ text: body.text, values: valuesOf(body.text) });
        }
      };
      this.#pending.set(host, { ping: upperCase(command.trim()) === 'PING', heard, fail });
      options.signal?.addEventListener('abort', abort);
      wait();
      try {
        this.send(host, command);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** Answers a command, by its word in any case. */
  handle(word: string, handler: CommandHandler): void {
    this.#commands.set(upperCase(word), handler);
  }

  /** Ends every request with IsisClosedError, flushes what was sent, and releases the port. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#heartbeat?.cancel();
    for (const pending of [...this.#pending.values()]) {
      pending.fail(new IsisClosedError(`${this.id} was closed`));
    }
    if (this.#sending > 0) {
      await new Promise<void>((resolve) => {
        this.#sent = resolve;
      });
    }
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }

  #report(error: Error): void {
    // An error without a listener must not end the program: UDP promises nothing anyway.
    if (this.listenerCount('error') > 0) {
      this.emit('error', error);
    }
  }

  #received(text: string): void {
    const message = decodeImp(withoutTerminator(text));
    if (this.#closed || !message || message.body.trim() === '') {
      return;
    }
    const from = upperCase(message.source);
    const body = splitType(message.body.trimEnd());
    const word = upperCase(body.text.split(' ', 1)[0] ?? '');
    const request = body.type === undefined || body.type === 'REQ' || body.type === 'EXEC';
    if (request && word === 'PING') {
      this.send(from, 'PONG');
    } else if (request && word === 'PONG') {
      this.#pong(from, body);
    } else if (request) {
      void this.#serve(from, body);
    } else {
      this.#answered(from, body);
    }
  }

  #pong(from: string, body: Body): void {
    const pending = this.#pending.get(from);
    if (pending?.ping) {
      pending.heard({ text: body.text });
    }
  }

  #answered(from: string, body: Body): void {
    if (from === this.serverId && body.type === 'ERROR' && FULL.test(body.text) && this.#pending.size > 0) {
      // None of them has reached its host, and no answer would come back.
      for (const pending of [...this.#pending.values()]) {
        pending.heard(body);
      }
      return;
    }
    // The server answers for a host it has no route to; the text names the host.
    const lost = from === this.serverId ? /^No Route to Destination Host (\S+)/.exec(body.text)?.[1] : undefined;
    const pending = this.#pending.get(lost ?? from);
    if (pending) {
      pending.heard(body);
    } else {
      this.emit('message', from, body);
    }
  }

  async #serve(from: string, body: Body): Promise<void> {
    const [, word = '', args = ''] = /^(\S*)\s*(.*)$/s.exec(body.text) ?? [];
    const handler = this.#commands.get(upperCase(word));
    if (!handler) {
      this.#answer(from, `ERROR: Unknown command - ${body.text}`);
      return;
    }
    const command: Command = {
      from,
      name: upperCase(word),
      word,
      args,
      override: body.type === 'EXEC',
      status: (text) => this.#answer(from, `STATUS: ${word} ${text}`),
      warning: (text) => this.#answer(from, `WARNING: ${word} ${text}`),
    };
    try {
      const result = await handler(command);
      const text = typeof result === 'string' || result === undefined ? (result ?? '') : writeItems(result);
      this.#answer(from, `DONE: ${word} ${text}`.trimEnd());
    } catch (error) {
      this.#answer(from, `ERROR: ${word} ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** A handler may finish after the client was closed: its answer is dropped. */
  #answer(to: string, body: string): void {
    if (this.#closed) {
      return;
    }
    const line = body.replace(TERMINATORS, ' ');
    if (encodeImp(this.id, to, line).length <= LARGEST_MESSAGE) {
      this.send(to, line);
    } else {
      const [type, word = ''] = line.split(' ', 2);
      const what = `the answer (${type}) has ${line.length} bytes, more than a message can`;
      this.send(to, `ERROR: ${word.slice(0, MAX_WORD)} ${what}`);
    }
  }
}

function noName(text: string): string {
  return `'${text}' is not an ISIS name: 1 to 8 printable characters without blank and '>'`;
}
