/**
 * The only way to enter a console. A session leases the output, has a place in it and an entry in the registry, and may
 * wait for room; whatever ends it, at whatever moment, `#end` releases all of that.
 */
import type { Backend } from '../model/backend.ts';
import type { Act, ConsoleActs, ConsoleVerb } from '../model/console-acts.ts';
import { HoldfastError } from '../model/errors.ts';
import type { LineEnds } from '../model/line-ends.ts';
import { type Principal, userText } from '../model/principal.ts';
import type { ProcessState } from '../model/process.ts';
import type { Verb } from '../model/rights.ts';
import type { GuardPort } from '../model/rights-port.ts';
import type { EnterOptions, Session, SessionSink } from '../model/session.ts';
import type { Subscription } from '../model/subscription.ts';
import type { InputRecord } from './input-record.ts';
import type { OnDemand } from './on-demand.ts';
import { PastOutput } from './past-output.ts';
import type { ProcessConsole } from './process-console.ts';
import type { Entry, SessionRegistry } from './session-registry.ts';

export interface SessionParts {
  readonly console: Pick<ProcessConsole, 'stream' | 'type' | 'full' | 'whenRoom' | 'forget' | 'resize'>;
  readonly backend: Pick<Backend, 'read'>;
  /** Absent: nobody asks for the state of the source. */
  readonly source?: { readonly state: ProcessState; watch(watcher: { changed(): void }): () => void };
  readonly registry: SessionRegistry;
  /** Absent: the source does not depend on sessions. */
  readonly demand?: Pick<OnDemand, 'enter' | 'left'>;
  /** Does what the session asks for, if its principal may. */
  readonly act: Act;
  /** Absent: nobody records what is typed. */
  readonly input?: InputRecord | undefined;
  /** Absent: whoever enters may do everything. */
  readonly rights?: { readonly port: GuardPort; readonly console: string } | undefined;
}

/** The identity of the session may still be looked up; `refused` reports an obstacle. */
export function enter(
  parts: SessionParts,
  by: Principal | Promise<Principal>,
  options: EnterOptions,
  sink: SessionSink,
): Session {
  return new LocalSession(parts, by, options, sink);
}

class LocalSession implements Session {
  readonly #parts: SessionParts;
  readonly #mode: EnterOptions['mode'];
  readonly #reason: string | undefined;
  readonly #sink: SessionSink;
  readonly #expected: () => void;
  #phase: 'entering' | 'in' | 'over' = 'entering';
  /** The last request for the keyboard, and its reason. */
  #writes: Principal | undefined;
  #entry: Entry | undefined;
  #lease: (() => void) | undefined;
  #unwatch: (() => void) | undefined;
  #subscription: Subscription | undefined;
  #offset = 0;
  #live = 0;
  /** Output before this offset is replayed. */
  #replayed = 0;
  #opened = false;
  #isDemand = false;
  /** Why input without the keyboard is refused, and whether that is recorded: once, not for every key. */
  #mayNotType: HoldfastError | undefined;
  #isRecorded = false;
  readonly #room = (): void => this.#sink.room();

  constructor(parts: SessionParts, by: Principal | Promise<Principal>, options: EnterOptions, sink: SessionSink) {
    this.#parts = parts;
    this.#mode = options.mode;
    this.#reason = options.reason;
    this.#sink = sink;
    this.#expected = parts.registry.expect((reason) => this.#evicted(reason));
    void this.#enter(by, options);
  }

  get principal(): Principal {
    return this.#mustBeIn.principal;
  }

  get info(): Session['info'] {
    return this.#mustBeIn.info;
  }

