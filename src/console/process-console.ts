/** A console whose source is a process: its stream, its child, and the supervision of that child. */

import { bytesOf } from '../model/byte-text.ts';
import type { ProcessPort } from '../model/console-port.ts';
import { InputRoom } from '../model/input-room.ts';
import type { LineEnds } from '../model/line-ends.ts';
import type { OutputStream } from '../model/output-stream.ts';
import type { Principal } from '../model/principal.ts';
import { type EndRecord, type ExitStatus, isUp, type ProcessState } from '../model/process.ts';
import type { ChildSpec, Runner, StartFailure } from '../model/runner.ts';
import { StopRun, type StopStep } from '../model/stop-recipe.ts';
import type { ProcessWatcher, RestartPolicy } from '../model/supervision.ts';
import type { Clock } from '../platform/time/clock.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { Launch } from './launch.ts';
import { OutputOffer } from './output-offer.ts';
import { Readiness, type ReadyProbe } from './readiness.ts';

export interface ProcessConsoleParts {
  /** The command to run, looked up at every start; an exception or rejection is a failed start. */
  readonly child: () => ChildSpec | Promise<ChildSpec>;
  readonly policy: RestartPolicy;
  /** The recipe to stop the child; it always ends with SIGKILL. */
  readonly stop: readonly StopStep[];
  readonly runner: Runner;
  readonly stream: OutputStream;
  readonly clock: Clock;
}

export class ProcessConsole implements ProcessPort {
  stop: readonly StopStep[];
  /** Typed keys that never reach the child. */
  ignore: ReadonlySet<number> = new Set();
  /** A command prepares the source: typed input goes nowhere. */
  initializing = false;
  /** Called after every input. */
  wrote: (() => void) | undefined;
  /** The note before the first output of a child; a NUL stands for its pid. */
  greeting: (() => string) | undefined;
  readonly stream: OutputStream;
  readonly supervisor: Supervisor;
  readonly #runner: Runner;
  readonly #clock: Clock;
  readonly #watchers = new Set<ProcessWatcher>();
  #pid: number | undefined;
  #startedAt: number | undefined;
  #lastEnd: ExitStatus | undefined;
  /** A signal that came before the pid was known. */
  #pendingSignal: number | undefined;
  readonly #launch: Launch;
  readonly #room = new InputRoom();
  readonly #stopRun: StopRun;
  /** The recipe that runs, and since when: wall time in milliseconds. */
  #stopping: { readonly since: number; readonly steps: readonly StopStep[] } | undefined;
  readonly #readiness: Readiness;
  readonly #output: OutputOffer;
  /** Callbacks that wait until it is down. */
  readonly #down: (() => void)[] = [];

