/** One console in the holder: its ring, its log, its child, and what the next server has to know. */

import type { EndRecord, HolderEvent, KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import { OutputRing } from '../model/output-ring.ts';
import { OutputStream } from '../model/output-stream.ts';
import type { ChildSpec, StopStep } from '../model/process-host.ts';
import type { Clock } from '../platform/clock.ts';
import { stampMaker } from '../platform/strftime.ts';
import { LineStamper } from './line-stamper.ts';
import { LocalHost } from './local-host.ts';
import type { LogDesk } from './log-desk.ts';
import { LogFile } from './log-file.ts';

/** Output kept for whoever attaches; and at the most, for a server that lags. Bytes. */
const RING = { keep: 64 << 10, most: 16 << 20 };
/** Lines kept of the end of a child. */
const LAST_WORDS = 40;
/** What closing a log waits for the disk. Milliseconds. */
const LOG_PATIENCE = 2000;

export class Kept {
  readonly id: number;
  readonly name: string;
  readonly ring: OutputRing;
  readonly stream: OutputStream;
  readonly host: LocalHost;
  memo = '';
  readonly #clock: Clock;
  readonly #desk: LogDesk;
  readonly #tell: (event: HolderEvent) => void;
  #log: LogFile | undefined;
  #logSpec: LogSpec | undefined;
  #pid: number | undefined;
  #startedAt: number | undefined;
  /** Where in the stream the child begins. */
  #startOffset = 0;
  #end: EndRecord | undefined;
  #stop: ChildSpec['stop'];
  #down: (() => void)[] = [];
  #closing = false;

  /** `start`: offset at which its stream begins. */
  constructor(
    { id, name, start }: { readonly id: number; readonly name: string; readonly start: number },
    desk: LogDesk,
    clock: Clock,
    tell: (event: HolderEvent) => void,
  ) {
    this.ring = new OutputRing(RING, (size) => Buffer.allocUnsafeSlow(size), start);
    this.id = id;
    this.name = name;
    this.#desk = desk;
    this.#clock = clock;
    this.#tell = tell;
    this.stream = new OutputStream(this.ring, clock.monotonic);
    this.host = new LocalHost(this.ring, undefined, 0, clock);
    this.host.handlers = {
      started: (pid, failure) => {
        this.#pid = pid;
        this.#startedAt = clock.now();
        this.#startOffset = this.ring.head;
        tell({ event: 'started', console: id, pid, offset: this.#startOffset, ...(failure ? { failure } : {}) });
        if (this.#closing) {
          this.host.kill(9);
        }
      },
      notStarted: ({ message }) => tell({ event: 'notStarted', console: id, message }),
      ended: (pid, status, maxRssKib) => {
        const startedAt = this.#startedAt ?? clock.now();
        // Until it became its program the child had our memory (vfork), and that counts: less than ours says nothing.
        const peak = maxRssKib > process.resourceUsage().maxRSS ? maxRssKib : 0;
        this.#pid = undefined;
        this.#end = {
          pid,
          status,
          startedAt,
          endedAt: clock.now(),
          maxRssKib: peak,
          lastLines: this.lastLines(LAST_WORDS, this.#startOffset),
        };
        tell({ event: 'ended', console: id, end: this.#end });
        for (const resolve of this.#down.splice(0)) {
          resolve();
        }
      },
      advanced: () => this.stream.advance(),
      drained: () => tell({ event: 'room', console: id }),
    };
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** What the server is told of it. */
  get facts(): KeptConsole {
    return {
      id: this.id,
      name: this.name,
      head: this.ring.head,
      memo: this.memo,
      ...(this.#pid === undefined ? {} : { pid: this.#pid, startedAt: this.#startedAt as number }),
      ...(this.#end === undefined ? {} : { end: this.#end }),
    };
  }

  start(spec: ChildSpec): void {
    this.#end = undefined;
    this.#stop = spec.stop;
    this.host.start(spec);
  }

  /** Names of the consoles that are to end after this one. */
  get before(): readonly string[] {
    return this.#stop?.before ?? [];
  }

  /** Stops the child by the recipe it was started with, and SIGKILL at its end; resolves when it is down and its log has all. */
  async stop(): Promise<void> {
    if (this.#pid !== undefined) {
      const down = new Promise<void>((resolve) => this.#down.push(resolve));
      this.#follow(this.#stop?.steps ?? []);
      await down;
    }
    await this.close();
  }

  write(data: Uint8Array): void {
    if (!this.host.write(data)) {
      this.#tell({ event: 'full', console: this.id });
    }
  }

  forgetEnd(): void {
    this.#end = undefined;
  }

  /** Changes to this log, or to none; the same one goes on. Throws what stands in the way: it is tried again all the same. */
  setLog(spec: LogSpec | undefined): void {
    if (JSON.stringify(spec) === JSON.stringify(this.#logSpec)) {
      return;
    }
    void this.#log?.close(LOG_PATIENCE);
    this.#logSpec = spec;
    this.#log = spec && this.#makeLog(spec);
    this.host.log = this.#log;
    this.#log?.open();
  }

  reopenLog(): void {
    this.#log?.reopen();
  }

  /** The last lines that the source said from offset `from` on, as text without line ends. */
  lastLines(count: number, from = 0): string[] {
    const text = Buffer.concat(this.stream.history(count, from)).toString('utf8');
    return text.split(/\r*\n/).filter((line, index, all) => line !== '' || index < all.length - 1);
  }

  /** Kills the child, if there is one, and lets go of everything. */
  async close(): Promise<void> {
    this.#closing = true;
    this.host.kill(9);
    await this.#log?.close(LOG_PATIENCE);
  }

  #follow([step, ...rest]: readonly StopStep[]): void {
    if (this.#pid === undefined) {
      return;
    }
    if (step === undefined) {
      this.host.kill(9);
    } else if ('wait' in step) {
      this.#clock.after(step.wait, () => this.#follow(rest));
    } else {
      if ('send' in step) {
        this.host.write(Buffer.from(step.send));
      } else {
        this.host.kill(step.signal);
      }
      this.#follow(rest);
    }
  }

  #makeLog({ path, stamp, size, age, keep, compress, sync }: LogSpec): LogFile {
    return new LogFile(
      {
        path,
        report: (message) => this.#tell({ event: 'log', console: this.id, message }),
        lost: (message) => this.#tell({ event: 'log', console: this.id, message }),
        ...(stamp ? { stamper: new LineStamper(stampMaker(stamp)) } : {}),
        rotate: { keep, compress, ...(size === undefined ? {} : { size }), ...(age === undefined ? {} : { age }) },
        ...(sync === undefined ? {} : { sync }),
      },
      this.#desk,
      this.#clock,
    );
  }
}