  get #mustBeIn(): Entry {
    if (!this.#entry) {
      throw new Error('this session has not entered its console');
    }
    return this.#entry;
  }

  get offset(): number {
    return this.#offset;
  }

  get live(): number {
    return this.#live;
  }

  get opened(): boolean {
    return this.#opened;
  }

  get writer(): Session['writer'] {
    return this.#parts.registry.writer;
  }

  get state(): Session['state'] {
    return this.#parts.source?.state;
  }

  get sessions(): number {
    return this.#parts.registry.size;
  }

  get lastInput(): number {
    return this.#mustBeIn.lastInput;
  }

  set lastInput(time: number) {
    this.#mustBeIn.lastInput = time;
  }

  ask(verb: Verb, by = this.principal): HoldfastError | undefined {
    const { rights } = this.#parts;
    return rights?.port.ask(by, verb, rights.console);
  }

  act<V extends ConsoleVerb>(verb: V, ...how: Parameters<ConsoleActs[V]>): ReturnType<ConsoleActs[V]> {
    return this.#parts.act(this.principal, verb, ...how);
  }

  take(force: boolean, reason?: string): boolean {
    const entry = this.#mustBeIn;
    const isTakenFrom = force && this.writer !== undefined;
    const refusal = this.#taken(entry, isTakenFrom ? 'force' : 'take', force, reason);
    if (refusal !== 'taken') {
      this.#deny(refusal);
    }
    return refusal === 'taken';
  }

  release(): void {
    this.#parts.registry.release(this.#mustBeIn);
  }

  write(bytes: Uint8Array, ends?: LineEnds): boolean {
    const { console, registry } = this.#parts;
    const entry = this.#mustBeIn;
    if (this.#phase !== 'in' || !(this.#mode === 'always' || registry.isWriter(entry))) {
      this.#deny();
      return false;
    }
    if (this.#mayNotType) {
      this.#deny(this.#mayNotType);
      this.#recordRefusal();
      return false;
    }
    registry.heard(entry);
    this.#parts.input?.typed(this, entry.principal, bytes);
    console.type(bytes, ends);
    return true;
  }

  get full(): boolean {
    return this.#parts.console.full;
  }

  awaitRoom(): void {
    if (this.#phase === 'in') {
      this.#parts.console.whenRoom(this.#room);
    }
  }

  resize(columns: number, rows: number): void {
    const { console, registry } = this.#parts;
    if (registry.isWriter(this.#mustBeIn)) {
      console.resize(columns, rows);
    }
  }

  subscribe(offset = this.#parts.console.stream.ring.head): void {
    if (this.#phase === 'in') {
      this.#takePlace(offset);
      this.#subscription?.resume();
    }
  }

  unsubscribe(): number | undefined {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (subscription) {
      this.#parts.console.stream.leave(subscription);
    }
    return subscription?.offset;
  }

  resume(): void {
    this.#subscription?.resume();
  }

  get place(): Session['place'] {
    return this.#subscription;
  }

  leave(): void {
    this.#end();
  }

  async #enter(by: Principal | Promise<Principal>, { after, from }: EnterOptions): Promise<void> {
    let principal: Principal;
    try {
      [principal] = await Promise.all([by, after?.()]);
      await this.#mustMayEnter(principal);
      this.#lease = await this.#parts.backend.read(from && 'offset' in from ? from.offset : undefined);
    } catch (error) {
      this.#refuse(error as Error);
      return;
    }
    if (this.#phase === 'over') {
      this.#end();
      return;
    }
    const { stream } = this.#parts.console;
    const { head, tail } = stream.ring;
    this.#live = head;
    this.#offset = head;
    if (from) {
      const wanted = 'offset' in from ? from.offset : stream.startOfLines(from.lines);
      this.#offset = Math.max(tail, Math.min(head, wanted));
      // A reader that continues at an offset has missed the output since, and a program may wait for the answer to a
      // query in it.
      this.#replayed = 'lines' in from ? head : 0;
      this.#takePlace(this.#offset);
    }
    const { demand } = this.#parts;
    if (demand) {
      this.#isDemand = true;
      this.#opened = await demand.enter(principal);
    }
    // Earlier keys of others are in their sockets, and are read by then: they act first.
    setImmediate(() => this.#begin(principal));
  }

  #begin(principal: Principal): void {
    if (this.#phase !== 'entering') {
      return;
    }
    const { registry } = this.#parts;
    this.#expected();
    this.#mayNotType = this.#mode === 'always' ? this.#refusal(principal, 'type') : undefined;
    this.#entry = registry.enter(principal, this.#mode === 'always' && !this.#mayNotType ? 'write' : 'read', {
      writerChanged: (writer) => this.#phase === 'in' && this.#sink.writer(writer),
      evicted: (reason) => this.#evicted(reason),
      tell: (text, notice) => this.#sink.said(text, notice),
      rightsChanged: () => this.#rightsChanged(principal),
    });
    const refusal = this.#mode === 'write' ? this.#taken(this.#entry, 'take', false, this.#reason) : 'taken';
    this.#phase = 'in';
    const { source } = this.#parts;
    if (source && this.#sink.state) {
      this.#unwatch = source.watch({ changed: () => this.#sink.state?.(source.state) });
    }
    this.#parts.input?.came(this);
    this.#sink.entered(this);
    if (refusal !== 'taken' && this.#phase === 'in') {
      this.#deny(refusal);
    }
    this.#subscription?.resume();
  }

  /** Output from `offset` on, once the subscription is resumed. */
  #takePlace(offset: number): void {
    this.unsubscribe();
    const to = offset < this.#replayed ? new PastOutput(this.#replayed, this.#sink) : this.#sink;
    const subscription: Subscription = this.#parts.console.stream.subscribe(
      {
        write: (bytes) => to.output(bytes, subscription.offset - bytes.length),
        missed: (bytes) => this.#sink.missed(bytes),
      },
      offset,
      true,
    );
    this.#subscription = subscription;
  }

  /** The right to it that is missing; undefined: somebody else has it. */
  #taken(
    entry: Entry,
    verb: 'take' | 'force',
    force: boolean,
    reason: string | undefined,
  ): 'taken' | HoldfastError | undefined {
    const { registry } = this.#parts;
    if (registry.isWriter(entry)) {
      return 'taken';
    }
    const by = reason === undefined ? entry.principal : { ...entry.principal, reason };
    const refusal = this.ask(verb, by);
    if (refusal) {
      return refusal;
    }
    this.#writes = by;
    return registry.take(entry, force, by) ? 'taken' : undefined;
  }

  #deny(why?: HoldfastError): void {
    const { writer } = this;
    this.#sink.denied?.(
      why ??
        new HoldfastError(
          'HF_BUSY_KEYBOARD',
          writer
            ? `${userText(writer)} (${writer.from}) has the keyboard`
            : 'No session has the keyboard: request it first',
        ),
    );
  }

  #recordRefusal(): void {
    if (!this.#isRecorded) {
      this.#isRecorded = true;
      this.ask('type');
    }
  }

  #refusal(by: Principal, verb: Verb): HoldfastError | undefined {
    const { rights } = this.#parts;
    return rights?.port.refusal(by, verb, rights.console);
  }

  async #mustMayEnter(by: Principal): Promise<void> {
    const { rights } = this.#parts;
    await rights?.port.learn(by);
    const refusal = rights?.port.ask(by, 'enter', rights.console);
    if (refusal) {
      throw refusal;
    }
  }

  /** Rights that are gone are gone at once. */
  #rightsChanged(by: Principal): void {
    const entry = this.#mustBeIn;
    const { registry } = this.#parts;
    const mayNotEnter = this.#refusal(by, 'enter');
    if (mayNotEnter) {
      if (this.#mode === 'always') {
        this.#sink.denied?.(mayNotEnter);
      }
      this.#evicted(mayNotEnter.message);
      return;
    }
    if (this.#mode === 'always') {
      const before = this.#mayNotType;
      this.#mayNotType = this.#refusal(by, 'type');
      this.#isRecorded = false;
      if (this.#mayNotType && !before) {
        this.#deny(this.#mayNotType);
      }
      registry.setMode(entry, this.#mayNotType ? 'read' : 'write');
    } else if (registry.isWriter(entry)) {
      const mayNotWrite = this.#refusal(this.#writes ?? by, 'take');
      if (mayNotWrite) {
        this.#sink.said(mayNotWrite.message, true);
        registry.release(entry);
      }
    }
    this.#sink.reviewed?.();
  }

  #evicted(reason: string): void {
    if (this.#phase === 'entering') {
      this.#refuse(new HoldfastError('HF_NO_CONSOLE', reason));
    } else if (this.#phase === 'in') {
      this.#end();
      this.#sink.closed(reason);
    }
  }

  #refuse(error: Error): void {
    if (this.#phase === 'entering') {
      this.#end();
      this.#sink.refused(error);
    }
  }

  /** May be called repeatedly; also if the lease comes after the end. */
  #end(): void {
    const { console, registry } = this.#parts;
    this.#phase = 'over';
    this.unsubscribe();
    console.forget(this.#room);
    this.#expected();
    this.#unwatch?.();
    if (this.#entry) {
      this.#parts.input?.left(this);
      registry.leave(this.#entry);
    }
    this.#lease?.();
    this.#lease = undefined;
    if (this.#isDemand) {
      this.#isDemand = false;
      this.#parts.demand?.left();
    }
  }
}
