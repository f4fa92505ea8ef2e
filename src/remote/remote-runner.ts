/**
 * A console in the holder, as the server sees it: its child (child-mirror.ts), a copy of its output (output-copy.ts),
 * and the requests to the holder (outbox.ts).
 */
import { FRAME, MARKS_SINCE } from '../codec/holder-frames.ts';
import { type Backend, NO_DESCRIPTORS } from '../model/backend.ts';
import type { HolderEvent, KeptConsole, LogSpec, LogTrouble } from '../model/holder-protocol.ts';
import type { LineEnds } from '../model/line-ends.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';
import type { OutputStream } from '../model/output-stream.ts';
import type { EndRecord } from '../model/process.ts';
import type { Resources } from '../model/resources.ts';
import type { ChildSpec, RunnerHandlers } from '../model/runner.ts';
import type { Clock } from '../platform/time/clock.ts';
import { ChildMirror, type KnownChild } from './child-mirror.ts';
import { type HolderClient, HolderGone } from './holder-client.ts';
import type { HolderLine } from './holder-line.ts';
import { Outbox } from './outbox.ts';
import { OutputCopy } from './output-copy.ts';

export class RemoteRunner implements Backend {
  handlers: RunnerHandlers;
  readonly name: string;
  readonly logTrouble: (message: string) => void;
  readonly #clock: Clock;
  readonly #mirror = new ChildMirror();
  readonly #outbox: Outbox;
  readonly #copy: OutputCopy;
  #line: HolderLine | undefined;
  /** The child reads nothing, and much input waits for it in the holder. */
  #full = false;
  #log: LogSpec | undefined;
  #logState: LogTrouble | undefined;
  #logging = true;
  #closed = false;

  /** `logTrouble` gets the problems of the log. */
  constructor(name: string, clock: Clock, logTrouble: (message: string) => void, log?: LogSpec, budget?: MemoryBudget) {
    this.name = name;
    this.#log = log;
    this.#clock = clock;
    const line = () => this.#line;
    this.#outbox = new Outbox(line);
    this.#copy = new OutputCopy(clock, line, budget);
    this.logTrouble = logTrouble;
    this.handlers = {
      started: () => undefined,
      notStarted: () => undefined,
      ended: () => undefined,
      advanced: () => undefined,
      drained: () => undefined,
    };
  }

  get stream(): OutputStream {
    return this.#copy.stream;
  }

  /** Its number in the current holder. */
  get id(): number | undefined {
    return this.#line?.id;
  }

  /** The current child, as known here. */
  get child(): KnownChild | undefined {
    return this.#mirror.child;
  }

  /** Offset at which the output of that child begins; now for one that an older holder started. */
  get childStart(): number {
    return this.child?.offset ?? this.#copy.head;
  }

  /** It was released, and no holder needs to know it. */
  get closed(): boolean {
    return this.#closed;
  }

  get log(): LogSpec | undefined {
    return this.#log;
  }

  /** The holder has them. */
  readonly descriptors = NO_DESCRIPTORS;

  /** What is wrong with the log. */
  get logState(): LogTrouble | undefined {
    return this.#logState;
  }

  /** Offset at which a new holder must continue the stream. */
  get head(): number {
    return this.#copy.head;
  }

  /** Takes the console over from the holder. Existing readers go on from their offsets. */
  attach(client: HolderClient, { id, memo, pid, startedAt, offset, logTrouble, logOff = false }: KeptConsole): void {
    this.#line = { client, id };
    this.#logState = logTrouble;
    if (logOff === this.#logging) {
      this.#sendLogging();
    }
    const wasFull = this.#full;
    this.#full = false;
    const known = this.child?.pid;
    this.#childIs(pid, startedAt, offset);
    client.listen(id, {
      event: (event) => this.#heard(event),
      output: (data, offset, note) => {
        if (this.#copy.take(data, offset, note)) {
          this.handlers.advanced();
        }
      },
    });
    if (wasFull) {
      // Input that waited in the last holder is gone, and this one does not know the senders that wait for room.
      this.handlers.drained();
    }
    this.#copy.resume();
    if (pid !== known) {
      this.#outbox.forgetSignals();
    }
    // The last holder may have started a child without being able to report it.
    const isNew = pid !== undefined && pid !== known && this.#outbox.startIsOver();
    this.#outbox.sendAgain();
    this.#outbox.inherit(memo);
    if (isNew) {
      this.handlers.started(pid);
    }
  }

  listen(): void {
    this.#mirror.listen();
  }

  /** The holder is gone. */
  lost(): void {
    this.#line = undefined;
    this.#copy.lost();
  }

  read(from?: number): Promise<() => void> {
    return this.#copy.read(from);
  }

  start(spec: ChildSpec): void {
    this.#outbox.start(spec, (error) => this.handlers.notStarted(error));
  }

  write(bytes: Uint8Array, ends: LineEnds = 'bytes'): boolean {
    const line = this.#line;
    if (line?.client.input(line.id, bytes, ends) !== false) {
      return !this.#full;
    }
    line.client.whenRoom(this.#holderReads);
    return false;
  }

  readonly #holderReads = (): void => {
    if (!this.#full) {
      this.handlers.drained();
    }
  };

