/** One console in the holder: a console of this process, its messages to the server, and the means to outlive us. */

import { closeSync } from 'node:fs';
import type { HolderEvent, KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import type { LineEnds } from '../model/line-ends.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';
import type { OutputRing } from '../model/output-ring.ts';
import type { OutputStream } from '../model/output-stream.ts';
import type { Resources } from '../model/resources.ts';
import type { ChildSpec } from '../model/runner.ts';
import { SIGHUP, SIGKILL } from '../model/signals.ts';
import type { OpenTerminal } from '../platform/native.ts';
import { startTimeOf } from '../platform/process/proc.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { ChildKernel } from '../terminal/child-kernel.ts';
import type { ConsoleCgroup } from '../terminal/console-cgroup.ts';
import { LocalBackend } from '../terminal/local-backend.ts';
import type { LogWriter } from '../terminal/log-writer.ts';
import { ChildKeeper, type KeptTerminal } from './child-keeper.ts';
import type { SavedRecord } from './records.ts';
import type { SavedChild, SavedConsole } from './saved-console.ts';
import type { TerminalStore } from './terminal-store.ts';

/** Creates the writer of one console's output to the journal. */
export type JournalOf = (console: string) => (data: Uint8Array) => void;

/**
 * The means by which a console outlives its holder, its processes are counted and its output reaches the journal; each
 * may be missing.
 */
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
  /** There is more output. */
  readonly printed?: (console: HolderConsole) => void;
}

/** Into the stream and the log, if some output may be missing. */
const TAKEN_OVER =
  '\r\n@@@ The holder of this console died and another took over: output that it had read but not yet logged is missing here\r\n';

/** Output kept for clients that attach. */
const KEEP_BYTES = 64 << 10;

/** The time that a stop waits for a start that is under way. */
const START_TIMEOUT_MS = 5000;

export class HolderConsole {
  readonly id: number;
  readonly name: string;
  readonly backend: LocalBackend;
  /** Called when there is more output, after all readers with room have got it. */
  advanced: () => void = () => undefined;
  readonly #clock: Clock;
  readonly #tell: (event: HolderEvent) => void;
  readonly #record: SavedRecord | undefined;
  /** If a store keeps terminals. */
  readonly #keeper: ChildKeeper | undefined;
  /** The start under way: resolves when the child is there, or was refused. */
  #starting: PromiseWithResolvers<void> | undefined;
  #closing = false;

  /** `start`: offset at which its stream begins. */
  constructor(
    { id, name, start }: { readonly id: number; readonly name: string; readonly start: number },
    writer: LogWriter,
    clock: Clock,
    tell: (event: HolderEvent) => void,
    { journal, printed = () => undefined, record, store, ...means }: HolderConsoleDeps = {},
  ) {
    this.id = id;
    this.name = name;
    this.#clock = clock;
    this.#tell = tell;
    this.#record = record;
    this.#keeper = store && new ChildKeeper({ console: name, store, clock, save: () => this.#save() });
    if (record) {
      // Its slot contains the offset of the previous owner.
      record.head = start;
    }
    this.backend = new LocalBackend({
      ...{ ...means, clock, start, keepBytes: KEEP_BYTES },
      logs: {
        writer,
        tell: (message, trouble) =>
          tell({ event: 'log', console: id, message, ...(trouble === undefined ? {} : { trouble }) }),
        ...(journal ? { journal: () => journal(name) } : {}),
      },
    });
    this.backend.handlers = {
      started: (pid, failure, greeted = false) => {
        this.#startIsOver();
        const { childStart: offset, startedAt = clock.now() } = this.backend;
        this.#keeper?.started(pid, { startedAt, startOffset: offset });
        tell({ event: 'started', console: id, pid, offset, greeted, ...(failure ? { failure } : {}) });
      },
      notStarted: ({ message }) => {
        this.#startIsOver();
        this.#keeper?.forget();
        tell({ event: 'notStarted', console: id, message });
      },
      ended: (end) => {
        this.#keeper?.forget();
        tell({ event: 'ended', console: id, end });
      },
      advanced: () => {
        if (record) {
          record.head = this.ring.head;
        }
        this.stream.advance();
        this.advanced();
        printed(this);
      },
      drained: () => tell({ event: 'room', console: id }),
    };
  }

  get stream(): OutputStream {
    return this.backend.stream;
  }

  get ring(): OutputRing {
    return this.backend.stream.ring;
  }

  get pid(): number | undefined {
    return this.backend.pid;
  }

  /** Whether there is a child, or one is being started. */
  get hasChild(): boolean {
    return this.#starting !== undefined || this.pid !== undefined;
  }

  get memo(): string {
    return this.backend.memo;
  }

  set memo(memo: string) {
    this.backend.remember(memo);
    this.#save();
  }

