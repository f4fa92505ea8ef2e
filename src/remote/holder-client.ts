/** The server's end of the connection to the holder. */
import { connect, type Socket } from 'node:net';
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
import type { Hello, HolderEvent, HolderRequest, KeptConsole } from '../model/holder-protocol.ts';
import type { LineEnds } from '../model/line-ends.ts';
import type { MemoryFigures } from '../model/memory-budget.ts';
import type { Resources } from '../model/resources.ts';
import { native } from '../platform/native.ts';
import { descriptorOf } from '../platform/net/socket-descriptor.ts';
import { complain } from '../platform/process/complain.ts';
import { HolderPulse, type PulseParts } from './holder-pulse.ts';

/** More than the kernel keeps for us. Bytes. */
const READ_SIZE = 256 << 10;
/** Whoever sends data waits above this much that a holder has not read: it may stand still. Bytes, of all consoles together. */
const MOST_WAITING = 4 << 20;

/** What the answers are, by verb. */
interface Answers {
  list: readonly KeptConsole[];
  open: KeptConsole & { readonly logProblem?: string };
  subscribe: { readonly start: number; readonly head: number };
  /** null: this holder is older than the question. */
  resources: Resources | null;
  /** null: older, too. */
  memory: MemoryFigures | null;
  lastLines: readonly (readonly [id: number, line: string])[];
}

type AnswerOf<Verb extends string> = Verb extends keyof Answers ? Answers[Verb] : unknown;

/** What a console hears of the holder. */
export interface ConsoleEars {
  readonly event: (event: HolderEvent) => void;
  readonly output: (data: Uint8Array, offset: number, note: boolean) => void;
}

/** The holder answers, but not to us: another server has it, or the versions do not fit. */
export class HolderRefused extends Error {}

/** It went before it answered. */
export class HolderGone extends Error {
  override readonly message = 'the holder is gone';
}

export class HolderClient {
  readonly hello: Hello;
  readonly #socket: Socket;
  readonly #ears = new Map<number, ConsoleEars>();
  readonly #asked = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  readonly #trouble: (message: string) => void;
  #pulse: HolderPulse | undefined;
  #nextId = 1;
  /** Who waits for the holder to read. */
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket, hello: Hello, lost: () => void, trouble: (message: string) => void) {
    this.#trouble = trouble;
    this.#socket = socket;
    this.hello = hello;
    socket.removeAllListeners();
    socket.on('error', () => socket.destroy());
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

  /**
   * Connects and agrees on the protocol; `lost` is called once when the connection ends, `trouble` with what befalls the holder.
   * Rejects with the errno's code. `reached`: somebody listens, the process of this number, who may not answer.
   */
  static connect(
    path: string,
    version: string,
    lost: () => void,
    trouble: (message: string) => void = () => undefined,
    reached: (pid: number) => void = () => undefined,
  ): Promise<HolderClient> {
    return new Promise((resolve, reject) => {
      const reader = new FrameReader();
      let client: HolderClient | undefined;
      const callback = (count: number, buffer: Uint8Array): boolean => {
        const bytes = buffer.subarray(0, count);
        if (client) {
          client.#received(reader, bytes);
        } else {
          greeted(bytes);
        }
        return true;
      };
      // One buffer for all reads: what arrives is dealt with at once, and an echo does not wait for memory.
      const socket = connect({ path, onread: { buffer: Buffer.allocUnsafeSlow(READ_SIZE), callback } });
      socket.on('error', reject);
      socket.on('close', () =>
        reject(Object.assign(new Error('the holder closed the connection'), { code: 'ECONNRESET' })),
      );
      socket.on('connect', () => {
        const fd = descriptorOf(socket);
        if (fd !== undefined) {
          reached(native.peerCredentials(fd).pid);
        }
        const hello: Hello = {
          program: 'holdfast-server',
          protocol: PROTOCOL,
          oldest: OLDEST_PROTOCOL,
          version,
          pid: process.pid,
          startedAt: Date.now(),
        };
        socket.write(frame(FRAME.hello, Buffer.from(JSON.stringify(hello))));
      });
      const greeted = (bytes: Uint8Array): void => {
        try {
          // To the end: what follows may be half a frame. It is about consoles that nobody has opened here yet.
          const [first] = [...reader.push(bytes)];
          if (first?.type === FRAME.hello) {
            const hello = JSON.parse(Buffer.from(first.payload).toString()) as Hello;
            if (hello.refused === undefined) {
              client = new HolderClient(socket, hello, lost, trouble);
              resolve(client);
            } else {
              reject(new HolderRefused(hello.refused));
              socket.destroy();
            }
          }
        } catch (error) {
          reject(error);
          socket.destroy();
        }
      };
    });
  }

  /**
   * Asks for something; rejects with the holder's words, or when it is gone. `answered` is called before any frame that
   * follows the answer is dealt with: a promise is too late for that.
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

  /** Input for the child of a console, as `send`. To an older holder line feeds are bytes as any other. */
  input(console: number, data: Uint8Array, ends: LineEnds): boolean {
    if (ends === 'bytes' || this.hello.protocol < LINES_SINCE) {
      return this.send(FRAME.input, console, data);
    }
    return this.send(FRAME.lines, console, Buffer.concat([Buffer.of(ends === 'continued' ? 1 : 0), data]));
  }

  /** From now on it is watched whether the holder answers. */
  watch(parts: Omit<PulseParts, 'ping'>): void {
    this.#pulse = new HolderPulse({ ...parts, ping: () => this.request({ verb: 'ping' }) });
  }

  /** Since when the holder has not answered, wall time in milliseconds; undefined: it does. */
  get silentSince(): number | undefined {
    return this.#pulse?.silentSince;
  }

  /** A question, whose answer nobody waits for longer than a while: rejects with HolderSilent then. */
  ask<Verb extends HolderRequest['verb']>(request: HolderRequest & { verb: Verb }): Promise<AnswerOf<Verb>> {
    return this.#pulse ? this.#pulse.within(() => this.request<Verb>(request)) : this.request<Verb>(request);
  }

  /** Data for a console; false: too much waits already, see `whenRoom`. */
  send(
    type: typeof FRAME.input | typeof FRAME.lines | typeof FRAME.note | typeof FRAME.feed,
    console: number,
    data: Uint8Array,
  ): boolean {
    this.#socket.write(dataFrame(Buffer.allocUnsafe, type, console, data));
    return this.#socket.destroyed || this.#socket.writableLength <= MOST_WAITING;
  }

  /** Calls back once, when the holder has read what waits, or is gone. */
  whenRoom(action: () => void): void {
    this.#waiting.add(action);
  }

  /** Who hears of a console. */
  listen(console: number, ears: ConsoleEars): void {
    this.#ears.set(console, ears);
  }

  forget(console: number): void {
    this.#ears.delete(console);
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
