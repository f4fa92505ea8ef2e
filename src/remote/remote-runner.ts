/**
 * A child that runs in the holder, as the server sees it. The output is copied here only while somebody reads: until then a
 * busy console costs the server nothing.
 */
import { FRAME } from '../codec/holder-frames.ts';
import type { HolderEvent, KeptConsole, LogSpec, LogTrouble } from '../model/holder-protocol.ts';
import type { LineEnds } from '../model/line-ends.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';
import { OutputRing } from '../model/output-ring.ts';
import { OutputStream } from '../model/output-stream.ts';
import type { EndRecord } from '../model/process.ts';
import type { Resources } from '../model/resources.ts';
import type { ChildSpec, HostHandlers, Runner } from '../model/runner.ts';
import { NOBODY } from '../model/subscription.ts';
import { startTimeOf } from '../platform/process/proc.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { Backfill } from './backfill.ts';
import { type HolderClient, HolderGone } from './holder-client.ts';

/** What is fetched of the past when the first reader comes, and kept for the next. Bytes. */
const BACK = 64 << 10;
const RING = { keep: BACK, most: 16 << 20 };
/** The copy goes on this long after the last reader has left. Milliseconds. */
const LINGER = 10_000;

export class RemoteRunner implements Runner {
  handlers: HostHandlers;
  readonly name: string;
  readonly stream: OutputStream;
  readonly #ring: OutputRing;
  readonly #clock: Clock;
  readonly logTrouble: (message: string) => void;
  #client: HolderClient | undefined;
  #id = 0;
  #pid: number | undefined;
  #startTime: string | undefined;
  /** Wall time, milliseconds. */
  #startedAt = 0;
  #readers = 0;
  /** Resolves when what was there at the time of subscribing is here. */
  #copying: Promise<void> | undefined;
  #arrived: { head: number; resolve: () => void } | undefined;
  /** What is on its way of the stream before the first byte that is here. */
  #older: Backfill | undefined;
  #linger: Timer | undefined;
  #full = false;
  #log: LogSpec | undefined;
  #logState: LogTrouble | undefined;
  #memo: string | undefined;
  /** Asked for, and neither started nor refused: a new holder is asked again. */
  #wanted: ChildSpec | undefined;
  /** Sent, and taken by no holder yet: for the next one, where the child lives on with it. */
  readonly #signals = new Set<number>();
  #closed = false;
  /** What befell the child before the handlers could hear of it. */
  #early: (() => void)[] | undefined = [];
  #childStart: number | undefined;

