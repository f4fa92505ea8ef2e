/** A child in a terminal of its own, from its start until it is gone and its last byte is read. */

import type { ChildEnd, NativePty, SpawnRequest, SpawnResult } from '../platform/native.ts';
import { INHERITED_LIMITS } from '../platform/process/inherited-limits.ts';
import { startTimeOf } from '../platform/process/proc.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { type ChildKernel, childKernel } from './child-kernel.ts';
import { awaitForeignEnd, type Foreign } from './foreign-end.ts';

export interface ChildHandlers {
  /** Output, valid until the handler returns. */
  readonly output: (bytes: Uint8Array) => void;
  /** There is room for input again after `write` said no. */
  readonly drain: () => void;
  /** The child is gone and nothing of its output is missing. Last call. */
  readonly ended: (end: ChildEnd) => void;
}

/** Waiting input above this makes `write` say no. Bytes. */
const INPUT_HIGH_WATER = 65536;

/**
 * How long after the child's end its terminal may stay silent and yet open before it is closed. The kernel hangs up the
 * terminal when its session leader ends, so this is only a safety net.
 */
const DRAIN_TIMEOUT_MS = 1000;

/** How often a terminal that a living child has closed is checked: the child may open /dev/tty again, and the kernel tells nobody. */
const REVIVAL_INTERVAL_MS = 250;

const running = new Map<number, Child>();

export class Child {
  readonly pid: number;
  readonly #pty: NativePty;
  readonly #kernel: ChildKernel;
  readonly #clock: Clock;
  readonly #handlers: ChildHandlers;
  readonly #input: Uint8Array[] = [];
  #waiting = 0;
  #end: ChildEnd | undefined;
  #eof = false;
  /** Runs while the child is gone and its terminal is still open. */
  #draining: Timer | undefined;
  /** Runs while the terminal is closed and the child lives. */
  #revival: Timer | undefined;

  private constructor({ pid, fd }: SpawnResult, clock: Clock, handlers: ChildHandlers, kernel: ChildKernel) {
    this.pid = pid;
    this.#kernel = kernel;
    this.#clock = clock;
    this.#handlers = handlers;
    this.#pty = kernel.openPty(fd, {
      data: (count) => this.#read(count),
      end: () => this.#eofSeen(),
      drain: () => this.#flush(),
    });
    running.set(pid, this);
  }

  /** Starts the child; `started` gets it with what the kernel said, or the error that left no child. */
  static start(
    request: SpawnRequest,
    clock: Clock,
    handlers: ChildHandlers,
    started: (error: (Error & { code: string }) | null, child?: Child, result?: SpawnResult) => void,
    kernel = childKernel,
  ): void {
    kernel.onChildEnd(Child.#reaped);
    kernel.spawn({ ...request, limits: [...INHERITED_LIMITS, ...(request.limits ?? [])] }, (error, result) => {
      if (result === undefined) {
        started(error);
      } else {
        started(null, new Child(result, clock, handlers, kernel), result);
      }
    });
  }

  /** Goes on with one that an earlier holder started, on the master side of its terminal. */
  static adopt(foreign: Foreign, fd: number, clock: Clock, handlers: ChildHandlers): Child {
    const { pid, startTime } = foreign;
    const child = new Child({ pid, fd }, clock, handlers, childKernel);
    awaitForeignEnd(foreign, clock, (status) => {
      const now = startTimeOf(pid);
      // It may have ended long ago, and its number be somebody else's: then there is no group of it either.
      const group = now === undefined || now === startTime;
      child.#exited({ ...status, pid, maxRssKib: 0, userMicros: 0, systemMicros: 0 }, group);
    });
    return child;
  }

  static #reaped(end: ChildEnd): void {
    const child = running.get(end.pid);
    if (child) {
      child.#exited(end);
    }
  }

  /** Sends input; false when much is waiting because the child does not read: `drain` follows. Nothing is dropped. */
  write(bytes: Uint8Array): boolean {
    if (this.#eof) {
      return true;
    }
    const taken = this.#waiting > 0 ? 0 : Math.max(0, this.#pty.write(bytes));
    if (taken < bytes.length) {
      // A copy, which slice() of a Buffer is not: its memory is the caller's.
      this.#input.push(new Uint8Array(bytes.subarray(taken)));
      this.#waiting += bytes.length - taken;
    }
    return this.#waiting < INPUT_HIGH_WATER;
  }

  /** Sends a signal to the child's process group; false if nobody is there. */
  kill(signal: number): boolean {
    return this.#kernel.killGroup(this.pid, signal);
  }

  /** Whether its terminal makes a line feed of each carriage return that is typed. */
  get mapsReturn(): boolean {
    return this.#kernel.mapsReturn(this.#pty.fd);
  }

  /** Master side of the terminal; -1 once it is closed. */
  get fd(): number {
    return this.#pty.fd;
  }

  /** Reads no more until `resume`: the child waits once the terminal is full. What a child that ended has left is read. */
  pause(): void {
    if (!this.#end) {
      this.#pty.pause();
    }
  }

  resume(): void {
    this.#pty.resume();
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
  }

  #read(count: number): void {
    if (this.#end) {
      this.#drain(this.#end);
    }
    this.#handlers.output(this.#kernel.scratch.subarray(0, count));
  }

  #flush(): void {
    const before = this.#waiting;
    while (this.#input.length > 0) {
      const next = this.#input[0] as Uint8Array;
      const taken = this.#pty.write(next);
      if (taken < 0) {
        this.#input.length = 0;
        this.#waiting = 0;
        break;
      }
      this.#waiting -= taken;
      if (taken < next.length) {
        this.#input[0] = next.subarray(taken);
        break;
      }
      this.#input.shift();
    }
    if (before >= INPUT_HIGH_WATER && this.#waiting < INPUT_HIGH_WATER) {
      this.#handlers.drain();
    }
  }

  #exited(end: ChildEnd, group = true): void {
    this.#end = end;
    this.#pty.resume();
    // What the child left in its group goes with it (spec/procserv.md 9.2): a helper that lives on would keep ports and files busy.
    if (group) {
      this.kill(9);
    }
    this.#revive();
    if (this.#eof) {
      this.#finish(end);
    } else {
      this.#drain(end);
    }
  }

  /** Waits for the terminal to be closed, from its last output on. */
  #drain(end: ChildEnd): void {
    this.#draining?.cancel();
    this.#draining = this.#clock.after(DRAIN_TIMEOUT_MS, () => this.#finish(end));
  }

  #eofSeen(): void {
    this.#eof = true;
    if (this.#end) {
      this.#finish(this.#end);
    } else {
      this.#awaitRevival();
    }
  }

  #awaitRevival(): void {
    this.#revival = this.#clock.after(REVIVAL_INTERVAL_MS, () => {
      this.#revive();
      if (this.#eof) {
        this.#awaitRevival();
      }
    });
  }

  #revive(): void {
    if (this.#eof && this.#pty.revive()) {
      this.#eof = false;
      this.#revival?.cancel();
      // What waited for room would wait forever: the kernel announces room only to those who have asked since.
      this.#flush();
    }
  }

  #finish(end: ChildEnd): void {
    this.#draining?.cancel();
    this.#revival?.cancel();
    this.#pty.close();
    // Its number may have been given to the next one since it was reaped.
    if (running.get(this.pid) === this) {
      running.delete(this.pid);
    }
    this.#handlers.ended(end);
  }
}
