/** The words of the holder's protocol: requests of the server, answers and events of the holder. Shapes only. */
import type { EndRecord } from './process.ts';
import type { ChildSpec, StartFailure } from './runner.ts';

export interface Hello {
  readonly program: 'holdfast-holder' | 'holdfast-server';
  /** What the sender speaks, newest and oldest. */
  readonly protocol: number;
  readonly oldest: number;
  readonly version: string;
  readonly pid: number;
  /** Wall time, milliseconds. */
  readonly startedAt: number;
  /** Set when the holder turns the connection away: a sentence that says why. */
  readonly refused?: string;
}

export interface LogSpec {
  readonly path: string;
  /** strftime format before every line. */
  readonly stamp?: string;
  /** Bytes; milliseconds. */
  readonly size?: number;
  readonly age?: number;
  readonly keep: number;
  readonly compress: boolean;
  /** Of the file; absent, from older servers: 0640. */
  readonly mode?: number;
  readonly group?: string;
  /** As whom the process runs: who may write to the folder of the log, beside root. */
  readonly user?: string;
  /** Lines to the journal of systemd too. */
  readonly journal?: boolean;
  /** Milliseconds after a write; absent: never. */
  readonly sync?: number;
}

/** A console as the holder keeps it. */
export interface KeptConsole {
  readonly id: number;
  readonly name: string;
  readonly head: number;
  readonly pid?: number;
  readonly startedAt?: number;
  /** Where in the stream that child began to speak; older holders do not say it. */
  readonly offset?: number;
  /** The last end, until the server says that it knows (`forgetEnd`). */
  readonly end?: EndRecord;
  /** What the server asked to be remembered for its successor. */
  readonly memo: string;
  /** What is wrong with its log. */
  readonly logTrouble?: LogTrouble;
}

export interface LogTrouble {
  /** A sentence that names the log. */
  readonly text: string;
  /** Wall time, milliseconds. */
  readonly since: number;
}

export type HolderRequest =
  | { readonly verb: 'list' }
  /** Makes the console, its stream beginning at offset `start`, or finds it by name; the log follows the given one. */
  | { readonly verb: 'open'; readonly name: string; readonly start: number; readonly log?: LogSpec }
  /** Lets go of it; its child is killed if there is one. */
  | { readonly verb: 'close'; readonly console: number }
  | { readonly verb: 'start'; readonly console: number; readonly spec: ChildSpec }
  | { readonly verb: 'signal'; readonly console: number; readonly signal: number }
  | { readonly verb: 'resize'; readonly console: number; readonly columns: number; readonly rows: number }
  | { readonly verb: 'memo'; readonly console: number; readonly memo: string }
  | { readonly verb: 'forgetEnd'; readonly console: number }
  /** Output from `back` bytes before now on, or from `from` if that is earlier. */
  | { readonly verb: 'subscribe'; readonly console: number; readonly back: number; readonly from?: number }
  | { readonly verb: 'unsubscribe'; readonly console: number }
  /** What the processes of a console use: `Resources`. */
  | { readonly verb: 'resources'; readonly console: number }
  /** For how long log output is gathered from now on, milliseconds. */
  | { readonly verb: 'logDelay'; readonly delay: number }
  /** The last line of every console, by id, or of one; older holders answer for all. */
  | { readonly verb: 'lastLines'; readonly console?: number }
  /** Sets the memory for what waits, if `most` is there, bytes: `MemoryFigures`. */
  | { readonly verb: 'memory'; readonly most?: number }
  /** Asks for nothing but an answer; older holders give one too. */
  | { readonly verb: 'ping' }
  | { readonly verb: 'reopenLogs' }
  /** Ends the holder; refused while children live. */
  | { readonly verb: 'shutDown' };

export type HolderEvent =
  /** `offset`: where in the stream the child begins to speak; `greeted`: behind its greeting. Older holders say neither. */
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
  /** The child reads again after much input was waiting, or does not any more. */
  | { readonly event: 'room' | 'full'; readonly console: number }
  /** `trouble`: what is wrong with the log from now on, null: nothing; absent: as before, and always from older holders. */
  | {
      readonly event: 'log';
      readonly console: number;
      readonly message: string;
      readonly trouble?: LogTrouble | null;
    }
  /** What befell the holder itself; the console is 0, which none is. */
  | { readonly event: 'trouble'; readonly console: number; readonly message: string };