  /** `logTrouble` gets what befalls the log. */
  constructor(name: string, clock: Clock, logTrouble: (message: string) => void, log?: LogSpec, budget?: MemoryBudget) {
    this.name = name;
    this.#log = log;
    this.#ring = new OutputRing({ ...RING, ...(budget ? { budget } : {}) }, (size) => Buffer.allocUnsafeSlow(size));
    this.stream = new OutputStream(this.#ring, clock.monotonic);
    this.#clock = clock;
    this.logTrouble = logTrouble;
    this.handlers = {
      started: () => undefined,
      notStarted: () => undefined,
      ended: () => undefined,
      advanced: () => undefined,
      drained: () => undefined,
    };
  }

  /** Of the child that is there, as far as is known here. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Names that child together with its pid (platform/proc.ts). */
  get startTime(): string | undefined {
    return this.#startTime;
  }

  /** Wall time of that child's start, milliseconds. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Offset at which that child begins to speak; of one that an older holder started, now. */
  get childStart(): number {
    return this.#childStart ?? this.#ring.head;
  }

  /** It was let go of, and no holder has to know it. */
  get closed(): boolean {
    return this.#closed;
  }

  get log(): LogSpec | undefined {
    return this.#log;
  }

  /** What is wrong with it. */
  get logState(): LogTrouble | undefined {
    return this.#logState;
  }

  /** Offset at which a new holder is to go on with the stream. */
  get head(): number {
    return this.#ring.head;
  }

  /** Takes the console over, as the holder has it. Readers that were there go on from the offset where they are. */
  attach(client: HolderClient, { id, memo, pid, startedAt, offset, logTrouble }: KeptConsole): void {
    this.#client = client;
    this.#logState = logTrouble;
    this.#id = id;
    const wasFull = this.#full;
    this.#full = false;
    const known = this.#pid;
    this.#childIs(pid, startedAt);
    this.#childStart = offset;
    client.listen(id, {
      event: (event) => this.#heard(event),
      output: (data, offset, note) => this.#copied(data, offset, note),
    });
    const signals = [...this.#signals];
    this.#signals.clear();
    if (pid === known) {
      signals.forEach((signal) => void this.kill(signal));
    }
    if (wasFull) {
      // What waited in the last holder is gone, and this one does not know who waits for room.
      this.handlers.drained();
    }
    if (this.#readers > 0) {
      this.#copying = this.#subscribe();
    }
    if (this.#memo !== undefined) {
      this.remember(this.#memo);
    } else if (memo !== '') {
      // What an earlier server has left: the next holder is to have it too, even if nothing changes until then.
      this.#memo = memo;
    }
    if (this.#wanted && pid !== undefined && pid !== known) {
      // The last holder had started it, and could not say so any more.
      this.#wanted = undefined;
      this.handlers.started(pid);
    } else if (this.#wanted) {
      this.start(this.#wanted);
    }
  }

  listen(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const happened of early) {
      happened();
    }
  }

  /** The holder is gone. */
  lost(): void {
    this.#client = undefined;
    this.#copying = undefined;
    this.#giveUpReading();
  }

  /** Makes sure that output comes here, with its recent past, from offset `from` on if that is still there; give the returned function back with the last reader. */
  async read(from?: number): Promise<() => void> {
    this.#readers++;
    this.#linger?.cancel();
    if (this.#copying === undefined || from === undefined) {
      this.#copying ??= this.#subscribe(from);
    } else {
      this.#copying = this.#copying.then(() => this.#fetchOlder(from));
    }
    // Until the caller has its own place in the stream nothing of what it asked for may be let go of.
    const place = from === undefined ? undefined : this.stream.subscribe(NOBODY, from, true);
    await this.#copying;
    if (place) {
      setImmediate(() => this.stream.leave(place));
    }
    let released = false;
    return () => {
      if (!released) {
        released = true;
        this.#left();
      }
    };
  }

  start(spec: ChildSpec): void {
    this.#wanted = spec;
    const client = this.#client;
    client?.request({ verb: 'start', console: this.#id, spec }).catch((error: Error) => {
      if (this.#client === client) {
        this.#wanted = undefined;
        this.handlers.notStarted(error);
      }
    });
  }

  write(bytes: Uint8Array, ends: LineEnds = 'bytes'): boolean {
    const client = this.#client;
    if (client?.input(this.#id, bytes, ends) !== false) {
      return !this.#full;
    }
    client.whenRoom(this.#holderReads);
    return false;
  }

  readonly #holderReads = (): void => {
    if (!this.#full) {
      this.handlers.drained();
    }
  };

  /** Whether a signal was sent; whether it finds somebody, only the holder knows. */
  kill(signal: number): boolean {
    if (this.#pid === undefined) {
      return false;
    }
    this.#signals.add(signal);
    this.#client?.request({ verb: 'signal', console: this.#id, signal }).then(
      () => this.#signals.delete(signal),
      () => undefined,
    );
    return this.#client !== undefined;
  }

  resize(columns: number, rows: number): void {
    this.#client?.request({ verb: 'resize', console: this.#id, columns, rows }).catch(() => undefined);
  }

  note(bytes: Uint8Array): void {
    this.#client?.send(FRAME.note, this.#id, bytes);
  }

  /** Output of a source that is not a child: into the ring and the log of the holder. False: `room` is called when there is some again. */
  feed(bytes: Uint8Array, room: () => void): boolean {
    const client = this.#client;
    if (client?.send(FRAME.feed, this.#id, bytes) !== false) {
      return true;
    }
    client.whenRoom(room);
    return false;
  }

  /** Keeps something for the server after this one. */
  remember(memo: string): void {
    this.#memo = memo;
    this.#client?.request({ verb: 'memo', console: this.#id, memo }).catch(() => undefined);
  }

  async lastLine(): Promise<string> {
    const lines = await this.#client?.ask({ verb: 'lastLines', console: this.#id }).catch(() => []);
    return lines?.find(([id]) => id === this.#id)?.[1] ?? '';
  }

  async resources(): Promise<Resources> {
    const found = await this.#client?.ask({ verb: 'resources', console: this.#id });
    return found ?? { missing: this.#client ? 'the holder is older than this server' : 'the holder is away' };
  }

  /** Another log, or none; what stands in its way is told as trouble and tried again. */
  async setLog(log: LogSpec | undefined): Promise<void> {
    this.#log = log;
    const open = { verb: 'open', name: this.name, start: this.head, ...(log ? { log } : {}) } as const;
    // At once: what is found out about the log may be told right behind the answer.
    const asked = this.#client?.request(open, ({ logTrouble }) => {
      this.#logState = logTrouble;
    });
    const opened = await asked?.catch((error: Error) => {
      // The next holder is told with all else.
      if (!(error instanceof HolderGone)) {
        throw error;
      }
    });
    if (opened?.logProblem !== undefined) {
      this.logTrouble(opened.logProblem);
    }
  }

  /** The server has dealt with the last end. */
  forgetEnd(): void {
    this.#client?.request({ verb: 'forgetEnd', console: this.#id }).catch(() => undefined);
  }

  /** Lets go of the console in the holder too. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#linger?.cancel();
    this.#client?.forget(this.#id);
    this.#giveUpReading();
    this.#ring.restart(this.#ring.head);
    await this.#client?.request({ verb: 'close', console: this.#id }).catch(() => undefined);
  }

  /** The child is gone: a holder saw it, or finds it gone. */
  ended(end: EndRecord): void {
    this.#enqueue(() => {
      if (this.#pid === end.pid) {
        this.#pid = undefined;
      }
      this.#signals.clear();
      this.handlers.ended(end);
    });
  }

  #enqueue(happened: () => void): void {
    if (this.#early) {
      this.#early.push(happened);
    } else {
      happened();
    }
  }

  /** Nothing more comes of what is on its way: nobody is to wait for it. */
  #giveUpReading(): void {
    this.#older?.close();
    this.#older = undefined;
    this.#arrived?.resolve();
    this.#arrived = undefined;
  }

