/**
 * A console in this process: its child, its output and readers, its log, and its stop. The holder has one for each of
 * its consoles, procServ has one.
 */
import type { Backend, Descriptors } from '../model/backend.ts';
import type { LogSpec, LogTrouble } from '../model/holder-protocol.ts';
import type { LineEnds } from '../model/line-ends.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';
import { OutputRing } from '../model/output-ring.ts';
import { OutputStream } from '../model/output-stream.ts';
import type { EndRecord } from '../model/process.ts';
import type { Resources } from '../model/resources.ts';
import type { ChildSpec, RunnerHandlers } from '../model/runner.ts';
import { SIGKILL } from '../model/signals.ts';
import { StopRun } from '../model/stop-recipe.ts';
import { visibleLines } from '../model/visible-lines.ts';
import type { OpenTerminal } from '../platform/native.ts';
import { stampMaker } from '../platform/strftime.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { ChildKernel } from './child-kernel.ts';
import type { ConsoleCgroup } from './console-cgroup.ts';
import type { Foreign } from './foreign-end.ts';
import { LineStamper } from './line-stamper.ts';
import { LineStamps } from './line-stamps.ts';
import { LocalRunner, NOBODY } from './local-runner.ts';
import { LogAside } from './log-aside.ts';
import { LogFile } from './log-file.ts';
import type { LogWriter } from './log-writer.ts';

/** Maximum of output kept for lagging readers. */
const MAX_RING_BYTES = 16 << 20;
/** Lines kept of the end of a child. */
const LAST_WORDS = 40;
/** The output in which they are searched: not all of an unread flood without line ends. */
const LAST_WORDS_BYTES = 64 << 10;
/** Default mode of a log: its input and output are not public. */
const LOG_MODE = 0o640;
/** The output in which the last line is searched. */
const LAST_LINE_LINES = 5;
const LAST_LINE_BYTES = 4096;
/** A line that is its own picture: most are, and reading one as a terminal does costs ten times as much. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they make it another kind of line
const PLAIN_LINE = /^([^\x00-\x08\x0a-\x1f\x7f-\x9f]*)(?:\r{0,2}\n)?$/;
/** The time that closing a log waits for the disk. */
const LOG_CLOSE_MS = 2000;

/** The dependencies of logs that specifications describe. */
export interface LogParts {
  readonly writer: LogWriter;
  /** Changes of the log. `trouble`: its problem from now on, null if none; absent: unchanged. */
  readonly tell: (message: string, trouble?: LogTrouble | null) => void;
  /** Writes its output to the journal, if the specification says so. */
  readonly journal?: () => (data: Uint8Array) => void;
}

export interface LocalBackendParts {
  readonly clock: Clock;
  /** Output kept with or without readers. */
  readonly keepBytes: number;
  /** Offset at which the stream begins; absent: 0. */
  readonly start?: number;
  /** Of all consoles: memory for lagging readers beyond `keepBytes`. */
  readonly budget?: MemoryBudget;
  /** The dependencies of `setLog`. */
  readonly logs?: LogParts;
  /** A log that is managed elsewhere. */
  readonly log?: LogFile;
  readonly cgroup?: ConsoleCgroup;
  /** Why there is none. */
  readonly noCgroup?: string;
  /** Absent: that of this machine. */
  readonly kernel?: ChildKernel;
  /** Called when it is closed. */
  readonly gone?: () => void;
}

/** A child of an earlier process. */
export interface AdoptedChild extends Foreign {
  /** Wall time, milliseconds. */
  readonly startedAt: number;
  readonly startOffset: number;
  readonly stop?: ChildSpec['stop'];
  readonly stripHigh?: boolean;
}

export class LocalBackend implements Backend {
  handlers: RunnerHandlers = NOBODY;
  readonly stream: OutputStream;
  /** The memo for the next server. */
  memo = '';
  /** The last end, until it is handled. */
  end: EndRecord | undefined;
  readonly #parts: LocalBackendParts;
  readonly #runner: LocalRunner;
  readonly #stopRun: StopRun;
  #log: LogFile | undefined;
  #aside: LogAside | undefined;
  #logSpec: LogSpec | undefined;
  #pid: number | undefined;
  #startedAt: number | undefined;
  #childStart = 0;
  #stop: ChildSpec['stop'];
  #down: (() => void)[] = [];
  #closed = false;
  /** The last line, and the end of the output that it was found in. */
  #line = { head: 0, text: '' };

