/**
 * The part of the kernel that children need, in memory: processes driven by the test, on terminals with real limits.
 * The handling of exit, end of file, signals and full terminals by `Child` is real.
 */
import { SIGKILL } from '../../src/model/signals.ts';
import type {
  ChildEnd,
  NativePty,
  PtyHandlers,
  SpawnFailure,
  SpawnRequest,
  SpawnResult,
  TerminalModes,
} from '../../src/platform/native.ts';
import type { ChildKernel } from '../../src/terminal/child-kernel.ts';

/** Above the largest pid of Linux: an operation on such a process by mistake has no target. */
const FIRST_PID = 5_000_000;
const SCRATCH_BYTES = 65536;

type Spawned = (error: (Error & { code: string }) | null, result?: SpawnResult) => void;

let lastPid = FIRST_PID;

export class FakeKernel implements ChildKernel {
  readonly scratch = new Uint8Array(SCRATCH_BYTES);
  /** All processes ever started, oldest first. */
  readonly children: FakeChild[] = [];
  /** Set with `setModes`, newest last. */
  readonly modes: TerminalModes[] = [];
  /** Starts take as long as the test wants: `finishStarts`. False: they are done one turn of the loop later. */
  slow = false;
  /** The next start finds no terminal or no process left. */
  refuseNext: string | undefined;
  /** The next child fails before exec: it ends with 255. */
  failNext: SpawnFailure | undefined;
  #starting: (() => void)[] = [];
  #reaped: (end: ChildEnd) => void = () => undefined;
  #crashed = false;

  get living(): readonly FakeChild[] {
    return this.children.filter(({ alive }) => alive);
  }

  /** The child that started last. */
  get newest(): FakeChild {
    return this.children.at(-1) as FakeChild;
  }

  get starting(): number {
    return this.#starting.length;
  }

  finishStarts(): void {
    for (const start of this.#starting.splice(0)) {
      start();
    }
  }

  /** The parent of all these dies: their terminals hang up and they end, unreported. */
  crash(): void {
    this.#crashed = true;
    this.#starting = [];
    for (const child of this.children) {
      child.forsake();
    }
  }

  setModes(_fd: number, modes: TerminalModes): void {
    this.modes.push(modes);
  }

  spawn(request: SpawnRequest, done: Spawned): void {
    const [refused, failure] = [this.refuseNext, this.failNext];
    this.refuseNext = this.failNext = undefined;
    const start = () => {
      if (this.#crashed) {
        return;
      }
      if (refused !== undefined) {
        done(Object.assign(new Error(`${refused}: no process left`), { code: refused }));
        return;
      }
      const child = new FakeChild(++lastPid, request, this.scratch, (end) => this.#reaped(end));
      this.children.push(child);
      done(null, { pid: child.pid, fd: child.pid, ...(failure ? { failure } : {}) });
      if (failure) {
        child.exit(255);
      }
    };
    if (this.slow) {
      this.#starting.push(start);
    } else {
      setImmediate(start);
    }
  }

  openPty(fd: number, handlers: PtyHandlers): NativePty {
    return (this.children.find(({ pid }) => pid === fd) as FakeChild).terminal(handlers);
  }

  onChildEnd(handler: (end: ChildEnd) => void): void {
    this.#reaped = handler;
  }

  mapsReturn(): boolean {
    return true;
  }

  killGroup(pid: number, signal: number): boolean {
    const child = this.children.find((each) => each.pid === pid);
    return child?.signal(signal) ?? false;
  }
}

/** A process on its own terminal, driven by the test. */
export class FakeChild {
  readonly pid: number;
  readonly request: SpawnRequest;
  /** The input that it has read. */
  input = '';
  /** Signals that it got, oldest first. */
  readonly signals: number[] = [];
  readonly sizes: string[] = [];
  /** Signals that do not end it; SIGKILL always does. */
  readonly ignores = new Set<number>();
  /** Bytes of input that its terminal still takes. */
  room = Number.POSITIVE_INFINITY;
  readonly #scratch: Uint8Array;
  readonly #reap: (end: ChildEnd) => void;
  #handlers: PtyHandlers | undefined;
  #alive = true;
  /** The other side of the terminal is not open. */
  #hungUp = false;
  #told = false;
  #paused = false;
  #unread: Uint8Array[] = [];
  #starved = false;