  /** Whether a signal was sent; only the holder knows whether it has a target. */
  kill(signal: number): boolean {
    if (this.child === undefined) {
      return false;
    }
    this.#outbox.signal(signal);
    return this.#line !== undefined;
  }

  resize(columns: number, rows: number): void {
    const line = this.#line;
    line?.client.request({ verb: 'resize', console: line.id, columns, rows }).catch(() => undefined);
  }

  note(bytes: Uint8Array): void {
    this.#line?.client.send(FRAME.note, this.#line.id, bytes);
  }

  /** An older holder has the log that the stream goes to, and no other way into it. */
  mark(bytes: Uint8Array): void {
    const line = this.#line;
    line?.client.send(line.client.hello.protocol < MARKS_SINCE ? FRAME.note : FRAME.mark, line.id, bytes);
  }

  setLogging(on: boolean): boolean {
    if (this.#line && this.#line.client.hello.protocol < MARKS_SINCE) {
      return false;
    }
    // A holder that is away is told when it is back.
    this.#logging = on;
    this.#sendLogging();
    return true;
  }

  setFlow(on: boolean): boolean {
    const line = this.#line;
    if (!line || this.child === undefined || line.client.hello.protocol < MARKS_SINCE) {
      return false;
    }
    line.client.request({ verb: 'flow', console: line.id, on }).catch(() => undefined);
    return true;
  }

  #sendLogging(): void {
    const line = this.#line;
    line?.client.request({ verb: 'logging', console: line.id, on: this.#logging }).catch(() => undefined);
  }

  feed(bytes: Uint8Array, room: () => void): boolean {
    const line = this.#line;
    if (line?.client.send(FRAME.feed, line.id, bytes) !== false) {
      return true;
    }
    line.client.whenRoom(room);
    return false;
  }

  remember(memo: string): void {
    this.#outbox.remember(memo);
  }

  get lineNow(): string {
    const line = this.#line;
    return line?.client.lines.get(line.id) ?? '';
  }

  async lastLine(): Promise<string> {
    const line = this.#line;
    const lines = await line?.client.ask({ verb: 'lastLines', console: line.id }).catch(() => []);
    return lines?.find(([id]) => id === line?.id)?.[1] ?? '';
  }

  async resources(): Promise<Resources> {
    const line = this.#line;
    const found = await line?.client.ask({ verb: 'resources', console: line.id });
    return found ?? { missing: this.#line ? 'the holder is older than this server' : 'the holder is away' };
  }

  /** Obstacles to the log are reported as trouble and retried. */
  async setLog(log: LogSpec | undefined): Promise<void> {
    const before = this.#log;
    this.#log = log;
    const open = { verb: 'open', name: this.name, start: this.head, ...(log ? { log } : {}) } as const;
    // At once: findings about the log may be reported right after the answer.
    const asked = this.#line?.client.request(open, ({ logTrouble }) => {
      this.#logState = logTrouble;
    });
    const opened = await asked?.catch((error: Error) => {
      // The next holder is told with everything else.
      if (!(error instanceof HolderGone)) {
        this.#log = before;
        throw error;
      }
    });
    if (opened?.logProblem !== undefined) {
      this.logTrouble(opened.logProblem);
    }
  }

  forgetEnd(): void {
    const line = this.#line;
    line?.client.request({ verb: 'forgetEnd', console: line.id }).catch(() => undefined);
  }

  /** Releases the console in the holder too. */
  async close(): Promise<void> {
    this.#closed = true;
    const line = this.#line;
    line?.client.forget(line.id);
    this.#copy.close();
    await line?.client.request({ verb: 'close', console: line.id }).catch(() => undefined);
    // A last line may have been on its way.
    line?.client.forget(line.id);
  }

  /** The child is gone: a holder saw it, or finds it gone. */
  ended(end: EndRecord): void {
    this.#mirror.befell(() => {
      this.#mirror.ended(end.pid);
      this.#outbox.forgetSignals();
      this.handlers.ended(end);
    });
  }

  #childIs(pid: number | undefined, startedAt: number | undefined, offset: number | undefined): void {
    this.#mirror.is(pid === undefined ? undefined : { pid, startedAt: startedAt ?? this.#clock.now(), offset });
  }

  #heard(event: HolderEvent): void {
    switch (event.event) {
      case 'started':
        this.#mirror.befell(() => {
          this.#outbox.startIsOver();
          this.#childIs(event.pid, this.#clock.now(), event.offset);
          this.handlers.started(event.pid, event.failure, event.greeted);
        });
        break;
      case 'notStarted':
        this.#mirror.befell(() => {
          this.#outbox.startIsOver();
          this.handlers.notStarted(new Error(event.message));
        });
        break;
      case 'ended':
        this.ended(event.end);
        break;
      case 'full':
        this.#full = true;
        break;
      case 'room':
        this.#full = false;
        this.handlers.drained();
        break;
      case 'log':
        if (event.trouble !== undefined) {
          this.#logState = event.trouble ?? undefined;
        }
        this.logTrouble(event.message);
        break;
    }
  }
}
