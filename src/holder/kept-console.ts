/** One console in the holder: its ring, its log, its child, and what the next server has to know. */

import { closeSync } from 'node:fs';
import type { EndRecord, HolderEvent, KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import { OutputRing } from '../model/output-ring.ts';
import { OutputStream } from '../model/output-stream.ts';
import type { ChildSpec, StopStep } from '../model/process-host.ts';
import type { Resources } from '../model/resources.ts';
import { visibleLines } from '../model/visible-lines.ts';
import type { Clock } from '../platform/clock.ts';
import { native } from '../platform/native.ts';
import { startTimeOf } from '../platform/proc.ts';
import { stampMaker } from '../platform/strftime.ts';
import type { ConsoleCgroup } from './console-cgroup.ts';
import { LineStamper } from './line-stamper.ts';
import { LocalHost } from './local-host.ts';
import type { LogDesk } from './log-desk.ts';
import { LogFile } from './log-file.ts';
import type { ConsoleRecord, SavedChild, SavedConsole } from './records.ts';
import { keyOf, type TerminalStore } from './terminal-store.ts';

/** Makes what takes the output of one console to the journal. */
export type JournalOf = (console: string) => (data: Uint8Array) => void;

/** What makes a console outlive its holder, its processes countable and its output known elsewhere; each may be missing. */
export interface KeptMeans {
  readonly journal?: JournalOf;
  readonly cgroup?: ConsoleCgroup;
  /** Why there is none. */
  readonly noCgroup?: string;
  readonly record?: ConsoleRecord;
  readonly store?: TerminalStore;
}

/** What a store has kept of a child. */
export interface KeptTerminal {
  readonly fd: number;
  readonly pidfd?: number;
}

const SIGHUP = 1;
const SIGKILL = 9;
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
const BYTES_LOOKED_AT = 8192;
/** What closing a log waits for the disk. Milliseconds. */
const LOG_PATIENCE = 2000;

export class Kept {
  readonly id: number;
  readonly name: string;
  readonly ring: OutputRing;
  readonly stream: OutputStream;
  readonly host: LocalHost;
  /** Called when there is more output, after everybody with room has got it. */
  advanced: () => void = () => undefined;
  readonly #clock: Clock;
  readonly #desk: LogDesk;
  readonly #tell: (event: HolderEvent) => void;
  readonly #means: KeptMeans;
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
  #down: (() => void)[] = [];
  #closing = false;
  /** Of the child, where a store keeps its terminal. */
  #saved: (SavedChild & { readonly pidfd?: number }) | undefined;

  /** `start`: offset at which its stream begins. */
  constructor(
    { id, name, start }: { readonly id: number; readonly name: string; readonly start: number },
    desk: LogDesk,
    clock: Clock,
    tell: (event: HolderEvent) => void,
    means: KeptMeans = {},
  ) {
    this.#means = means;
    const { cgroup, record } = means;
    this.ring = new OutputRing(RING, (size) => Buffer.allocUnsafeSlow(size), start);
    this.id = id;
    this.name = name;
    this.#desk = desk;
    this.#clock = clock;
    this.#tell = tell;
    this.stream = new OutputStream(this.ring, () => clock.monotonic());
    this.host = new LocalHost(this.ring, undefined, clock, cgroup);
    this.host.handlers = {
      started: (pid, failure, greeted = false) => {
        this.#starting = false;
        this.#pid = pid;
        this.#startedAt = clock.now();
        this.#startOffset = this.ring.head;
        this.#store(pid, this.#startedAt);
        const offset = this.#startOffset;
        tell({ event: 'started', console: id, pid, offset, greeted, ...(failure ? { failure } : {}) });
        if (this.#closing) {
          this.host.kill(9);
        }
      },
      notStarted: ({ message }) => {
        this.#starting = false;
        tell({ event: 'notStarted', console: id, message });
      },
      ended: (pid, status, maxRssKib) => {
        const startedAt = this.#startedAt ?? clock.now();
        // Until it became its program the child had our memory (vfork), and that counts: less than ours says nothing.
        const peak = maxRssKib > process.resourceUsage().maxRSS ? maxRssKib : 0;
        const oomKills = cgroup?.end(this.host);
        this.#pid = undefined;
        this.#end = {
          pid,
          status,
          startedAt,
          endedAt: clock.now(),
          maxRssKib: peak,
          ...(oomKills === undefined ? {} : { oomKills }),
          lastLines: this.lastLines(LAST_WORDS, this.#startOffset),
        };
        this.#forgetChild();
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

  /** Goes on where a holder was that is dead. `terminal`: what the store has kept of its child. */
  takeOver({ memo, log, child, end }: SavedConsole, terminal: KeptTerminal | undefined): void {
    this.#memo = memo;
    this.#end = end;
    this.setLog(log);
    if (child && terminal) {
      this.#pid = child.pid;
      this.#startedAt = child.startedAt;
      this.#startOffset = child.startOffset;
      this.#stop = child.stop;
      this.#saved = { ...child, ...(terminal.pidfd === undefined ? {} : { pidfd: terminal.pidfd }) };
      this.host.note(Buffer.from(TAKEN_OVER));
      this.host.adopt(this.#saved, terminal.fd);
    } else if (child) {
      this.#lost(child);
    }
    this.#save();
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
    this.host.start(spec);
    this.#starting = true;
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
    this.#save();
  }

  /** Changes to this log, or to none; the same one goes on. What stands in the way of it is told when it is found. */
  setLog(spec: LogSpec | undefined): void {
    if (JSON.stringify(spec) === JSON.stringify(this.#logSpec)) {
      return;
    }
    void this.#log?.close(LOG_PATIENCE);
    this.#logSpec = spec;
    this.#log = spec && this.#makeLog(spec);
    this.host.log = this.#log;
    this.#save();
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
    await this.#means.cgroup?.gone();
  }

  /** First the record, then the terminal: one without the other is a child that is lost, not one that nobody knows. */
  #store(pid: number, startedAt: number): void {
    const { store } = this.#means;
    const startTime = startTimeOf(pid);
    const { terminal } = this.host;
    if (!store || startTime === undefined || terminal === undefined) {
      return;
    }
    const pidfd = pidfdOf(pid);
    const stop = this.#stop === undefined ? {} : { stop: this.#stop };
    this.#saved = { pid, startTime, startedAt, startOffset: this.#startOffset, ...stop, ...pidfd };
    this.#save();
    store.put(keyOf(this.#saved), pidfd === undefined ? [terminal] : [terminal, pidfd.pidfd]);
  }

  /** The other way round. */
  #forgetChild(): void {
    const saved = this.#saved;
    if (saved) {
      this.#saved = undefined;
      this.#means.store?.drop(keyOf(saved));
      if (saved.pidfd !== undefined) {
        closeSync(saved.pidfd);
      }
    }
    this.#save();
  }

  #save(): void {
    if (this.#closing) {
      return;
    }
    const { pidfd, ...child } = this.#saved ?? {};
    this.#means.record?.save({
      name: this.name,
      memo: this.#memo,
      ...(this.#logSpec ? { log: this.#logSpec } : {}),
      ...(this.#saved ? { child: child as SavedChild } : {}),
      ...(this.#end ? { end: this.#end } : {}),
    });
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
        lost: (message) => this.#tell({ event: 'log', console: this.id, message }),
        ...(stamp ? { stamper: new LineStamper(stampMaker(stamp)) } : {}),
        rotate: { keep, compress, ...(size === undefined ? {} : { size }), ...(age === undefined ? {} : { age }) },
        ...(sync === undefined ? {} : { sync }),
        ...(journal && this.#means.journal ? { copy: this.#means.journal(this.name) } : {}),
      },
      this.#desk,
      this.#clock,
    );
    return log;
  }
}

/** Where the kernel has such descriptors. */
function pidfdOf(pid: number): { readonly pidfd: number } | undefined {
  try {
    return { pidfd: native.openPidfd(pid) };
  } catch {
    return undefined;
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, SIGKILL);
  } catch {
    // The hang-up was enough.
  }
}
