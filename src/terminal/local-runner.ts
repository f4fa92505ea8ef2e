/** Runs a child in this process and keeps its output: ring, log, history. */

import { bytesOf, withoutHighBits } from '../model/byte-text.ts';
import { type LineEnds, withoutSecondHalves } from '../model/line-ends.ts';
import type { OutputRing } from '../model/output-ring.ts';
import type { ChildSpec, Runner, RunnerHandlers } from '../model/runner.ts';
import { SIGKILL } from '../model/signals.ts';
import { native, type OpenTerminal, type SpawnRequest } from '../platform/native.ts';
import type { Clock } from '../platform/time/clock.ts';
import { Child, type ChildHandlers } from './child.ts';
import { type ChildKernel, childKernel } from './child-kernel.ts';
import type { ConsoleCgroup } from './console-cgroup.ts';
import type { Foreign } from './foreign-end.ts';
import type { LogFile } from './log-file.ts';

/** Until somebody supervises. */
export const NOBODY: RunnerHandlers = {
  started: () => undefined,
  notStarted: () => undefined,
  ended: () => undefined,
  advanced: () => undefined,
  drained: () => undefined,
};

export class LocalRunner implements Runner {
  handlers: RunnerHandlers = NOBODY;
  readonly #ring: OutputRing;
  #log: LogFile | undefined;
  readonly #clock: Clock;
  readonly #cgroup: ConsoleCgroup | undefined;
  readonly #kernel: ChildKernel;
  #child: Child | undefined;
  /** Wall time of that child's start, milliseconds. */
  #startedAt = 0;
  /** Whether output goes into the log. */
  logging = true;
  /** The high bits of the child's output are cleared. */
  #stripHigh = false;

  /** `log`: readers never get ahead of it, unless the disk hangs. `cgroup`: for the child and its descendants. */
  constructor(
    ring: OutputRing,
    log: LogFile | undefined,
    clock: Clock,
    cgroup?: ConsoleCgroup | undefined,
    kernel = childKernel,
  ) {
    this.#kernel = kernel;
    this.#ring = ring;
    this.#log = log;
    this.#clock = clock;
    this.#cgroup = cgroup;
  }

  /** Another log from now on; the caller closes the old one. */
  set log(log: LogFile | undefined) {
    this.#log = log;
  }

  /**
   * `terminal`: one that was opened for it; it is closed here whatever the result of the start. Throws if the request
   * is invalid.
   */
  start(spec: ChildSpec, terminal?: OpenTerminal): void {
    const request = { ...spawnRequest(spec, this.#cgroup?.begin(this, spec.caps ?? {})), ...terminal };
    const started: Parameters<typeof Child.start>[3] = (error, child, result) => {
      if (child === undefined) {
        this.handlers.notStarted(error as Error);
        return;
      }
      this.#child = child;
      this.#stripHigh = spec.stripHigh === true;
      this.#startedAt = this.#clock.now();
      if (spec.modes) {
        this.#kernel.setModes(child.fd, spec.modes);
      }
      const { greeting } = spec;
      if (greeting !== undefined) {
        this.note(bytesOf(greeting.replaceAll('\0', String(child.pid))));
      }
      this.handlers.started(child.pid, result?.failure, greeting !== undefined);
    };
    Child.start(request, this.#clock, this.#hears, started, this.#kernel);
  }

  /** Continues with a child that an earlier holder started, at this wall time in milliseconds. */
  adopt(foreign: Foreign, terminal: number, startedAt: number, stripHigh = false): void {
    this.#stripHigh = stripHigh;
    this.#startedAt = startedAt;
    this.#cgroup?.adopt(this);
    this.#child = Child.adopt(foreign, terminal, this.#clock, this.#hears);
  }

  /** Master side of the child's terminal. */
  get terminal(): number | undefined {
    return this.#child?.fd;
  }

  write(bytes: Uint8Array, ends: LineEnds = 'bytes'): boolean {
    const child = this.#child;
    if (!child) {
      return true;
    }
    return child.write(ends !== 'bytes' && child.mapsReturn ? withoutSecondHalves(bytes, ends) : bytes);
  }

  /** SIGKILL ends all descendants of the child if it has a cgroup; otherwise its process group. */
  kill(signal: number): boolean {
    if (signal === SIGKILL && this.#child) {
      this.#cgroup?.kill(this);
    }
    return this.#child?.kill(signal) ?? false;
  }

  /** Lets the child wait until `resume`. */
  pause(): void {
    this.#child?.pause();
  }

  resume(): void {
    this.#child?.resume();
  }

  resize(columns: number, rows: number): void {
    this.#child?.resize(columns, rows);
  }

  /** Switches XON/XOFF of the child's terminal; false without a child. */
  setFlow(on: boolean): boolean {
    if (this.#child) {
      this.#kernel.setModes(this.#child.fd, { ixon: on });
    }
    return this.#child !== undefined;
  }

  note(bytes: Uint8Array): void {
    this.#take(bytes, true);
  }

  /** Goes into the log only. */
  mark(bytes: Uint8Array): void {
    this.#log?.mark(bytes, this.#clock.now());
    this.#log?.settle();
  }

  /** Output of a source that is not a child. */
  feed(bytes: Uint8Array): void {
    this.#take(bytes, false);
  }

  get #hears(): ChildHandlers {
    return {
      output: (bytes) => this.#take(this.#stripHigh ? withoutHighBits(bytes) : bytes, false),
      drain: () => this.handlers.drained(),
      ended: ({ pid, code, signal, coreDumped, maxRssKib }) => {
        this.#child = undefined;
        const status = { code, signal, coreDumped };
        const times = { startedAt: this.#startedAt, endedAt: this.#clock.now() };
        this.handlers.ended({ pid, status, ...times, maxRssKib, lastLines: [] });
      },
    };
  }

  /** Output and notes take the same path, so that the log has them in the order in which readers see them. */
  #take(bytes: Uint8Array, note: boolean): void {
    let from = this.#ring.head;
    if (note) {
      this.#ring.note(bytes);
    } else {
      this.#ring.append(bytes);
    }
    if (this.#log && (note || this.logging)) {
      for (const now = this.#clock.now(); from < this.#ring.head; ) {
        const view = this.#ring.read(from);
        this.#log.append(view, now);
        from += view.length;
      }
      this.#log.settle();
    }
    this.handlers.advanced();
  }
}

function spawnRequest(
  { limits, caps, modes, stripHigh, columns = 0, rows = 0, stop, greeting, ...program }: ChildSpec,
  cgroupProcs?: string,
): SpawnRequest {
  const rest = { ...program, ...(cgroupProcs === undefined ? {} : { cgroupProcs }) };
  if (!limits) {
    return { ...rest, columns, rows };
  }
  const numbered = Object.entries(limits).map(
    ([name, { soft, hard }]) => [native.rlimit[name] as number, soft, hard] as const,
  );
  return { ...rest, columns, rows, limits: numbered };
}
