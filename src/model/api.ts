/** The data of the control API. The listener checks and documents these shapes; the command line reads them. */
import type { ConfigProblem, FailedStep, PlanStep, ServerChange } from './config.ts';
import type { Death } from './death.ts';
import type { EventType } from './events.ts';
import type { HolderSilence } from './holder-silence.ts';
import type { Principal } from './principal.ts';
import type { ProcessState } from './process.ts';
import type { Resources } from './resources.ts';

/** One row of `holdfast ps`. Times are ISO 8601 with milliseconds, UTC. */
export interface ConsoleSummary {
  readonly name: string;
  readonly kind: 'run' | 'unix' | 'tcp' | 'telnet' | 'serial' | 'none';
  /** For a source that is not a process: `running` (connected), `waiting` (will connect again), `stopped`, `held`. */
  readonly state: ProcessState;
  readonly since: string;
  readonly pid?: number;
  /**
   * Automatic restarts after an unrequested end: within the last hour, and in total as far as the holder or the
   * history knows.
   */
  readonly restarts: { readonly hour: number; readonly total: number };
  /** Who has the keyboard. */
  readonly writer?: SessionInfo;
  readonly sessions: number;
  /** The last line of output, without control characters, at most 200 characters. */
  readonly lastLine: string;
  readonly groups: readonly string[];
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  /** User that the process runs as; absent: that of the holder, or the source is not a process. */
  readonly user?: string;
  readonly hold?: HoldInfo;
  /** What its start is waiting for; absent: nothing. */
  readonly waitsFor?: ConsoleWait;
  /** Path of the log. */
  readonly log?: string;
  /** What is wrong with the log, in one sentence that names it, and since when. */
  readonly logTrouble?: { readonly text: string; readonly since: string };
  /** The holder does not answer: all of this is what the server last knew. */
  readonly holderSilent?: HolderSilence;
}

/**
 * `answer`: a question that has not been answered yet, `environment file /mnt/iocs/env`. `turn`: others start first, `a start slot
 * behind vac-01, vac-02`.
 */
export interface ConsoleWait {
  readonly kind: 'answer' | 'turn';
  readonly what: string;
  readonly since: string;
}

export interface HoldInfo {
  readonly reason: string;
  readonly by: string;
  readonly since: string;
  readonly until?: string;
  /** Whether it was wanted up before: then the release starts it. Absent: the configuration decides. */
  readonly resume?: boolean;
}

export interface SessionInfo {
  readonly id: number;
  /** The login name if it is known, otherwise `unknown`. */
  readonly user: string;
  /** From where: `pid 4711`, `10.0.0.3:51234`. */
  readonly from: string;
  readonly via: 'attach' | 'procserv' | 'conserver';
  readonly mode: 'read' | 'write';
  readonly since: string;
}

/** An endpoint that could not be opened; it is retried. */
export interface UnopenedEndpoint {
  readonly endpoint: string;
  readonly reason: string;
}

/** What differs between the files and what runs: `GET /v1/plan`, `POST /v1/apply`. With problems there are no steps. */
export interface PlanResult {
  /** Of `apply`: what was done. */
  readonly steps: readonly PlanStep[];
  /** Of `apply`: what could not be done, and why; absent: nothing. */
  readonly failed?: readonly FailedStep[];
  /** What differs in `[server]`; only what is `live` is applied. */
  readonly server: readonly ServerChange[];
  readonly problems: readonly ConfigProblem[];
  /** Parts of the configuration left out because they cannot be read or cannot be a console; absent: none. */
  readonly warnings?: readonly ConfigProblem[];
  /** What still differs from the files although they were applied; absent: nothing. */
  readonly unopened?: readonly (UnopenedEndpoint & { readonly console: string })[];
}

/** One console in full: `GET /v1/consoles/:name`. */
export interface ConsoleDetail extends ConsoleSummary {
  readonly command?: readonly string[];
  readonly address?: string;
  readonly chdir?: string;
  readonly restartMode: 'always' | 'on-failure' | 'never' | 'oneshot';
  readonly endpoints: readonly string[];
  /** Those of `endpoints` that are not open; absent: none. */
  readonly unopened?: readonly UnopenedEndpoint[];
  readonly sessionList: readonly SessionInfo[];
  readonly deaths: readonly DeathInfo[];
  /** Since when its history is complete, so that no death is missing; absent: not known yet. */
  readonly historySince?: string;
  /** What its processes use; absent: none is there, or the source is not a process. */
  readonly resources?: Resources;
}

