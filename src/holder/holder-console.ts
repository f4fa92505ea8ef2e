/** One console in the holder: its ring, its log, its child, and what the next server has to know. */

import { closeSync } from 'node:fs';
import type { HolderEvent, KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import type { LineEnds } from '../model/line-ends.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';
import { OutputRing } from '../model/output-ring.ts';
import { OutputStream } from '../model/output-stream.ts';
import type { EndRecord } from '../model/process.ts';
import type { Resources } from '../model/resources.ts';
import type { ChildSpec } from '../model/runner.ts';
import { SIGHUP, SIGKILL } from '../model/signals.ts';
import { StopRun } from '../model/stop-recipe.ts';
import { visibleLines } from '../model/visible-lines.ts';
import type { OpenTerminal } from '../platform/native.ts';
import { startTimeOf } from '../platform/process/proc.ts';
import { stampMaker } from '../platform/strftime.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { ChildKernel } from '../terminal/child-kernel.ts';
import type { ConsoleCgroup } from '../terminal/console-cgroup.ts';
import { LineStamper } from '../terminal/line-stamper.ts';
import { LocalRunner } from '../terminal/local-runner.ts';
import { LogFile } from '../terminal/log-file.ts';
import type { LogWriter } from '../terminal/log-writer.ts';
import { ChildKeeper, type KeptTerminal } from './child-keeper.ts';
import type { SavedRecord } from './records.ts';
import type { SavedChild, SavedConsole } from './saved-console.ts';
import type { TerminalStore } from './terminal-store.ts';

/** Makes what takes the output of one console to the journal. */
export type JournalOf = (console: string) => (data: Uint8Array) => void;

/** What makes a console outlive its holder, its processes countable and its output known elsewhere; each may be missing. */
export interface HolderConsoleDeps {
  readonly journal?: JournalOf;
  readonly cgroup?: ConsoleCgroup;
  /** Why there is none. */
  readonly noCgroup?: string;
  readonly record?: SavedRecord;
  readonly store?: TerminalStore;
  /** Of all consoles. */
  readonly budget?: MemoryBudget;
  /** Absent: the kernel of this machine. */
  readonly kernel?: ChildKernel;
}

/** Into the stream and the log, where some output may be missing. */
const TAKEN_OVER =
  '\r\n@@@ The holder of this console died and another took over: output that it had read but not yet logged is missing here\r\n';

/** Output kept for whoever attaches; and at the most, for a server that lags. Bytes. */
const RING = { keep: 64 << 10, most: 16 << 20 };
/** Lines kept of the end of a child. */
const LAST_WORDS = 40;
/** Of a log, where nobody says otherwise: what is typed and printed there is not everybody's. */
const MODE = 0o640;
/** Where the last line of all consoles is looked for, each time that somebody asks. */
const LINES_LOOKED_AT = 5;
const BYTES_LOOKED_AT = 4096;
/** What closing a log waits for the disk. Milliseconds. */
const LOG_PATIENCE = 2000;

export class HolderConsole {
  readonly id: number;
  readonly name: string;
  readonly ring: OutputRing;
  readonly stream: OutputStream;
  readonly host: LocalRunner;
  /** Called when there is more output, after everybody with room has got it. */
  advanced: () => void = () => undefined;
  readonly #clock: Clock;
  readonly #writer: LogWriter;
  readonly #tell: (event: HolderEvent) => void;
  readonly #means: HolderConsoleDeps;
  #memo = '';
  #log: LogFile | undefined;
  #logSpec: LogSpec | undefined;
  /** Asked for, and neither there nor refused yet. */
  #starting = false;
  #pid: number | undefined;
  #startedAt: number | undefined;
  /** Where in the stream the child begins. */
  #startOffset = 0;
  #end: EndRecord | undefined;
  #stop: ChildSpec['stop'];
  readonly #stopRun: StopRun;
  #down: (() => void)[] = [];
  #closing = false;
  /** Where a store keeps terminals. */
  readonly #keeper: ChildKeeper | undefined;

  /** `start`: offset at which its stream begins. */
  constructor(
    { id, name, start }: { readonly id: number; readonly name: string; readonly start: number },
    writer: LogWriter,
    clock: Clock,
    tell: (event: HolderEvent) => void,
    means: HolderConsoleDeps = {},
  ) {
    this.#means = means;
    const { cgroup, kernel, record, store } = means;
    this.#keeper = store && new ChildKeeper({ console: name, store, clock, save: () => this.#save() });
    if (record) {
      // In its place is what the last one to have it said.
      record.head = start;
    }
    this.ring = new OutputRing(
      { ...RING, ...(means.budget ? { budget: means.budget } : {}) },
      (size) => Buffer.allocUnsafeSlow(size),
      start,
    );
    this.id = id;
    this.name = name;
    this.#writer = writer;
    this.#clock = clock;
    this.#tell = tell;
    this.stream = new OutputStream(this.ring, () => clock.monotonic());
    this.host = new LocalRunner(this.ring, undefined, clock, cgroup, kernel);
    this.#stopRun = new StopRun(this.host, clock);
    this.host.handlers = {
      started: (pid, failure, greeted = false) => {
        this.#starting = false;
        this.#pid = pid;
        this.#startedAt = clock.now();
        this.#startOffset = this.ring.head;
        const offset = this.#startOffset;
        this.#keeper?.started(pid, { startedAt: this.#startedAt, startOffset: offset });
        tell({ event: 'started', console: id, pid, offset, greeted, ...(failure ? { failure } : {}) });
        if (this.#closing) {
          this.host.kill(9);
        }
      },
      notStarted: ({ message }) => {
        this.#starting = false;
        this.#keeper?.forget();
        tell({ event: 'notStarted', console: id, message });
      },
      ended: (end) => {
        // Until it became its program the child had our memory (vfork), and that counts: less than ours says nothing.
        const maxRssKib = end.maxRssKib > process.resourceUsage().maxRSS ? end.maxRssKib : 0;
        const oomKills = cgroup?.end(this.host);
        this.#pid = undefined;
        this.#end = {
          ...end,
          maxRssKib,
          ...(oomKills === undefined ? {} : { oomKills }),
          lastLines: this.lastLines(LAST_WORDS, this.#startOffset),
        };
        this.#keeper?.forget();
        this.#stopRun.cancel();
        tell({ event: 'ended', console: id, end: this.#end });
        for (const resolve of this.#down.splice(0)) {
          resolve();
        }
      },
      advanced: () => {
        if (record) {
          record.head = this.ring.head;
        }
        this.stream.advance();
        this.advanced();
      },
      drained: () => tell({ event: 'room', console: id }),
    };
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  get memo(): string {
    return this.#memo;
  }

  set memo(memo: string) {
    this.#memo = memo;
    this.#save();
  }

  get resources(): Resources {
    return this.#means.cgroup?.figures ?? { missing: this.#means.noCgroup ?? 'there is no cgroup' };
  }

  /**
   * Goes on where a holder was that is dead. `terminal`: what the store has kept of its child; whether it is used. We may die at
   * any moment too: the record, which has all of this, is only written where it is to say something else.
   */
  takeOver(saved: SavedConsole, terminal: KeptTerminal | undefined): boolean {
    this.#memo = saved.memo;
    this.#end = saved.end;
    if (saved.log !== this.#logSpec) {
      this.#changeLog(saved.log);
    }
    const child = terminal && this.#keeper?.takeOver(saved, terminal);
    if (!child) {
      if (saved.child) {
        this.#lost(saved.child);
      }
      if (saved.child ?? saved.starting) {
        this.#save();
      }
      return false;
    }
    this.host.note(Buffer.from(TAKEN_OVER));
    // It throws where the terminal cannot be used: then there is no child.
    this.host.adopt(child, terminal.fd, child.startedAt);
    this.#pid = child.pid;
    this.#startedAt = child.startedAt;
    this.#startOffset = child.startOffset;
    this.#stop = child.stop;
    return true;
  }

  /** The same, with a terminal whose child no record knows. */
  takeUp(key: string, terminal: KeptTerminal): boolean {
    const starting = { startedAt: this.#clock.now(), startOffset: this.ring.head };
    return this.takeOver({ ...this.#saved, key, starting }, terminal);
  }

  /** Its terminal was hung up with the holder: what that has not ended is killed. */
  #lost({ pid, startTime, startedAt }: SavedChild): void {
    if (startTimeOf(pid) === startTime) {
      killGroup(pid);
    }
    const oomKills = this.#means.cgroup?.end(this.host);
    const status = { code: null, signal: SIGHUP, coreDumped: false };
    const counted = oomKills === undefined ? {} : { oomKills };
    this.#end = { pid, status, startedAt, endedAt: this.#clock.now(), maxRssKib: 0, lastLines: [], ...counted };
  }

  /** What the server is told of it. */
  get facts(): KeptConsole {
    return {
      id: this.id,
      name: this.name,
      head: this.ring.head,
      memo: this.memo,
      ...(this.#pid === undefined
        ? {}
        : { pid: this.#pid, startedAt: this.#startedAt as number, offset: this.#startOffset }),
      ...(this.#end === undefined ? {} : { end: this.#end }),
      ...(this.#log?.trouble ? { logTrouble: this.#log.trouble } : {}),
    };
  }

  /** Nothing where the start that a server asked for before it died is still under way: its outcome is told to the next one. */
  start(spec: ChildSpec): void {
    if (this.#starting || this.#pid !== undefined) {
      return;
    }
    this.#end = undefined;
    this.#stop = spec.stop;
    this.#starting = true;
    try {
      if (this.#keeper) {
        const stop = spec.stop ? { stop: spec.stop } : {};
        const start = { startedAt: this.#clock.now(), startOffset: this.ring.head, ...stop };
        const { columns = 0, rows = 0, uid = -1 } = spec;
        this.#keeper.begin(start, { columns, rows, uid }, (terminal) => this.#startOn(spec, terminal));
      } else {
        this.host.start(spec);
      }
    } catch (error) {
      this.#starting = false;
      throw error;
    }
  }

  /** Some time after it was asked for: what stands in the way is told as an event. */
  #startOn(spec: ChildSpec, terminal: OpenTerminal): void {
    try {
      if (this.#closing) {
        throw new Error('the console was let go of');
      }
      this.host.start(spec, terminal);
    } catch (error) {
      closeSync(terminal.master);
      closeSync(terminal.slave);
      this.host.handlers.notStarted(error as Error);
    }
  }

  /** Names of the consoles that are to end after this one. */
  get before(): readonly string[] {
    return this.#stop?.before ?? [];
  }

  /** Stops the child by the recipe it was started with, and SIGKILL at its end; resolves when it is down and its log has all. */
  async stop(): Promise<void> {
    if (this.#pid !== undefined) {
      const down = new Promise<void>((resolve) => this.#down.push(resolve));
      this.#stopRun.begin(this.#stop?.steps ?? []);
      await down;
    }
    await this.close();
  }

  write(data: Uint8Array, ends?: LineEnds): void {
    if (!this.host.write(data, ends)) {
      this.#tell({ event: 'full', console: this.id });
    }
  }

  forgetEnd(): void {
    this.#end = undefined;
    this.#save();
  }

  /** Changes to this log, or to none; the same one goes on. What stands in the way of it is told when it is found. */
  setLog(spec: LogSpec | undefined): void {
    if (JSON.stringify(spec) === JSON.stringify(this.#logSpec)) {
      return;
    }
    this.#changeLog(spec);
    this.#save();
  }

  #changeLog(spec: LogSpec | undefined): void {
    void this.#log?.close(LOG_PATIENCE);
    this.#logSpec = spec;
    this.#log = spec && this.#makeLog(spec);
    this.host.log = this.#log;
    this.#log?.open();
  }

  reopenLog(): void {
    this.#log?.reopen();
  }

  /** The last lines that the source said from offset `from` on, as a person sees them. */
  lastLines(count: number, from = 0): readonly string[] {
    return visibleLines(Buffer.concat(this.stream.history(count, from)).toString('utf8')).slice(-count);
  }

  /** The last of them in which there is something. */
  get lastLine(): string {
    const bytes = Buffer.concat(this.stream.history(LINES_LOOKED_AT)).subarray(-BYTES_LOOKED_AT);
    return visibleLines(bytes.toString('utf8')).findLast((line) => line.trim() !== '') ?? '';
  }

  /** Kills the child, if there is one, and lets go of everything. */
  async close(): Promise<void> {
    this.#closing = true;
    this.host.kill(9);
    this.#means.record?.remove();
    await this.#log?.close(LOG_PATIENCE);
    this.ring.restart(this.ring.head);
    await this.#means.cgroup?.gone();
  }

  get #saved(): SavedConsole {
    return {
      name: this.name,
      memo: this.#memo,
      ...(this.#logSpec ? { log: this.#logSpec } : {}),
      ...this.#keeper?.saved,
      ...(this.#end ? { end: this.#end } : {}),
    };
  }

  #save(): void {
    if (!this.#closing) {
      this.#means.record?.save(this.#saved);
    }
  }

  #makeLog({ path, stamp, size, age, keep, compress, sync, journal, ...access }: LogSpec): LogFile {
    const log: LogFile = new LogFile(
      {
        ...{ path, exact: true, mode: MODE, ...access },
        // What becomes of a log that another has replaced says nothing of that one.
        report: (message, trouble) =>
          this.#tell({
            ...{ event: 'log', console: this.id, message },
            ...(this.#log === log ? { trouble: trouble ?? null } : {}),
          }),
        budget: this.#means.budget,
        lost: (message) => this.#tell({ event: 'log', console: this.id, message }),
        ...(stamp ? { stamper: new LineStamper(stampMaker(stamp)) } : {}),
        rotate: { keep, compress, ...(size === undefined ? {} : { size }), ...(age === undefined ? {} : { age }) },
        ...(sync === undefined ? {} : { sync }),
        ...(journal && this.#means.journal ? { copy: this.#means.journal(this.name) } : {}),
      },
      this.#writer,
      this.#clock,
    );
    return log;
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, SIGKILL);
  } catch {
    // The hang-up was enough.
  }
}
