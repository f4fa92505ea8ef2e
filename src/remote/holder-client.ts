/** The server's end of the connection to the holder. */
import type { Duplex } from 'node:stream';
import {
  dataFrame,
  FRAME,
  type Frame,
  FrameReader,
  frame,
  LINES_SINCE,
  OLDEST_PROTOCOL,
  PROTOCOL,
  streamData,
} from '../codec/holder-frames.ts';
import type {
  Hello,
  HolderEvent,
  HolderRequest,
  KeptConsole,
  ToldLine,
  ToldResources,
} from '../model/holder-protocol.ts';
import type { LineEnds } from '../model/line-ends.ts';
import type { MemoryFigures } from '../model/memory-budget.ts';
import type { Resources } from '../model/resources.ts';
import { complain } from '../platform/process/complain.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { HolderAccess } from './holder-access.ts';
import { HolderPulse, type PulseParts } from './holder-pulse.ts';

/** Senders wait while the holder has more than this to read, for all consoles together: it may be stopped. */
const MAX_WAITING_BYTES = 4 << 20;

/** The answers, by verb. */
interface Answers {
  list: readonly KeptConsole[];
  open: KeptConsole & { readonly logProblem?: string };
  subscribe: { readonly start: number; readonly head: number };
  /** null: this holder is older than the question. */
  resources: Resources | null;
  allResources: readonly ToldResources[] | null;
  /** null: older, too. */
  memory: MemoryFigures | null;
  lastLines: readonly ToldLine[];
  /** null: older, too. */
  tellLines: readonly ToldLine[] | null;
}

type AnswerOf<Verb extends string> = Verb extends keyof Answers ? Answers[Verb] : unknown;

/** The holder's messages to a console. */
export interface ConsoleEars {
  readonly event: (event: HolderEvent) => void;
  readonly output: (data: Uint8Array, offset: number, note: boolean) => void;
}

export interface HolderClientParts {
  readonly version: string;
  readonly clock: Clock;
  /** The connection ended; called once. */
  readonly lost: () => void;
  /** An event of the holder, as a sentence. */
  readonly trouble?: (message: string) => void;
  /** A process with this pid listens, which may not answer. */
  readonly reached?: (pid: number) => void;
}

/** The holder refuses us: it has another server, or the versions are incompatible. */
export class HolderRefused extends Error {}

/** It ended before it answered. */
export class HolderGone extends Error {
  override readonly message = 'the holder is gone';
}