/** How a child ended, newest first in lists. */
export interface DeathInfo extends Death {
  /** `askedBy` and `askedSignal` in short: `vera (SIGKILL)`. */
  readonly asked?: string;
}

/** One entry of the history: `GET /v1/events`, and a line of `events.jsonl`. What else there is depends on `type` and `what`. */
export interface EventInfo {
  readonly seq: number;
  readonly time: string;
  /** Absent: the server itself. `isis.NAME`: an ISIS server. */
  readonly console?: string;
  readonly type: EventType;
  /** Which of several things of this type; absent: there is but one, or only `text` says it. */
  readonly what?: string;
  /** One line for people. */
  readonly text: string;
  /** The principal that did it, or that it is about; absent: nobody asked for it. */
  readonly by?: Principal;
  /** `state`. */
  readonly from?: ProcessState;
  readonly to?: ProcessState;
  readonly cause?: string;
  /** `started`, 0: a link; `server` that is up; `note` of an init command. */
  readonly pid?: number;
  readonly failure?: string;
  /** `notStarted`; `note` of an init command that has ended. */
  readonly reason?: string;
  /** `ended`. */
  readonly death?: DeathInfo;
  /** `attached`, `detached`, `writer`: the number of the session. */
  readonly session?: number;
  /** `note` of a break: its key and what it is. */
  readonly name?: string;
  readonly sequence?: string;
  /** `note` of a switched restart policy. */
  readonly mode?: string;
  /** `config` that was applied. */
  readonly steps?: readonly PlanStep[];
  readonly failed?: readonly FailedStep[];
  /** `isis` that was sent: to whom, and what. */
  readonly host?: string;
  readonly message?: string;
  /** `server` that is up. */
  readonly version?: string;
  readonly consoles?: number;
  /** `server` that goes down: with holder and children. */
  readonly all?: boolean;
  /** `holder` that was found: how many processes live on, and how many ended with the last one. */
  readonly living?: number;
  readonly ended?: number;
  /** `holder` that does not answer. */
  readonly silence?: HolderSilence;
  /** `holder` that answers again: how long it did not. */
  readonly afterSeconds?: number;
}

/** What a search has to say. Lines come merged by time. */
export type SearchItem =
  | {
      readonly kind: 'line';
      readonly console: string;
      /** Its own time, or that of a line shortly before it; null: unknown. */
      readonly time: string | null;
      readonly line: string;
      /** A line near a match. */
      readonly context: boolean;
      /** With context: lines before this one are left out. */
      readonly gap: boolean;
    }
  | { readonly kind: 'unsearched'; readonly console: string; readonly reason: string }
  /** Bytes, of so many in the logs opened so far. */
  | { readonly kind: 'progress'; readonly done: number; readonly all: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** RFC 9457; `code` is the catalogue's. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
}

/** Memory for output that waits for slow readers and logs. Bytes. */
export interface LagMemory {
  readonly most: number;
  readonly used: number;
  /** It was insufficient, from when to when: so much was dropped. */
  readonly short?: { readonly since: string; readonly last: string; readonly bytes: number };
}

export interface VersionInfo {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly node: string;
  readonly holder: {
    readonly pid: number;
    readonly version: string;
    readonly protocol: number;
    readonly startedAt: string;
    /** It does not answer. */
    readonly silent?: HolderSilence;
    /** Absent: from an older holder, or one that does not answer. */
    readonly lagMemory?: LagMemory;
  };
  /** Absent: from an older server. */
  readonly lagMemory?: LagMemory;
  readonly consoles: number;
  /** The service of systemd that the server is, of the machine's manager or a user's, and whether its socket is a unit too. */
  readonly service?: { readonly unit: string; readonly user: boolean; readonly socket: boolean };
  /** Of the server. `short`: connections refused since then, so many until now. Absent: from an older server. */
  readonly descriptors?: {
    readonly limit: number;
    readonly used: number;
    readonly short?: { readonly since: string; readonly refused: number };
  };
  readonly config: { readonly files: readonly string[]; readonly changedOnDisk: boolean };
}