  constructor(pid: number, request: SpawnRequest, scratch: Uint8Array, reap: (end: ChildEnd) => void) {
    this.pid = pid;
    this.request = request;
    this.#scratch = scratch;
    this.#reap = reap;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Whether its terminal is still open: the end is reported when it is closed. */
  get open(): boolean {
    return this.#handlers !== undefined;
  }

  /** Whether it waits for its output to be read. */
  get waits(): boolean {
    return this.#unread.length > 0;
  }

  say(what: string | Uint8Array): void {
    const bytes = Buffer.from(what);
    for (let at = 0; at < bytes.length; at += this.#scratch.length) {
      this.#unread.push(bytes.subarray(at, at + this.#scratch.length));
    }
    this.#flush();
  }

  /** It ends; with `keepsTerminal` a descendant still has the terminal open. */
  exit(
    code: number | null = 0,
    { signal = null as number | null, keepsTerminal = false, coreDumped = false } = {},
  ): void {
    if (!this.#alive) {
      return;
    }
    this.#alive = false;
    if (!keepsTerminal) {
      this.#hungUp = true;
    }
    this.#reap({
      ...{ pid: this.pid, code: signal === null ? code : null, signal, coreDumped },
      ...{ maxRssKib: 0, userMicros: 0, systemMicros: 0 },
    });
    this.#flush();
  }

  /** The other side of its terminal is closed, whether it lives or not. */
  closeTerminal(): void {
    this.#hungUp = true;
    this.#flush();
  }

  /** It opens /dev/tty again. */
  openTerminal(): void {
    this.#hungUp = false;
  }

  /** Reads input, as much as its terminal had no room for before. */
  read(): void {
    this.room = Number.POSITIVE_INFINITY;
    if (this.#starved) {
      this.#starved = false;
      this.#handlers?.drain();
    }
  }

  /** Returns whether there was a process to get it. */
  signal(signal: number): boolean {
    if (!this.#alive) {
      return false;
    }
    this.signals.push(signal);
    if (signal === SIGKILL || !this.ignores.has(signal)) {
      this.exit(null, { signal });
    }
    return true;
  }

  /** Its parent is gone. */
  forsake(): void {
    this.#alive = false;
    this.#handlers = undefined;
  }

  terminal(handlers: PtyHandlers): NativePty {
    this.#handlers = handlers;
    const child = this;
    return {
      fd: this.pid,
      write: (data) => this.#write(data),
      pause: () => {
        this.#paused = true;
      },
      resume: () => {
        this.#paused = false;
        // The kernel is asked again in the next turn of the loop.
        setImmediate(() => this.#flush());
      },
      resize: (columns, rows) => void this.sizes.push(`${columns}x${rows}`),
      revive: () => this.#revive(),
      get readable() {
        return child.waits;
      },
      close: () => {
        this.#handlers = undefined;
      },
    };
  }

  #write(data: Uint8Array): number {
    if (this.#hungUp) {
      return -1;
    }
    const taken = Math.min(this.room, data.length);
    this.room -= taken;
    this.input += Buffer.from(data.subarray(0, taken)).toString('latin1');
    this.#starved ||= taken < data.length;
    return taken;
  }

  #revive(): boolean {
    if (this.#hungUp) {
      return false;
    }
    this.#told = false;
    return true;
  }

  /** Delivers output, and then the end of file, as long as it is read. */
  #flush(): void {
    while (!this.#paused && this.#handlers && this.#unread.length > 0) {
      const bytes = this.#unread.shift() as Uint8Array;
      this.#scratch.set(bytes);
      this.#handlers.data(bytes.length);
    }
    if (this.#hungUp && !this.#told && this.#unread.length === 0 && !this.#paused) {
      this.#told = true;
      this.#handlers?.end();
    }
  }
}