  constructor(parts: LocalBackendParts) {
    const { budget, cgroup, clock, keepBytes, kernel, log, start } = parts;
    this.#parts = parts;
    const limits = { keep: keepBytes, most: MAX_RING_BYTES, ...(budget ? { budget } : {}) };
    const ring = new OutputRing(limits, (size) => Buffer.allocUnsafeSlow(size), start);
    this.stream = new OutputStream(ring, () => clock.monotonic());
    this.#log = log;
    this.#runner = new LocalRunner(ring, log, clock, cgroup, kernel);
    this.#stopRun = new StopRun(this.#runner, clock);
    this.#runner.handlers = {
      started: (pid, failure, greeted) => {
        this.#pid = pid;
        this.#startedAt = clock.now();
        this.#childStart = ring.head;
        this.handlers.started(pid, failure, greeted);
        if (this.#closed) {
          this.kill(SIGKILL);
        }
      },
      notStarted: (error) => this.handlers.notStarted(error),
      ended: (end) => this.#ended(end),
      advanced: () => this.handlers.advanced(),
      drained: () => this.handlers.drained(),
    };
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** Wall time of the start of that child, milliseconds. */
  get startedAt(): number | undefined {
    return this.#pid === undefined ? undefined : this.#startedAt;
  }

  get childStart(): number {
    return this.#childStart;
  }

  /** The recipe by which the last supervisor of that child stops it. */
  get stopRecipe(): ChildSpec['stop'] {
    return this.#stop;
  }

  /** Its child is never older than the server that supervises it: there is nothing to report. */
  listen(): void {
    // The handlers get everything from the beginning.
  }

  /**
   * Throws if the request is invalid. `terminal`: one that was opened for it; it is closed whatever the result of the
   * start.
   */
  start(spec: ChildSpec, terminal?: OpenTerminal): void {
    this.end = undefined;
    this.#stop = spec.stop;
    this.#runner.start(spec, terminal);
  }

  /**
   * Continues with the child of an earlier process, on the master side of its terminal; throws if that cannot be used.
   */
  adopt(child: AdoptedChild, terminal: number): void {
    this.#runner.adopt(child, terminal, child.startedAt, child.stripHigh);
    this.#pid = child.pid;
    this.#startedAt = child.startedAt;
    this.#childStart = child.startOffset;
    this.#stop = child.stop;
  }

  write(bytes: Uint8Array, ends?: LineEnds): boolean {
    return this.#runner.write(bytes, ends);
  }

  kill(signal: number): boolean {
    return this.#runner.kill(signal);
  }

  resize(columns: number, rows: number): void {
    this.#runner.resize(columns, rows);
  }

  /** Lets the child wait until `resume`. */
  pause(): void {
    this.#runner.pause();
  }

  resume(): void {
    this.#runner.resume();
  }

  note(bytes: Uint8Array): void {
    this.#runner.note(bytes);
  }

  mark(bytes: Uint8Array): void {
    this.#runner.mark(bytes);
  }

  setLogging(on: boolean): boolean {
    this.#runner.logging = on;
    return true;
  }

  setFlow(on: boolean): boolean {
    return this.#runner.setFlow(on);
  }

  get logging(): boolean {
    return this.#runner.logging;
  }

  /** There is always room: the output is in the ring and the log when this returns. */
  feed(bytes: Uint8Array): boolean {
    this.#runner.feed(bytes);
    return true;
  }

  /** The output is here anyway. */
  async read(): Promise<() => void> {
    return () => undefined;
  }

  remember(memo: string): void {
    this.memo = memo;
  }

  forgetEnd(): void {
    this.end = undefined;
  }

  async lastLine(): Promise<string> {
    return this.lineNow;
  }

