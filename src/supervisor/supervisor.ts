/** Keeps one process in the state that its policy and its users want. It decides; the launcher acts. */
import type { SupervisorPort } from '../model/console-port.ts';
import type { Principal } from '../model/principal.ts';
import type { ExitStatus, ProcessEvent, ProcessState } from '../model/process.ts';
import type { RestartPolicy, Transition, Verdict } from '../model/supervision.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { type Crashes, CrashRecord } from './crash-record.ts';
import { LinePace } from './line-pace.ts';
import { judge } from './policy.ts';
import { type Action, STOP_END, STOP_FOR, type SupervisorState, shown, TRANSITIONS } from './transitions.ts';

/** The actions of a supervisor, called last in a step: their results may be reported within the call. */
export interface Launcher {
  /** Starts the child; answered with `spawned`, or with `ended` if there never was one. */
  launch(): void;
  /** Begins to stop the child, which may not have been spawned yet; its end is reported with `ended`. */
  halt(): void;
}

export class Supervisor implements SupervisorPort {
  policy: RestartPolicy;
  readonly #launcher: Launcher;
  readonly #clock: Clock;
  readonly #changed: (transition: Transition) => void;
  readonly #crashes: CrashRecord;
  readonly #pace = new LinePace();
  #state: SupervisorState = 'stopped';
  /** The principal that requested the current state, if any. */
  #askedBy: Principal | undefined;
  #timer: Timer | undefined;
  /** Monotonic time of the last start. */
  #started: number | undefined;
  /** Monotonic time since which the last child is there. */
  #up: number | undefined;

  constructor(policy: RestartPolicy, launcher: Launcher, clock: Clock, changed: (transition: Transition) => void) {
    this.policy = policy;
    this.#launcher = launcher;
    this.#clock = clock;
    this.#changed = changed;
    this.#crashes = new CrashRecord(clock);
  }

  get state(): ProcessState {
    return shown(this.#state);
  }

  /** Whether a child was told to stop and nothing will be started after it. */
  get staysDown(): boolean {
    return this.stopFor === 'stop' || this.stopFor === 'hold';
  }

  /** The command that a stop under way is for. */
  get stopFor(): 'stop' | 'restart' | 'hold' | undefined {
    return STOP_FOR[this.#state];
  }

  /**
   * Starts it now, whatever the holdoff, or when a stopping child is down; a user's request also clears the crash
   * record.
   */
  start(by?: Principal): void {
    this.#crashes.forgive();
    this.#apply('start', by);
  }

  /**
   * Starts it as configured, or as an earlier server was about to: unlike a user's request, this keeps the crash
   * record.
   */
  resume(): void {
    this.#apply('start');
  }

  stop(by?: Principal): void {
    this.#apply('stop', by);
  }

  restart(by?: Principal): void {
    this.#crashes.forgive();
    this.#apply('restart', by);
  }

  hold(by?: Principal): void {
    this.#apply('hold', by);
  }

  release(by?: Principal): void {
    this.#apply('release', by);
  }

  /** Changes the restart mode; a child that is down follows at once, as spec/procserv.md 6.1 has it. */
  setMode(mode: RestartPolicy['mode'], by?: Principal): void {
    this.policy = { ...this.policy, mode };
    this.#apply(mode === 'never' ? 'disable' : 'enable', by);
  }

  /**
   * Continues from an earlier server; wall time of the child's start, or since when it is down, in milliseconds.
   * Nothing is reported: nothing happened.
   */
  adopt(state: ProcessState, since: number): void {
    this.#state = state;
    this.#started = this.#clock.monotonic() - Math.max(0, this.#clock.now() - since);
    if (state === 'waiting') {
      this.#schedule();
    }
  }

  get crashes(): Crashes {
    return this.#crashes.saved;
  }

  /** Takes over the crashes that an earlier server saw. */
  set crashes(crashes: Crashes) {
    this.#crashes.resume(crashes, this.policy);
  }

  /** The child was spawned; `awaited`: its readiness is pending. */
  spawned(awaited = false): void {
    this.#up = this.#clock.monotonic();
    this.#pace.opened();
    this.#apply(awaited ? 'spawned' : 'up');
  }

  ready(): void {
    this.#apply('ready');
  }

  overdue(): void {
    this.#apply('overdue');
  }

  /** The child is gone and its output read; `never`: there was none. */
  ended(status: ExitStatus, never = false): void {
    this.#crashes.ended(this.policy, this.#started ?? this.#clock.monotonic());
    const toldTo: Partial<Record<SupervisorState, ProcessEvent>> = STOP_END;
    this.#apply(toldTo[this.#state] ?? this.#lineVerdict(status, never) ?? this.verdict(status));
  }

  #lineVerdict(status: ExitStatus, never: boolean): Verdict | undefined {
    const { line, mode } = this.policy;
    const now = this.#clock.monotonic();
    return line && (never ? this.#pace.failed(line) : this.#pace.ended(line, mode, status, now - (this.#up ?? now)));
  }

  /** The decision of the policy after an unrequested end at this moment. */
  verdict(status: ExitStatus): Verdict {
    return judge(this.policy, status, this.#crashes.restarts, this.#clock.monotonic());
  }

  /** Releases the timer; the supervisor is no longer used. */
  close(): void {
    this.#timer?.cancel();
  }

  #apply(event: ProcessEvent, by?: Principal): void {
    const step = TRANSITIONS[this.#state][event];
    if (step === null) {
      return;
    }
    const [from, askedBy] = [this.#state, this.#askedBy];
    this.#state = step.to;
    this.#askedBy = by;
    if (from !== step.to) {
      const time = this.#clock.now();
      const [shownFrom, shownTo] = [shown(from), shown(step.to)];
      this.#changed({ from: shownFrom, to: shownTo, event, time, ...(by === undefined ? {} : { by }) });
    }
    this.#do(step.does, askedBy);
  }

  /** `askedBy`: the principal that requested the previous state. */
  #do(action: Action | undefined, askedBy: Principal | undefined): void {
    switch (action) {
      case 'launch':
        this.#timer?.cancel();
        this.#started = this.#clock.monotonic();
        this.#launcher.launch();
        break;
      case 'halt':
        this.#launcher.halt();
        break;
      case 'schedule':
        this.#schedule();
        break;
      case 'brake':
        if (this.policy.line?.retries) {
          this.#schedule();
        }
        break;
      case 'relaunch':
        this.#wait(0, () => this.#apply('due', askedBy));
        break;
      case 'cancel':
        this.#timer?.cancel();
        break;
    }
  }

  /** An automatic restart, when the holdoff is over. */
  #schedule(): void {
    const now = this.#clock.monotonic();
    if (this.policy.line) {
      this.#wait(this.#pace.wait, () => this.#apply('due'));
      return;
    }
    const due = this.#started === undefined ? now : this.#started + this.#crashes.holdoff(this.policy);
    this.#wait(due - now, () => {
      this.#crashes.restarted(this.policy);
      this.#apply('due');
    });
  }

  #wait(milliseconds: number, action: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(milliseconds, action);
  }
}
