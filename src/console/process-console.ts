/** A console whose source is a process: its stream, its child, and the supervision of that child. */

import { bytesOf } from '../model/byte-text.ts';
import type { ProcessPort } from '../model/console-port.ts';
import type { LineEnds } from '../model/line-ends.ts';
import type { OutputStream } from '../model/output-stream.ts';
import type { Principal } from '../model/principal.ts';
import { type EndRecord, type ExitStatus, isUp, type ProcessState } from '../model/process.ts';
import type { ChildSpec, Runner, StartFailure } from '../model/runner.ts';
import { StopRun, type StopStep } from '../model/stop-recipe.ts';
import type { ProcessWatcher, RestartPolicy } from '../model/supervision.ts';
import type { Clock } from '../platform/time/clock.ts';
import { Supervisor } from '../supervisor/supervisor.ts';

/** Finds out when a child is ready. */
export interface ReadyProbe {
  /**
   * Begins to look at a child that was started `age` milliseconds ago; `seen` or `late` is called once. The returned function
   * gives up.
   */
  begin(seen: () => void, late: () => void, age: number): () => void;
}

export interface ProcessConsoleParts {
  /** What to run, asked at every start; what it throws, or rejects with, is a failed start. */
  readonly child: () => ChildSpec | Promise<ChildSpec>;
  readonly policy: RestartPolicy;
  /** How the child is stopped; SIGKILL ends the recipe whatever it says. */
  readonly stop: readonly StopStep[];
  readonly host: Runner;
  readonly stream: OutputStream;
  readonly clock: Clock;
}

export class ProcessConsole implements ProcessPort {
  stop: readonly StopStep[];
  /** Keys that are typed and never reach the child. */
  ignore: ReadonlySet<number> = new Set();
  /** What is said before the first word of a child; a NUL stands for its pid. */
  greeting: (() => string) | undefined;
  readonly stream: OutputStream;
  readonly supervisor: Supervisor;
  readonly #host: Runner;
  readonly #clock: Clock;
  readonly #watchers = new Set<ProcessWatcher>();
  #pid: number | undefined;
  #startedAt: number | undefined;
  #lastEnd: ExitStatus | undefined;
  /** A signal that came before the pid was known. */
  #pendingSignal: number | undefined;
  /** What to run is being looked up; absent: nobody waits for that. */
  #preparing: Promise<ChildSpec> | undefined;
  #full = false;
  readonly #waiting = new Set<() => void>();
  readonly #stopRun: StopRun;
  #probe: ReadyProbe | undefined;
  #stopProbing: (() => void) | undefined;
  #down: (() => void)[] = [];
  /** There is output that readers have not been offered yet. */
  #advanced = false;

  constructor({ child, policy, stop, host, stream, clock }: ProcessConsoleParts) {
    this.stop = stop;
    this.stream = stream;
    this.#host = host;
    this.#clock = clock;
    this.#stopRun = new StopRun(host, clock);
    const launcher = { launch: () => this.#launch(child), halt: () => this.#halt() };
    this.supervisor = new Supervisor(policy, launcher, clock, (transition) => {
      this.#tell(({ changed, redirected }) =>
        transition.from === transition.to ? redirected?.() : changed?.(transition),
      );
    });
    host.handlers = {
      started: (pid, failure, greeted = false) => this.#started(pid, failure, greeted),
      notStarted: (error) => this.#notStarted(error),
      ended: (end) => this.#ended(end),
      advanced: () => this.#offerSoon(),
      drained: () => this.#drained(),
    };
  }

  get state(): ProcessState {
    return this.supervisor.state;
  }

  /** Of the child that is there. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Wall time of the last start, milliseconds. */
  get startedAt(): number | undefined {
    return this.#startedAt;
  }

  get lastEnd(): ExitStatus | undefined {
    return this.#lastEnd;
  }

  /** Undefined: a child that runs is all there is to know. One that is not ready yet is looked at with the new probe. */
  set probe(probe: ReadyProbe | undefined) {
    this.#probe = probe;
    if (this.state === 'starting' && this.#pid !== undefined) {
      this.#lookAtChild();
    }
  }