export class HolderClient {
  readonly hello: Hello;
  /** The last lines of the consoles, by id, as far as the holder has told or was asked. */
  readonly lines = new Map<number, string>();
  readonly #socket: Duplex;
  readonly #ears = new Map<number, ConsoleEars>();
  readonly #asked = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  readonly #trouble: (message: string) => void;
  #pulse: HolderPulse | undefined;
  #tellsLines = true;
  #nextId = 1;
  /** Callbacks that wait for the holder to read. */
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Duplex, hello: Hello, { lost, trouble = () => undefined }: HolderClientParts) {
    this.#trouble = trouble;
    this.#socket = socket;
    this.hello = hello;
    socket.on('drain', () => this.#roomAgain());
    socket.on('close', () => {
      this.#roomAgain();
      for (const { reject } of this.#asked.values()) {
        reject(new HolderGone());
      }
      this.#asked.clear();
      this.#pulse?.close();
      lost();
    });
  }

  /** Connects and agrees on the protocol. Rejects with the errno's code, or as refused. */
  static async connect(holder: HolderAccess, parts: HolderClientParts): Promise<HolderClient> {
    const reader = new FrameReader();
    const { promise: greeting, resolve, reject } = Promise.withResolvers<Hello>();
    // Not awaited before the connection is established.
    greeting.catch(() => undefined);
    let client: HolderClient | undefined;
    let socket: Duplex | undefined;
    const received = (bytes: Uint8Array): void => {
      if (client) {
        client.#received(reader, bytes);
        return;
      }
      try {
        // To the end: half a frame may follow. It concerns consoles that have not been opened here yet.
        const [first] = [...reader.push(bytes)];
        if (first?.type !== FRAME.hello) {
          return;
        }
        const hello = JSON.parse(Buffer.from(first.payload).toString()) as Hello;
        if (hello.refused !== undefined) {
          throw new HolderRefused(hello.refused);
        }
        client = new HolderClient(socket as Duplex, hello, parts);
        resolve(hello);
      } catch (error) {
        reject(error);
        socket?.destroy();
      }
    };
    socket = await holder.connect(received, parts.reached ?? (() => undefined));
    socket.on('error', (error) => {
      reject(error);
      socket?.destroy();
    });
    socket.on('close', () =>
      reject(Object.assign(new Error('the holder closed the connection'), { code: 'ECONNRESET' })),
    );
    const ours: Hello = {
      program: 'holdfast-server',
      protocol: PROTOCOL,
      oldest: OLDEST_PROTOCOL,
      version: parts.version,
      pid: process.pid,
      startedAt: parts.clock.now(),
    };
    socket.write(frame(FRAME.hello, Buffer.from(JSON.stringify(ours))));
    await greeting;
    return client as unknown as HolderClient;
  }

  /**
   * Sends a request; rejects with the holder's message, or when it is gone. `answered` is called before any frame after
   * the answer is handled: a promise is too late for that.
   */
  request<Verb extends HolderRequest['verb']>(
    request: HolderRequest & { verb: Verb },
    answered?: (answer: AnswerOf<Verb>) => void,
  ): Promise<AnswerOf<Verb>> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new HolderGone());
        return;
      }
      const id = this.#nextId++;
      const settle = (answer: AnswerOf<Verb>): void => {
        answered?.(answer);
        resolve(answer);
      };
      this.#asked.set(id, { resolve: settle, reject });
      this.#socket.write(frame(FRAME.request, Buffer.from(JSON.stringify({ id, ...request }))));
    });
  }

  /** Input for the child of a console, like `send`. For an older holder line feeds are ordinary bytes. */
  input(console: number, data: Uint8Array, ends: LineEnds): boolean {
    if (ends === 'bytes' || this.hello.protocol < LINES_SINCE) {
      return this.send(FRAME.input, console, data);
    }
    return this.send(FRAME.lines, console, Buffer.concat([Buffer.of(ends === 'continued' ? 1 : 0), data]));
  }

  /** Starts to check whether the holder answers. */
  watch(parts: Omit<PulseParts, 'ping'>): void {
    this.#pulse = new HolderPulse({ ...parts, ping: () => this.request({ verb: 'ping' }) });
  }

  /** Wall time in milliseconds since which the holder has not answered; undefined if it does. */
  get silentSince(): number | undefined {
    return this.#pulse?.silentSince;
  }

  /** A request with a timeout, after which it rejects with HolderSilent. */
  ask<Verb extends HolderRequest['verb']>(request: HolderRequest & { verb: Verb }): Promise<AnswerOf<Verb>> {
    return this.#pulse ? this.#pulse.within(() => this.request<Verb>(request)) : this.request<Verb>(request);
  }

  /** Data for a console; false if too much waits already, see `whenRoom`. */
  send(type: (typeof FRAME)['input' | 'lines' | 'note' | 'mark' | 'feed'], console: number, data: Uint8Array): boolean {
    this.#socket.write(dataFrame(Buffer.allocUnsafe, type, console, data));
    return this.#socket.destroyed || this.#socket.writableLength <= MAX_WAITING_BYTES;
  }

  /** Calls back once, when the holder has read the waiting data, or is gone. */
  whenRoom(action: () => void): void {
    this.#waiting.add(action);
  }

  /** From now on the holder tells of last lines that change; an older one does not know how. */
  followLines(): void {
    const know = (lines: readonly ToldLine[] | null): void => {
      this.#tellsLines = lines !== null;
      this.#know(lines ?? []);
    };
    this.request({ verb: 'tellLines' }, know).catch(() => undefined);
  }

  /**
   * Resolves when `lines` are current, or known not to be: the check that is under way tells, and nothing is sent. An older
   * holder has to be asked for them.
   */
  async refreshLines(): Promise<void> {
    if (this.#tellsLines) {
      await this.#pulse?.settled();
    } else {
      this.#know(await this.ask({ verb: 'lastLines' }).catch(() => []));
    }
  }

  #know(lines: readonly ToldLine[]): void {
    for (const [id, line] of lines) {
      this.lines.set(id, line);
    }
  }

  /** The handlers of a console. */
  listen(console: number, ears: ConsoleEars): void {
    this.#ears.set(console, ears);
  }

  forget(console: number): void {
    this.#ears.delete(console);
    this.lines.delete(console);
  }

  /** The connection has ended. */
  get closed(): boolean {
    return this.#socket.destroyed;
  }

  close(): void {
    this.#socket.destroy();
  }

  #roomAgain(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const action of waiting) {
      action();
    }
  }

  #received(reader: FrameReader, bytes: Uint8Array): void {
    try {
      for (const each of reader.push(bytes)) {
        this.#take(each);
      }
    } catch (error) {
      complain(`holdfast: the holder does not make sense: ${(error as Error).message}\n`);
      this.#socket.destroy();
    }
  }

  #take({ type, payload }: Frame): void {
    switch (type) {
      case FRAME.output:
      case FRAME.noted: {
        const { console, data, offset } = streamData(payload);
        this.#ears.get(console)?.output(data, offset, type === FRAME.noted);
        break;
      }
      case FRAME.event: {
        const event = JSON.parse(Buffer.from(payload).toString()) as HolderEvent;
        if (event.event === 'trouble') {
          this.#trouble(event.message);
        } else if (event.event === 'lines') {
          this.#know(event.lines);
        } else {
          this.#ears.get(event.console)?.event(event);
        }
        break;
      }
      case FRAME.response: {
        const { id, result, error } = JSON.parse(Buffer.from(payload).toString());
        const asked = this.#asked.get(id);
        this.#asked.delete(id);
        if (error === undefined) {
          asked?.resolve(result as never);
        } else {
          asked?.reject(new Error(error));
        }
        break;
      }
    }
  }
}
