/** A configuration as the server uses it: defaults and templates applied, units and names of signals resolved. */

import type { ConserverListener } from './conserver-config.ts';
import type { IsisConfig } from './isis-config.ts';
import type { LineModes, LinePolicy } from './line.ts';
import type { Place } from './place.ts';

export type ConsoleSource =
  /** `program`: the file to run if that is not `argv[0]`. */
  | { readonly kind: 'run'; readonly argv: readonly string[]; readonly program?: string; readonly modes?: LineModes }
  /**
   * `raw`: nothing in it is telnet. `settle`: the milliseconds after connecting for which input waits; a procServ that has just
   * been started discards it.
   */
  | { readonly kind: 'unix'; readonly path: string; readonly raw?: true; readonly settle?: number }
  | { readonly kind: 'tcp' | 'telnet'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'serial';
      readonly path: string;
      readonly baud: number;
      readonly dataBits: 5 | 6 | 7 | 8;
      readonly stopBits: 1 | 2;
      readonly parity: 'none' | 'even' | 'odd' | 'mark' | 'space';
      readonly flow: 'none' | 'hardware' | 'software';
      readonly modes?: LineModes;
      /** It hangs up when it is closed; absent: yes. */
      readonly hangUp?: boolean;
    }
  /** A placeholder: always up, without output, and input goes nowhere. */
  | { readonly kind: 'none' };

/** A source that is the stream of another program or device. */
export type LinkSource = Exclude<ConsoleSource, { readonly kind: 'run' | 'none' }>;

/** All durations in milliseconds, all sizes in bytes. */
export interface ConsoleConfig {
  readonly name: string;
  readonly place: Place;
  /** The folder of the `[discover.NAME]` that found it; absent: it is defined in a file. */
  readonly foundIn?: string;
  readonly source: ConsoleSource;
  readonly user?: string;
  readonly group?: string;
  readonly chdir?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly envFiles: readonly { readonly path: string; readonly optional: boolean }[];
  readonly umask?: number;
  /** -1 is unlimited, null leaves that limit as it is. */
  readonly limits: Readonly<Record<string, { readonly soft: number | null; readonly hard: number | null }>>;
  /** Bytes; processors. */
  readonly quota?: { readonly memory?: number; readonly cpu?: number };
  readonly restart: {
    readonly mode: 'always' | 'on-failure' | 'never';
    readonly holdoff: number;
    readonly backoff?: { readonly factor: number; readonly most: number };
    readonly limit?: { readonly count: number; readonly within: number };
    readonly line?: LinePolicy;
  };
  readonly start: boolean;
  /**
   * `on-entry`: a session that enters opens a source that is down. `on-demand`: that, and it is closed after its last session
   * and never reopened by itself. Absent: always open.
   */
  readonly open?: 'always' | 'on-entry' | 'on-demand';
  /** A shell command that talks to the source alone after each start, until it ends: its input is the output, and it types. */
  readonly init?: { readonly command: string; readonly user?: string; readonly group?: string };
  /** Typed after so much time without input. */
  readonly idle?: { readonly after: number; readonly send: string };
  /** The high bit of each byte of output is cleared. */
  readonly stripHigh?: true;
  readonly stop: readonly ({ readonly send: string } | { readonly signal: number } | { readonly wait: number })[];
  readonly ready?: { readonly pattern?: string; readonly port?: number; readonly within: number };
  readonly after: readonly string[];
  readonly log?: {
    readonly path: string;
    readonly stamp?: string;
    readonly size?: number;
    readonly age?: number;
    readonly keep: number;
    readonly compress: boolean;
    readonly mode: number;
    /** Made as programs make their files: less the umask, wherever it is, whoever owns it. */
    readonly shared?: true;
    /** Bytes: a larger file is moved aside under the time in its name, all but its last lines (conserver's `logfilemax`). */
    readonly asideAt?: number;
    /** Name or number. */
    readonly group?: string;
    readonly journal?: boolean;
    /** Lines in the log about it: a time mark, and who came and went, breaks, tasks. */
    readonly marks?: {
      readonly every?: { readonly unit: 'minutes' | 'lines'; readonly count: number };
      readonly activity: boolean;
      readonly breaks: boolean;
      readonly tasks: boolean;
    };
  };
  /** While nobody has its keyboard, its output is shown on standard output of the server too. */
  readonly unloved?: true;
  readonly history: number;
  readonly ignore: string;
  readonly keys: { readonly kill: string; readonly toggle: string; readonly logout: string };
  readonly endpoints: readonly string[];
  readonly groups: readonly string[];
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ServerConfig {
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly logDir: string;
  readonly controlMode: number;
  readonly controlGroup?: string;
  readonly startAtOnce: number;
  readonly logDelay: number;
  /** Bytes; absent: by the size of the machine. */
  readonly lagMemory?: number;
  /** Milliseconds after a write, 0: always; absent: never. */
  readonly logSync?: number;
  readonly eventsKeep: number;
  /** A file for the output of all consoles, each line with the name of its console and that of the writer. */
  readonly unifiedLog?: string;
}

/** An ISIS server; in the history and in plans its name is `isis.NAME`. */
export interface IsisInstanceConfig {
  readonly name: string;
  readonly place: Place;
  /** The file that configures it: its isis.ini, or the one with its table. */
  readonly source: string;
  readonly settings: IsisConfig;
}

export interface HostConfig {
  readonly server: ServerConfig;
  /** In the order of the files. */
  readonly consoles: readonly ConsoleConfig[];
  readonly isis: readonly IsisInstanceConfig[];
  readonly conserver?: ConserverListener;
  /** The files that were read, in order. */
  readonly files: readonly string[];
  /** Folders of `[discover.NAME]` whose contents are unknown. */
  readonly unread: readonly string[];
}

/** One problem; a configuration with any is not applied at all. */
export interface ConfigProblem extends Place {
  /** If known. */
  readonly column?: number;
  /** Dotted key, as in `console.vac-01.restart.holdoff`. */
  readonly key: string;
  readonly message: string;
}

/** What applying a configuration would do to one console, to the ISIS server `isis.NAME`, or to the listener `[conserver]`. */
export type PlanStep =
  | { readonly action: 'add'; readonly console: string }
  | { readonly action: 'remove'; readonly console: string }
  /** `keys`: what differs. `live`: takes effect at once; `restart`: with the next start of the process. */
  | {
      readonly action: 'change';
      readonly console: string;
      readonly keys: readonly string[];
      readonly effect: 'live' | 'restart';
    };

/** A step that could not be done. It is still in the plan. */
export interface FailedStep {
  readonly action: PlanStep['action'];
  readonly console: string;
  readonly reason: string;
}

/**
 * A key of `[server]` that differs from what is in force, and when it takes effect: at once, with the next start of the server
 * (no process is touched), or of the holder (all processes stop).
 */
export interface ServerChange {
  readonly key: string;
  readonly effect: 'live' | 'server' | 'holder';
}