  constructor({ child, policy, stop, runner, stream, clock }: ProcessConsoleParts) {
    this.stop = stop;
    this.stream = stream;
    this.#runner = runner;
    this.#clock = clock;
    this.#stopRun = new StopRun(runner, clock);
    this.#output = new OutputOffer(stream);
    this.#launch = new Launch({
      ...{ child, runner, greeting: () => this.greeting?.() },
      failed: (error) => this.#notStarted(error),
    });
    const launcher = { launch: () => this.#launch.begin(), halt: () => this.#halt() };
    this.supervisor = new Supervisor(policy, launcher, clock, (transition) => {
      this.#tell(({ changed, redirected }) =>
        transition.from === transition.to ? redirected?.() : changed?.(transition),
      );
    });
    this.#readiness = new Readiness(this.supervisor, clock);
    runner.handlers = {
      started: (pid, failure, greeted = false) => this.#started(pid, failure, greeted),
      notStarted: (error) => this.#notStarted(error),
      ended: (end) => this.#ended(end),
      advanced: () => this.#output.soon(),
      drained: () => this.#room.drained(),
    };
  }

  get state(): ProcessState {
    return this.supervisor.state;
  }

  /** Of the current child. */
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

  /** The recipe by which the child is being stopped, and since when: wall time in milliseconds. */
  get stopping(): { readonly since: number; readonly steps: readonly StopStep[] } | undefined {
    return this.#stopping;
  }

  /** Undefined: without a readiness check. A child that is not ready yet is checked with the new probe. */
  set probe(probe: ReadyProbe | undefined) {
    this.#readiness.probe = probe;
    if (this.state === 'starting' && this.#pid !== undefined) {
      this.#readiness.look(this.#startedAt ?? 0);
    }
  }

  watch(watcher: ProcessWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Puts a note into the stream: for the log and all readers. */
  say(text: string): void {
    this.#runner.note(bytesOf(text));
  }

  /** Input to the child (`Runner.write`). Nothing is dropped; see `full`. */
  write(bytes: Uint8Array, ends?: LineEnds): void {
    this.#room.full = !this.#runner.write(bytes, ends);
    this.wrote?.();
  }

  /** Like `write`, for typed input: without the keys that never reach the child, and not while it is initialized. */
  type(bytes: Uint8Array, ends?: LineEnds): void {
    const passed = this.ignore.size === 0 ? bytes : bytes.filter((byte) => !this.ignore.has(byte));
    if (passed.length > 0 && !this.initializing) {
      this.write(passed, ends);
    }
  }

  /** The child does not read, and much input waits: senders should pause until `whenRoom` calls back. */
  get full(): boolean {
    return this.#room.full;
  }

  whenRoom(action: () => void): void {
    this.#room.whenRoom(action);
  }

  forget(action: () => void): void {
    this.#room.forget(action);
  }

  /** Sends a signal to the child's group; kept for a child that is being started. Without a child nothing happens. */
  signal(number: number, by: Principal): void {
    if (isUp(this.state)) {
      this.#tell((watcher) => watcher.signalled?.(number, by));
    }
    if (this.#pid !== undefined) {
      this.#runner.kill(number);
    } else if (isUp(this.state)) {
      this.#pendingSignal = number;
    }
  }

  setMode(mode: RestartPolicy['mode'], by: Principal): void {
    this.supervisor.setMode(mode, by);
    this.#tell((watcher) => watcher.modeSet?.(mode, by));
  }

  resize(columns: number, rows: number): void {
    this.#runner.resize(columns, rows);
  }

  /** Takes over a child that an earlier server started; wall time in milliseconds. */
  adopt(pid: number, startedAt: number, state: 'starting' | 'running' | 'ready'): void {
    this.#pid = pid;
    this.#startedAt = startedAt;
    this.supervisor.adopt(state, startedAt);
    if (state === 'starting') {
      this.#readiness.look(startedAt);
    }
  }

  /** Stops the child by its recipe; resolves when it is down and its last output is in the stream. */
  async shutDown(by?: Principal): Promise<void> {
    this.supervisor.stop(by);
    if (isUp(this.state)) {
      await new Promise<void>((resolve) => this.#down.push(resolve));
    }
    this.supervisor.close();
  }

  #halt(): void {
    this.#launch.giveUp();
    this.#stopChild();
  }

  #started(pid: number, failure: StartFailure | undefined, greeted: boolean): void {
    this.#output.now();
    this.#launch.forget();
    this.#pid = pid;
    this.#startedAt = this.#clock.now();
    this.#tell((watcher) => watcher.started?.(pid, failure, greeted));
    // It may no longer be wanted, since now or since an earlier server requested it.
    if (this.state !== 'starting') {
      this.#stopChild();
    }
    this.#readiness.look(this.#startedAt);
    const signal = this.#pendingSignal;
    this.#pendingSignal = undefined;
    if (signal !== undefined) {
      this.#runner.kill(signal);
    }
  }

  #notStarted(error: Error): void {
    this.#output.now();
    this.#tell((watcher) => watcher.notStarted?.(error));
    this.#over({ code: 255, signal: null, coreDumped: false }, true);
  }

  #ended(end: EndRecord): void {
    this.#output.now();
    this.#pid = undefined;
    this.#room.drained();
    this.#lastEnd = end.status;
    this.#tell((watcher) => watcher.ended?.(end));
    this.#over(end.status);
    this.#tell((watcher) => watcher.settled?.());
  }

  /** `never`: it has not begun. */
  #over(status: ExitStatus, never = false): void {
    this.#pendingSignal = undefined;
    this.#stopRun.cancel();
    this.#stopping = undefined;
    this.#readiness.stop();
    this.supervisor.ended(status, never);
    for (const resolve of this.#down.splice(0)) {
      resolve();
    }
  }

  #stopChild(): void {
    if (this.#pid !== undefined) {
      this.#stopping = { since: this.#clock.now(), steps: this.stop };
      this.#stopRun.begin(this.stop);
    }
  }

  #tell(what: (watcher: ProcessWatcher) => void): void {
    for (const watcher of this.#watchers) {
      what(watcher);
    }
  }
}