  watch(watcher: ProcessWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Says something into the stream: to the log, and to everybody who reads. */
  say(text: string): void {
    this.#host.note(bytesOf(text));
  }

  /** Input to the child (`Runner.write`). Nothing is dropped; see `full`. */
  write(bytes: Uint8Array, ends?: LineEnds): void {
    this.#full = !this.#host.write(bytes, ends);
  }

  /** As `write`, what somebody types: without the keys that never reach the child. */
  type(bytes: Uint8Array, ends?: LineEnds): void {
    const passed = this.ignore.size === 0 ? bytes : bytes.filter((byte) => !this.ignore.has(byte));
    if (passed.length > 0) {
      this.write(passed, ends);
    }
  }

  /** The child does not read, and much input waits: whoever sent it should pause until `whenRoom` calls back. */
  get full(): boolean {
    return this.#full;
  }

  whenRoom(action: () => void): void {
    this.#waiting.add(action);
  }

  forget(action: () => void): void {
    this.#waiting.delete(action);
  }

  /** A signal to the child's group; kept for a child that is just being started. Nothing happens where none is. */
  signal(number: number, by: Principal): void {
    if (isUp(this.state)) {
      this.#tell((watcher) => watcher.signalled?.(number, by));
    }
    if (this.#pid !== undefined) {
      this.#host.kill(number);
    } else if (isUp(this.state)) {
      this.#pendingSignal = number;
    }
  }

  setMode(mode: RestartPolicy['mode'], by: Principal): void {
    this.supervisor.setMode(mode, by);
    this.#tell((watcher) => watcher.modeSet?.(mode, by));
  }

  resize(columns: number, rows: number): void {
    this.#host.resize(columns, rows);
  }

  /** Takes over a child that an earlier server started; wall time in milliseconds. */
  adopt(pid: number, startedAt: number, state: 'starting' | 'running' | 'ready'): void {
    this.#pid = pid;
    this.#startedAt = startedAt;
    this.supervisor.adopt(state, startedAt);
    if (state === 'starting') {
      this.#lookAtChild();
    }
  }

  /** Stops the child by its recipe; resolves when it is down and its last words are in the stream. */
  async shutDown(by?: Principal): Promise<void> {
    this.supervisor.stop(by);
    if (isUp(this.state)) {
      await new Promise<void>((resolve) => this.#down.push(resolve));
    }
    this.supervisor.close();
  }

  /**
   * Once for all that one turn of the event loop brings: a write for each reader and each line that is said would let a crowd that
   * strikes keys cost the square of its size.
   */
  #offerSoon(): void {
    if (!this.#advanced) {
      this.#advanced = true;
      queueMicrotask(() => this.#offer());
    }
  }

  /** Before anything that follows the output. */
  #offer(): void {
    if (this.#advanced) {
      this.#advanced = false;
      this.stream.advance();
    }
  }

  #launch(child: () => ChildSpec | Promise<ChildSpec>): void {
    try {
      const spec = child();
      if (spec instanceof Promise) {
        this.#prepare(spec);
      } else {
        this.#begin(spec);
      }
    } catch (error) {
      this.#notStarted(error as Error);
    }
  }

  #prepare(preparing: Promise<ChildSpec>): void {
    this.#preparing = preparing;
    /** Goes on unless it was stopped meanwhile, and then perhaps started again. */
    const then = (goOn: () => void) => {
      if (this.#preparing === preparing) {
        this.#preparing = undefined;
        goOn();
      }
    };
    preparing.then(
      (spec) => then(() => this.#launch(() => spec)),
      (error: Error) => then(() => this.#notStarted(error)),
    );
  }

  #begin(spec: ChildSpec): void {
    this.#host.start(this.greeting === undefined ? spec : { ...spec, greeting: this.greeting() });
  }

  #halt(): void {
    if (this.#preparing) {
      this.#preparing = undefined;
      this.#notStarted(new Error('stopped before what it needs was looked up'));
    } else {
      this.#host.abandon?.();
      this.#stopChild();
    }
  }

  #started(pid: number, failure: StartFailure | undefined, greeted: boolean): void {
    this.#offer();
    this.#pid = pid;
    this.#startedAt = this.#clock.now();
    this.#tell((watcher) => watcher.started?.(pid, failure, greeted));
    // Nobody may want it any more, now or since a server before this one asked for it.
    if (this.state !== 'starting') {
      this.#stopChild();
    }
    this.#lookAtChild();
    const signal = this.#pendingSignal;
    this.#pendingSignal = undefined;
    if (signal !== undefined) {
      this.#host.kill(signal);
    }
  }

  #lookAtChild(): void {
    this.#stopProbing?.();
    this.supervisor.spawned(this.#probe !== undefined);
    const age = Math.max(0, this.#clock.now() - (this.#startedAt ?? 0));
    this.#stopProbing = this.#probe?.begin(
      () => this.supervisor.ready(),
      () => this.supervisor.overdue(),
      age,
    );
  }

  #notStarted(error: Error): void {
    this.#offer();
    this.#tell((watcher) => watcher.notStarted?.(error));
    this.#over({ code: 255, signal: null, coreDumped: false });
  }

  #ended(end: EndRecord): void {
    this.#offer();
    this.#pid = undefined;
    this.#drained();
    this.#lastEnd = end.status;
    this.#tell((watcher) => watcher.ended?.(end));
    this.#over(end.status);
    this.#tell((watcher) => watcher.settled?.());
  }

  #over(status: ExitStatus): void {
    this.#pendingSignal = undefined;
    this.#stopRun.cancel();
    this.#stopProbing?.();
    this.supervisor.ended(status);
    for (const resolve of this.#down.splice(0)) {
      resolve();
    }
  }

  #stopChild(): void {
    if (this.#pid !== undefined) {
      this.#stopRun.begin(this.stop);
    }
  }

  #drained(): void {
    this.#full = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const action of waiting) {
      action();
    }
  }

  #tell(what: (watcher: ProcessWatcher) => void): void {
    for (const watcher of this.#watchers) {
      what(watcher);
    }
  }
}
