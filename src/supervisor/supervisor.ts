/** Keeps one process as its policy and its people want it. Decides; the launcher acts. */
import type { ExitStatus, ProcessEvent, ProcessState } from '../model/process.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';
import { holdoffAfter, judge, type RestartPolicy, type Verdict } from './policy.ts';
import { TRANSITIONS } from './transitions.ts';

/** The hands of a supervisor. */
export interface Launcher {
  /** Start the child; answer with `spawned`, or with `ended` if there never was one. */
  launch(): void;
  /** Begin to stop the child, which may not have been spawned yet; its end is reported with `ended`. */
  halt(): void;
}

/** One change of state, with who or what caused it. */
export interface Transition {
  readonly from: ProcessState;
  readonly to: ProcessState;
  readonly event: ProcessEvent;
  /** Who asked, where somebody did. */
  readonly actor?: string;
  /** Wall time, milliseconds. */
  readonly time: number;
}

/** What the back-off and the limit go by; a server that goes on for another one needs it. */
export interface Crashes {
  /** Early deaths in a row. */
  readonly early: number;
  /** Wall times of the automatic restarts that count against the limit, milliseconds, oldest first. */
  readonly restarts: readonly number[];
}

export class Supervisor {
  policy: RestartPolicy;
  readonly #launcher: Launcher;
  readonly #clock: Clock;
  readonly #changed: (transition: Transition) => void;
  #state: ProcessState = 'stopped';
  /** What an end in `stopping` leads to. */
  #afterStop: 'ended-rest' | 'ended-again' | 'ended-held' = 'ended-rest';
  #timer: Timer | undefined;
  /** Monotonic time of the last start. */
  #started: number | undefined;
  #early = 0;
  /** A person asked for the next start: no holdoff. */
  #hurry = false;
  /** Who did. */
  #starter: string | undefined;
  #restarts: number[] = [];

  constructor(policy: RestartPolicy, launcher: Launcher, clock: Clock, changed: (transition: Transition) => void) {
    this.policy = policy;
    this.#launcher = launcher;
    this.#clock = clock;
    this.#changed = changed;
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** Whether a child that is being stopped is to stay down. */
  get ending(): boolean {
    return this.#state === 'stopping' && this.#afterStop !== 'ended-again';
  }

  /** Starts it now, whatever the holdoff says, or when what is stopping is down; a person's word also forgets the crashes so far. */
  start(actor?: string): void {
    this.#forgive();
    if (this.#state === 'stopping') {
      this.#intend('ended-again', actor);
    }
    this.#apply('start', actor);
  }

  /** Starts it as configured, or as an earlier server was about to: unlike the word of a person, that forgets no crashes. */
  resume(): void {
    this.#apply('start');
  }

  stop(actor?: string): void {
    this.#intend('ended-rest');
    this.#apply('stop', actor);
  }

  restart(actor?: string): void {
    this.#forgive();
    this.#intend('ended-again', actor);
    this.#apply('restart', actor);
  }

  hold(actor?: string): void {
    this.#afterStop = 'ended-held';
    this.#apply('hold', actor);
  }

  release(actor?: string): void {
    if (this.#state === 'stopping') {
      this.#afterStop = 'ended-rest';
    }
    this.#apply('release', actor);
  }

  /** Changes the restart mode; a child that is down follows at once, as spec/procserv.md 6.1 has it. */
  setMode(mode: RestartPolicy['mode'], actor?: string): void {
    this.policy = { ...this.policy, mode };
    this.#apply(mode === 'never' ? 'disable' : 'enable', actor);
  }

  /**
   * Goes on where an earlier server stopped; wall time of the child's start, or since when it is down, milliseconds. Nobody is
   * told: nothing happened.
   */
  adopt(state: ProcessState, since: number): void {
    this.#state = state;
    this.#started = this.#clock.monotonic() - Math.max(0, this.#clock.now() - since);
    if (state === 'waiting') {
      this.#schedule();
    }
  }

  get crashes(): Crashes {
    const boot = this.#clock.now() - this.#clock.monotonic();
    return { early: this.#early, restarts: this.#restarts.map((time) => Math.round(boot + time)) };
  }

  /** Takes over the crashes that an earlier server saw. */
  set crashes({ early, restarts }: Crashes) {
    const now = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    this.#early = early;
    // The clock on the wall may have been set back since.
    this.#restarts = restarts.map((time) => monotonic - Math.max(0, now - time));
    this.#forgetOld();
  }

  /** The child was spawned; `awaited`: its readiness is still to come. */
  spawned(awaited = false): void {
    this.#apply(awaited ? 'spawned' : 'up');
  }

  ready(): void {
    this.#apply('ready');
  }

  overdue(): void {
    this.#apply('overdue');
  }

  /** The child is gone and its output read. */
  ended(status: ExitStatus): void {
    const now = this.#clock.monotonic();
    const lived = now - (this.#started ?? now);
    this.#early = lived < holdoffAfter(this.policy, this.#early) ? this.#early + 1 : 0;
    this.#apply(this.#state === 'stopping' ? this.#afterStop : this.verdict(status));
  }

  /** What the policy makes of an end that nobody asked for, if it is now. */
  verdict(status: ExitStatus): Verdict {
    return judge(this.policy, status, this.#restarts, this.#clock.monotonic());
  }

  /** Lets go of the timer; the supervisor is not used any more. */
  close(): void {
    this.#timer?.cancel();
  }

  /** What is to come after the stop; a hold stays one until its release. */
  #intend(end: 'ended-rest' | 'ended-again', starter?: string): void {
    if (this.#state !== 'stopping' || this.#afterStop !== 'ended-held') {
      this.#afterStop = end;
      this.#hurry = end === 'ended-again';
      this.#starter = starter;
    }
  }

  #forgive(): void {
    this.#restarts = [];
    this.#early = 0;
  }

  #apply(event: ProcessEvent, actor?: string): void {
    const step = TRANSITIONS[this.#state][event];
    if (step === null) {
      return;
    }
    const from = this.#state;
    this.#state = step.to;
    if (from !== step.to) {
      const time = this.#clock.now();
      this.#changed({ from, to: step.to, event, time, ...(actor === undefined ? {} : { actor }) });
    }
    switch (step.does) {
      case 'launch':
        this.#timer?.cancel();
        this.#hurry = false;
        this.#started = this.#clock.monotonic();
        this.#launcher.launch();
        break;
      case 'halt':
        this.#launcher.halt();
        break;
      case 'schedule':
        this.#schedule();
        break;
      case 'cancel':
        this.#timer?.cancel();
        break;
    }
  }

  #schedule(): void {
    const now = this.#clock.monotonic();
    const started = this.#hurry ? undefined : this.#started;
    const due = started === undefined ? now : started + holdoffAfter(this.policy, this.#early);
    this.#timer?.cancel();
    this.#timer = this.#clock.after(due - now, () => {
      const starter = this.#hurry ? this.#starter : undefined;
      if (!this.#hurry) {
        this.#restarts.push(this.#clock.monotonic());
        this.#forgetOld();
      }
      this.#apply('due', starter);
    });
  }

  /** Restarts older than the window of the limit do not count and need no memory. */
  #forgetOld(): void {
    const window = this.policy.limit?.within ?? 0;
    const now = this.#clock.monotonic();
    this.#restarts = this.#restarts.filter((time) => now - time < window);
  }
}