  #childIs(pid: number | undefined, startedAt = this.#clock.now()): void {
    this.#pid = pid;
    this.#startedAt = startedAt;
    this.#startTime = pid === undefined ? undefined : startTimeOf(pid);
  }

  async #subscribe(from?: number): Promise<void> {
    const client = this.#client;
    if (!client) {
      return;
    }
    const wanted = this.stream.lowest();
    const earliest = wanted ?? from;
    const begin = ({ start, head }: { start: number; head: number }): void => {
      if (this.#ring.head > head || this.#ring.head < start || wanted === undefined) {
        this.#ring.restart(start);
      }
    };
    try {
      const { start, head } = await client.request(
        {
          verb: 'subscribe',
          console: this.#id,
          back: BACK,
          ...(earliest === undefined ? {} : { from: earliest }),
        },
        begin,
      );
      if (start < head) {
        await new Promise<void>((resolve) => {
          this.#arrived = { head, resolve };
          this.#checkArrival();
        });
      }
    } catch {
      // The holder is gone: whoever reads hears of that in another way.
    }
  }

  /** Fetches what the holder has of the stream from `from` on and is not here: a reader was away for longer than others. */
  async #fetchOlder(from: number): Promise<void> {
    const client = this.#client;
    if (!client || from >= this.#ring.tail) {
      return;
    }
    let older: Backfill | undefined;
    try {
      await client.request({ verb: 'subscribe', console: this.#id, back: 0, from }, ({ start }) => {
        older = new Backfill(start, this.#ring);
        this.#older = older;
      });
      await older?.complete;
      this.#older = undefined;
    } catch {
      // The holder is gone: whoever reads hears of that in another way.
    }
  }

  #copied(data: Uint8Array, offset: number, note: boolean): void {
    this.#older?.take(data, offset, note);
    const { head } = this.#ring;
    // What is here already, when a subscription is renewed; what was overwritten in the holder is a gap for every reader.
    const fresh = offset < head ? data.subarray(Math.min(data.length, head - offset)) : data;
    if (offset > head) {
      this.#ring.restart(offset);
    }
    if (fresh.length > 0) {
      if (note) {
        this.#ring.note(fresh);
      } else {
        this.#ring.append(fresh);
      }
      this.#checkArrival();
      this.handlers.advanced();
    }
  }

  #checkArrival(): void {
    if (this.#arrived && this.#ring.head >= this.#arrived.head) {
      this.#arrived.resolve();
      this.#arrived = undefined;
    }
  }

  #left(): void {
    this.#readers--;
    if (this.#readers === 0) {
      this.#linger = this.#clock.after(LINGER, () => {
        this.#copying = undefined;
        this.#client?.request({ verb: 'unsubscribe', console: this.#id }).catch(() => undefined);
        this.#ring.restart(this.#ring.head);
      });
    }
  }

  #heard(event: HolderEvent): void {
    switch (event.event) {
      case 'started':
        this.#enqueue(() => {
          this.#wanted = undefined;
          this.#childIs(event.pid);
          this.#childStart = event.offset;
          this.handlers.started(event.pid, event.failure, event.greeted);
        });
        break;
      case 'notStarted':
        this.#enqueue(() => {
          this.#wanted = undefined;
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