  /** The last line that is not empty. */
  get lineNow(): string {
    const { head } = this.stream.ring;
    if (head !== this.#line.head) {
      const [, plain = ''] = PLAIN_LINE.exec(this.#past(1, LAST_LINE_BYTES)) ?? [];
      this.#line = { head, text: plain.trim() === '' ? this.#visibleLine() : plain };
    }
    return this.#line.text;
  }

  #visibleLine(): string {
    const lines = visibleLines(this.#past(LAST_LINE_LINES, LAST_LINE_BYTES));
    return lines.findLast((line) => line.trim() !== '') ?? '';
  }

  /** The last lines of the source from offset `from` on, as a person sees them. */
  lastLines(count: number, from = 0): readonly string[] {
    return visibleLines(this.#past(count, LAST_WORDS_BYTES, from)).slice(-count);
  }

  #past(lines: number, bytes: number, from = 0): string {
    return Buffer.concat(this.stream.history(lines, from, bytes)).toString('utf8');
  }

  async resources(): Promise<Resources> {
    return this.resourcesNow;
  }

  get resourcesNow(): Resources {
    const { cgroup, noCgroup = 'there is no cgroup' } = this.#parts;
    return cgroup?.figures ?? { missing: noCgroup };
  }

  get descriptors(): Descriptors {
    return { source: this.#runner.terminal ?? -1, log: this.#log?.fd ?? -1 };
  }

  get logState(): LogTrouble | undefined {
    return this.#log?.trouble;
  }

  /** Why its log cannot be opened; waits for the attempt as long as readers wait for the log. */
  get logProblem(): Error | undefined {
    this.#log?.settle();
    return this.#log?.problem;
  }

  get logSpec(): LogSpec | undefined {
    return this.#logSpec;
  }

  /** Changes to this log, or to none; the same one goes on. Obstacles are reported when found. */
  async setLog(spec: LogSpec | undefined): Promise<void> {
    this.changeLog(spec);
  }

  /** Like `setLog`, at once; returns whether it is another one. */
  changeLog(spec: LogSpec | undefined): boolean {
    if (JSON.stringify(spec) === JSON.stringify(this.#logSpec)) {
      return false;
    }
    void this.#log?.close(LOG_CLOSE_MS);
    this.#aside?.close();
    this.#logSpec = spec;
    const log = spec && this.#makeLog(spec);
    this.#log = log;
    this.#aside = log && spec.asideAt !== undefined ? new LogAside(log, spec.asideAt, this.#parts.clock) : undefined;
    this.#runner.log = log;
    log?.open();
    return true;
  }

  reopenLog(): void {
    this.#log?.reopen();
  }

  /** Stops the child by the recipe it was started with, and SIGKILL at its end; resolves when it is down. */
  async stop(): Promise<void> {
    if (this.#pid !== undefined) {
      const down = new Promise<void>((resolve) => this.#down.push(resolve));
      this.#stopRun.begin(this.#stop?.steps ?? []);
      await down;
    }
  }

  /** Kills the child, if there is one, and releases everything; resolves when the log is complete. */
  async close(): Promise<void> {
    this.#closed = true;
    this.kill(SIGKILL);
    this.#aside?.close();
    await this.#log?.close(LOG_CLOSE_MS);
    const { ring } = this.stream;
    ring.restart(ring.head);
    await this.#parts.cgroup?.gone();
    this.#parts.gone?.();
  }

  /** Facts about the end of a child that an earlier process could not report. */
  endUnseen({ pid, startedAt }: { readonly pid: number; readonly startedAt: number }, signal: number): void {
    const status = { code: null, signal, coreDumped: false };
    const endedAt = this.#parts.clock.now();
    this.end = { pid, status, startedAt, endedAt, maxRssKib: 0, lastLines: [], ...this.#oomKills() };
  }

  #ended(end: EndRecord): void {
    // Before exec the child had our memory (vfork), which counts: a peak below ours says nothing.
    const maxRssKib = end.maxRssKib > process.resourceUsage().maxRSS ? end.maxRssKib : 0;
    const lastLines = this.lastLines(LAST_WORDS, this.#childStart);
    this.#pid = undefined;
    this.end = { ...end, maxRssKib, ...this.#oomKills(), lastLines };
    this.#stopRun.cancel();
    this.handlers.ended(this.end);
    for (const resolve of this.#down.splice(0)) {
      resolve();
    }
  }

  #oomKills(): Pick<EndRecord, 'oomKills'> {
    const oomKills = this.#parts.cgroup?.end(this.#runner);
    return oomKills === undefined ? {} : { oomKills };
  }

  #makeLog({
    path,
    stamp,
    stampEvery,
    size,
    age,
    keep,
    compress,
    sync,
    journal,
    shared,
    asideAt,
    ...access
  }: LogSpec): LogFile {
    const { budget, clock, logs } = this.#parts;
    if (!logs) {
      throw new Error(`nobody writes logs here: ${path}`);
    }
    const log: LogFile = new LogFile(
      {
        ...{ path, exact: !shared, anybodys: shared === true, mode: LOG_MODE, ...access, budget },
        // The state of a replaced log says nothing about its replacement.
        report: (message, trouble) => (this.#log === log ? logs.tell(message, trouble ?? null) : logs.tell(message)),
        lost: (message) => logs.tell(message),
        ...(stamp ? { stamper: new LineStamper(stampMaker(stamp)) } : {}),
        ...(stampEvery === undefined ? {} : { outputStamper: new LineStamps(stampEvery) }),
        rotate: { keep, compress, ...(size === undefined ? {} : { size }), ...(age === undefined ? {} : { age }) },
        ...(sync === undefined ? {} : { sync }),
        ...(journal && logs.journal ? { copy: logs.journal() } : {}),
      },
      logs.writer,
      clock,
    );
    return log;
  }
}
