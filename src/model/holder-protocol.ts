/** The messages of the holder's protocol: requests of the server, answers and events of the holder. Shapes only. */
import type { LogSettings } from './keys/log-keys.ts';
import type { EndRecord } from './process.ts';
import type { Resources } from './resources.ts';
import type { ChildSpec, StartFailure } from './runner.ts';

export interface Hello {
  readonly program: 'holdfast-holder' | 'holdfast-server';
  /** Protocol versions of the sender, newest and oldest. */
  readonly protocol: number;
  readonly oldest: number;
  readonly version: string;
  readonly pid: number;
  /** Wall time, milliseconds. */
  readonly startedAt: number;
  /** Set when the holder refuses the connection: a sentence with the reason. */
  readonly refused?: string;
}

/** The log of a console, as its keys say; older servers leave out `mode`: 0640. */
export interface LogSpec extends Omit<LogSettings, 'mode' | 'marks'>, Partial<Pick<LogSettings, 'mode'>> {
  /** The user of the process, who may write to the log's folder besides root. */
  readonly user?: string;
  /** Milliseconds after a write; absent: never. */
  readonly sync?: number;
  /** The time before the first byte after every so many line ends; older holders write none. */
  readonly stampEvery?: number;
}

/** A console as the holder keeps it. */
export interface KeptConsole {
  readonly id: number;
  readonly name: string;
  readonly head: number;
  readonly pid?: number;
  readonly startedAt?: number;
  /** Offset at which the output of that child begins; absent from older holders. */
  readonly offset?: number;
  /** The last end, until the server acknowledges it (`forgetEnd`). */
  readonly end?: EndRecord;
  /** The server's memo for its successor. */
  readonly memo: string;
  /** What is wrong with its log. */
  readonly logTrouble?: LogTrouble;
  /** Users have switched it off. */
  readonly logOff?: boolean;
}

export interface LogTrouble {
  /** A sentence that names the log. */
  readonly text: string;
  /** Wall time, milliseconds. */
  readonly since: number;
}

/** The last line of a console, by its id; without control characters, at most 200 characters. */
export type ToldLine = readonly [id: number, line: string];

/** Resource use of the processes of a console, by console id. */
export type ToldResources = readonly [id: number, resources: Resources];

export type HolderRequest =
  | { readonly verb: 'list' }
  /**
   * Creates the console, its stream beginning at offset `start`, or finds it by name; the log becomes the given one.
   */
  | { readonly verb: 'open'; readonly name: string; readonly start: number; readonly log?: LogSpec }
  /** Discards it; its child is killed if there is one. */
  | { readonly verb: 'close'; readonly console: number }
  | { readonly verb: 'start'; readonly console: number; readonly spec: ChildSpec }
  | { readonly verb: 'signal'; readonly console: number; readonly signal: number }
  | { readonly verb: 'resize'; readonly console: number; readonly columns: number; readonly rows: number }
  | { readonly verb: 'memo'; readonly console: number; readonly memo: string }
  | { readonly verb: 'forgetEnd'; readonly console: number }
  /** XON/XOFF of the child's terminal. */
  | { readonly verb: 'flow'; readonly console: number; readonly on: boolean }
  /** Whether output goes into the log. */
  | { readonly verb: 'logging'; readonly console: number; readonly on: boolean }
  /** Output from `back` bytes before now on, or from `from` if that is earlier. */
  | { readonly verb: 'subscribe'; readonly console: number; readonly back: number; readonly from?: number }
  | { readonly verb: 'unsubscribe'; readonly console: number }
  /** Resource use of the processes of a console: `Resources`. */
  | { readonly verb: 'resources'; readonly console: number }
  /** The same of every console that has processes. Unknown to older holders. */
  | { readonly verb: 'allResources' }
  /** How long log output is gathered from now on, in milliseconds. */
  | { readonly verb: 'logDelay'; readonly delay: number }
  /** The last line of every console; from now on `lines` tells of those that change. Unknown to older holders. */
  | { readonly verb: 'tellLines' }
  /** The last line of every console, by id, or of one; older holders answer for all. */
  | { readonly verb: 'lastLines'; readonly console?: number }
  /** Sets the memory for waiting output, in bytes, if `most` is present: `MemoryFigures`. */
  | { readonly verb: 'memory'; readonly most?: number }
  /** Asks only for an answer; older holders give one too. */
  | { readonly verb: 'ping' }
  | { readonly verb: 'reopenLogs' }
  /** Ends the holder; refused while children live. */
  | { readonly verb: 'shutDown' };

export type HolderEvent =
  /** `offset`: where the child's output begins; `greeted`: after its greeting. Absent from older holders. */
  | {
      readonly event: 'started';
      readonly console: number;
      readonly pid: number;
      readonly offset?: number;
      readonly greeted?: boolean;
      readonly failure?: StartFailure;
    }
  | { readonly event: 'notStarted'; readonly console: number; readonly message: string }
  | { readonly event: 'ended'; readonly console: number; readonly end: EndRecord }
  /** The child has resumed or stopped reading its input. */
  | { readonly event: 'room' | 'full'; readonly console: number }
  /** `trouble`: the log's current trouble, null: none; absent: unchanged, and always from older holders. */
  | {
      readonly event: 'log';
      readonly console: number;
      readonly message: string;
      readonly trouble?: LogTrouble | null;
    }
  /** Last lines that have changed; the console is 0, which no console has. */
  | { readonly event: 'lines'; readonly console: number; readonly lines: readonly ToldLine[] }
  /** Trouble of the holder itself; the console is 0. */
  | { readonly event: 'trouble'; readonly console: number; readonly message: string };
