/** A child in its own terminal, from its start until it is gone and its last byte is read. */

import type { ChildEnd, NativePty, SpawnRequest, SpawnResult } from '../platform/native.ts';
import { INHERITED_LIMITS } from '../platform/process/inherited-limits.ts';
import { startTimeOf } from '../platform/process/proc.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { type ChildKernel, childKernel } from './child-kernel.ts';
import { awaitForeignEnd, type Foreign } from './foreign-end.ts';

export interface ChildHandlers {
  /** Output, valid until the handler returns. */
  readonly output: (bytes: Uint8Array) => void;
  /** There is room for input again after `write` returned false. */
  readonly drain: () => void;
  /** The child is gone and nothing of its output is missing. Last call. */
  readonly ended: (end: ChildEnd) => void;
}

/** Waiting input above this many bytes makes `write` return false. */
const INPUT_HIGH_WATER_BYTES = 65536;

/**
 * How long after the child's end its terminal may stay silent and yet open before it is closed. The kernel hangs up the
 * terminal when its session leader ends, so this is only a safety net.
 */
const DRAIN_TIMEOUT_MS = 1000;

/**
 * How often a terminal that a living child has closed is checked: the child may open /dev/tty again, which the kernel
 * does not report.
 */
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

  /** Starts the child; `started` gets it with the kernel's answer, or the error if there is no child. */
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

  /** Continues with one that an earlier holder started, on the master side of its terminal. */
  static adopt(foreign: Foreign, fd: number, clock: Clock, handlers: ChildHandlers): Child {
    const { pid, startTime } = foreign;
    const child = new Child({ pid, fd }, clock, handlers, childKernel);
    awaitForeignEnd(foreign, clock, (status) => {
      const now = startTimeOf(pid);
      // It may have ended long ago, and its pid may have been reused: then its group is gone too.
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

  /** Sends input; false if much is waiting because the child does not read: `drain` follows. Nothing is dropped. */
  write(bytes: Uint8Array): boolean {
    if (this.#eof) {
      return true;
    }
    const taken = this.#waiting > 0 ? 0 : Math.max(0, this.#pty.write(bytes));
    if (taken < bytes.length) {
      // A copy, which slice() of a Buffer is not: the memory belongs to the caller.
      this.#input.push(new Uint8Array(bytes.subarray(taken)));
      this.#waiting += bytes.length - taken;
    }
    return this.#waiting < INPUT_HIGH_WATER_BYTES;
  }

  /** Sends a signal to the child's process group; false if it has no process. */
  kill(signal: number): boolean {
    return this.#kernel.killGroup(this.pid, signal);
  }

  /** Whether its terminal turns each typed carriage return into a line feed. */
  get mapsReturn(): boolean {
    return this.#kernel.mapsReturn(this.#pty.fd);
  }

  /** Master side of the terminal; -1 once it is closed. */
  get fd(): number {
    return this.#pty.fd;
  }

  /**
   * Stops reading until `resume`: the child waits once the terminal is full. The remaining output of a child that ended
   * is read.
   */
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
    if (before >= INPUT_HIGH_WATER_BYTES && this.#waiting < INPUT_HIGH_WATER_BYTES) {
      this.#handlers.drain();
    }
  }

  #exited(end: ChildEnd, group = true): void {
    this.#end = end;
    this.#pty.resume();
    // The rest of the child's group ends with it (spec/procserv.md 9.2): a surviving helper would keep ports and files
    // busy.
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
      // Input that waits for room would wait forever: the kernel announces room only to later requests.
      this.#flush();
    }
  }

  #finish(end: ChildEnd): void {
    this.#draining?.cancel();
    this.#revival?.cancel();
    this.#pty.close();
    // Its pid may have been reused since it was reaped.
    if (running.get(this.pid) === this) {
      running.delete(this.pid);
    }
    this.#handlers.ended(end);
  }
}
