/** Operations on a console other than entering it and typing: each is a row of `VERBS` and has an actor. Pure. */
import type { Principal } from './principal.ts';
import type { Verb } from './rights.ts';
import type { RestartPolicy } from './supervision.ts';

/** A line that takes breaks. */
export interface BreakLine {
  /** Text in the place of a break; false: no room. Nothing is dropped. */
  write(bytes: Uint8Array): boolean;
  /** A break as the line knows it, resolved when it is over; absent where there is none. */
  readonly sendBreak?: () => void | Promise<void>;
}

/** To what runs on it. */
export interface ProcessActs {
  /** Also one that was told to stay down. */
  start(): void;
  /** It is to stay down. */
  stop(): void;
  /** Signal number, to the child's group; kept for a child that is being started. */
  signal(signal: number): void;
  mode(mode: RestartPolicy['mode']): void;
}

export interface ConsoleActs extends ProcessActs {
  /** `play` sends it, and resolves with what was missing; `name` and `sequence` are for log and history. */
  break(
    name: string,
    sequence: string,
    play: (line: BreakLine) => Promise<string | undefined>,
  ): Promise<string | undefined>;
  /** `shown`: the note with its author, for the log or, where that has no marks, for everybody on the console. */
  note(text: string, shown: string): void;
  /** Switches XON/XOFF; returns whether it is on now, undefined where there is none. */
  flow(): boolean | undefined;
  /** Switches the log off or on; `why` is for the mark in it. */
  switchLog(why: string): void;
  /** `start` starts it if it can, and gets what reports on it to log and history. */
  runTask(start: (report: (text: string) => void) => boolean): boolean;
  /** Says something to other sessions, by their numbers. */
  tell(sessions: readonly number[], text: string): void;
}

/** A verb without a row in `VERBS` is none. */
export type ConsoleVerb = Extract<Verb, keyof ConsoleActs>;

/** Does this if the principal may. Throws HF_FORBIDDEN or HF_REASON_NEEDED. */
export type Act = <V extends ConsoleVerb>(
  by: Principal,
  verb: V,
  ...how: Parameters<ConsoleActs[V]>
) => ReturnType<ConsoleActs[V]>;