  get resources(): Resources {
    return this.backend.resourcesNow;
  }

  /**
   * Continues from a dead holder. `terminal`: the descriptors of its child from the store; returns whether they are
   * used. We may die at any moment too: the record, which contains all of this, is only written if it changes.
   */
  takeOver(saved: SavedConsole, terminal: KeptTerminal | undefined): boolean {
    const { backend } = this;
    backend.memo = saved.memo;
    backend.end = saved.end;
    backend.changeLog(saved.log);
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
    backend.note(Buffer.from(TAKEN_OVER));
    // It throws if the terminal cannot be used: then there is no child.
    backend.adopt(child, terminal.fd);
    return true;
  }

  /** The same, with a terminal whose child has no record. */
  takeUp(key: string, terminal: KeptTerminal): boolean {
    const starting = { startedAt: this.#clock.now(), startOffset: this.ring.head };
    return this.takeOver({ ...this.#saved, key, starting }, terminal);
  }

  /** Its terminal was hung up with the holder: processes that survived are killed. */
  #lost(child: SavedChild): void {
    if (startTimeOf(child.pid) === child.startTime) {
      killGroup(child.pid);
    }
    this.backend.endUnseen(child, SIGHUP);
  }

  /** The description of it for the server. */
  get facts(): KeptConsole {
    const { childStart: offset, end, logging, logState: logTrouble, memo, pid, startedAt = 0 } = this.backend;
    return {
      ...{ id: this.id, name: this.name, head: this.ring.head, memo },
      ...(pid === undefined ? {} : { pid, startedAt, offset }),
      ...(end ? { end } : {}),
      ...(logTrouble ? { logTrouble } : {}),
      ...(logging ? {} : { logOff: true }),
    };
  }

  /** Nothing if the start requested by a dead server is still under way: its outcome is reported to the next one. */
  start(spec: ChildSpec): void {
    if (this.hasChild) {
      return;
    }
    this.backend.end = undefined;
    this.#starting = Promise.withResolvers();
    try {
      if (this.#keeper) {
        const kept = { ...(spec.stop && { stop: spec.stop }), ...(spec.stripHigh && { stripHigh: true }) };
        const start = { startedAt: this.#clock.now(), startOffset: this.ring.head, ...kept };
        const { columns = 0, rows = 0, uid = -1 } = spec;
        this.#keeper.begin(start, { columns, rows, uid }, (terminal) => this.#startOn(spec, terminal));
      } else {
        this.backend.start(spec);
      }
    } catch (error) {
      this.#startIsOver();
      throw error;
    }
  }

  #startIsOver(): void {
    this.#starting?.resolve();
    this.#starting = undefined;
  }

  /** Some time after the request: an obstacle is reported as an event. */
  #startOn(spec: ChildSpec, terminal: OpenTerminal): void {
    try {
      if (this.#closing) {
        throw new Error('the console was released');
      }
      this.backend.start(spec, terminal);
    } catch (error) {
      closeSync(terminal.master);
      closeSync(terminal.slave);
      this.backend.handlers.notStarted(error as Error);
    }
  }

  /** Names of the consoles that must end after this one. */
  get before(): readonly string[] {
    return this.backend.stopRecipe?.before ?? [];
  }

  /**
   * Stops the child by the recipe it was started with, and SIGKILL at its end; resolves when it is down and its log is
   * complete.
   */
  async stop(): Promise<void> {
    if (this.#starting) {
      // A child that is being started is stopped like any other; a start that hangs (dead file server) does not delay
      // the end.
      const over = Promise.withResolvers<void>();
      const limit = this.#clock.after(START_TIMEOUT_MS, over.resolve);
      await Promise.race([this.#starting.promise, over.promise]).finally(() => limit.cancel());
    }
    await this.backend.stop();
    await this.close();
  }

  write(data: Uint8Array, ends?: LineEnds): void {
    if (!this.backend.write(data, ends)) {
      this.#tell({ event: 'full', console: this.id });
    }
  }

  forgetEnd(): void {
    this.backend.forgetEnd();
    this.#save();
  }

  setLog(spec: LogSpec | undefined): void {
    if (this.backend.changeLog(spec)) {
      this.#save();
    }
  }

  /** Kills the child, if there is one, and releases everything. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#record?.remove();
    await this.backend.close();
  }

  get #saved(): SavedConsole {
    const { end, logSpec: log, memo } = this.backend;
    return {
      ...{ name: this.name, memo },
      ...(log ? { log } : {}),
      ...this.#keeper?.saved,
      ...(end ? { end } : {}),
    };
  }

  #save(): void {
    if (!this.#closing) {
      this.#record?.save(this.#saved);
    }
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, SIGKILL);
  } catch {
    // The hang-up was enough.
  }
}
