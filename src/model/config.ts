/** A configuration as the server uses it: defaults and templates applied, units and names of signals resolved. */

import type { AccessConfig } from './access-config.ts';
import type { EffectiveKey } from './api.ts';
import type { AuditConfig } from './audit-config.ts';
import type { ConserverListener } from './conserver-config.ts';
import type { IsisConfig } from './isis-config.ts';
import type { SETTING_KEYS } from './keys/console-keys.ts';
import type { Resolved, SourceKind } from './keys/record.ts';
import type { SERVER_KEYS } from './keys/server-keys.ts';
import type { SERIAL_KEYS, SOURCE_KEYS } from './keys/source-keys.ts';
import type { LineModes } from './line.ts';
import type { NetworkConfig } from './network-config.ts';
import type { Place } from './place.ts';

type SourceOf<Kind extends SourceKind> = Readonly<ReturnType<(typeof SOURCE_KEYS)[Kind]['value']>>;

/** The value of its key, and the further settings of a conserver.cf. */
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

/** The definition of a console in the configuration files. */
export interface ConsoleOrigin {
  /** That it builds on, nearest first. */
  readonly templates: readonly string[];
  readonly keys: readonly EffectiveKey[];
}

/** Its keys are the records of `keys/`, resolved; the other properties can only come from a conserver.cf. */
export interface ConsoleConfig extends Resolved<typeof SETTING_KEYS> {
  readonly name: string;
  readonly place: Place;
  /** The folder of the `[discover.NAME]` that found it; absent: it is defined in a file. */
  readonly foundIn?: string;
  readonly source: ConsoleSource;
  /** Absent: no holdfast.toml has it. */
  readonly origin?: ConsoleOrigin;
}

export type ServerConfig = Resolved<typeof SERVER_KEYS>;

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
  /** Absent: whoever reaches the server may do everything. */
  readonly access?: AccessConfig;
  /** Absent: nothing is recorded. */
  readonly audit?: AuditConfig;
  /** Absent: nobody comes in over the network. */
  readonly network?: NetworkConfig;
  /** The files that were read, in order. */
  readonly files: readonly string[];
  /** Folders of `[discover.NAME]` whose contents are unknown. */
  readonly unread: readonly string[];
}

export type { ConfigProblem, EffectiveKey, FailedStep, PlanStep, ServerChange } from './api.ts';
