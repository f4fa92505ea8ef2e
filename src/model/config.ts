/** A configuration as the server uses it: defaults and templates applied, units and names of signals resolved. */

import type { ConserverListener } from './conserver-config.ts';
import type { IsisConfig } from './isis-config.ts';
import type { SETTING_KEYS } from './keys/console-keys.ts';
import type { Resolved, SourceKind } from './keys/record.ts';
import type { SERVER_KEYS, ServerEffect } from './keys/server-keys.ts';
import type { SERIAL_KEYS, SOURCE_KEYS } from './keys/source-keys.ts';
import type { LineModes } from './line.ts';
import type { Place } from './place.ts';

type SourceOf<Kind extends SourceKind> = Readonly<ReturnType<(typeof SOURCE_KEYS)[Kind]['value']>>;

/** What its key says, and what else a conserver.cf can say of it. */
export type ConsoleSource =
  /** `program`: the file to run if that is not `argv[0]`. */
  | (SourceOf<'run'> & { readonly program?: string; readonly modes?: LineModes })
  /**
   * `raw`: nothing in it is telnet. `settle`: the milliseconds after connecting for which input waits; a procServ that has just
   * been started discards it.
   */
  | (SourceOf<'unix'> & { readonly raw?: true; readonly settle?: number })
  | SourceOf<'tcp' | 'telnet'>
  /** `hangUp`: it hangs up when it is closed; absent: yes. */
  | (SourceOf<'serial'> & Resolved<typeof SERIAL_KEYS> & { readonly modes?: LineModes; readonly hangUp?: boolean })
  /** A placeholder: always up, without output, and input goes nowhere. */
  | { readonly kind: 'none' };

/** A source that is the stream of another program or device. */
export type LinkSource = Exclude<ConsoleSource, { readonly kind: 'run' | 'none' }>;

/** Its keys are records of `keys/`, resolved. What else there is only a conserver.cf can say. */
export interface ConsoleConfig extends Resolved<typeof SETTING_KEYS> {
  readonly name: string;
  readonly place: Place;
  /** The folder of the `[discover.NAME]` that found it; absent: it is defined in a file. */
  readonly foundIn?: string;
  readonly source: ConsoleSource;
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
  /** While nobody has its keyboard, its output is shown on standard output of the server too. */
  readonly unloved?: true;
}

export interface ServerConfig extends Resolved<typeof SERVER_KEYS> {
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

/** A key of `[server]` that differs from what is in force. */
export interface ServerChange {
  readonly key: string;
  readonly effect: ServerEffect;
}
