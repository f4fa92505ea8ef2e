/** A conserver.cf after defaults, includes and groups are resolved. Texts are byte strings. */
import type { Fault, Position } from './source.ts';
import type { SubstValues } from './subst.ts';

export type ConsoleType = 'device' | 'exec' | 'host' | 'noop' | 'uds';

/** One entry of a user list; `@name` is a group of the system, `*` everybody. */
export interface UserEntry {
  readonly name: string;
  readonly allowed: boolean;
}

export type UserList = readonly UserEntry[];

/** `[user][:group]` to run a command as. */
export interface RunAs {
  readonly user?: string;
  readonly group?: string;
}

export interface Timestamp {
  /** A mark every so many minutes, or the time every so many lines. */
  readonly every?: { readonly count: number; readonly unit: 'minutes' | 'lines' };
  readonly activity: boolean;
  readonly breaks: boolean;
  readonly tasks: boolean;
}

/** `hupcl` to `crtscts` are for devices, `ixon` to `ixoff` for devices and commands. */
export const CONSOLE_OPTIONS = [
  ...(['hupcl', 'cstopb', 'crtscts', 'ixon', 'ixany', 'ixoff'] as const),
  ...(['ondemand', 'reinitoncc', 'striphigh', 'autoreinit', 'unloved', 'login'] as const),
] as const;

export type ConsoleOption = (typeof CONSOLE_OPTIONS)[number];

export interface ConsoleRecord {
  readonly at: Position;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: ConsoleType;
  /** The host that serves this console; it is local if that name is ours. */
  readonly master: string;
  readonly host?: string;
  /** portbase + portinc * port, already worked out; of host consoles always there. */
  readonly port?: number;
  readonly protocol: 'telnet' | 'raw';
  /** Substituted; absent: a login shell. */
  readonly exec?: string;
  readonly execrunas?: RunAs;
  readonly uds?: string;
  readonly device?: string;
  readonly baud?: string;
  readonly parity?: string;
  readonly initcmd?: string;
  readonly initrunas?: RunAs;
  /** `&` replaced by the name of the console. */
  readonly logfile?: string;
  /** Bytes. */
  readonly logfilemax?: number;
  readonly timestamp?: Timestamp;
  /** The break that `^Ecl0` sends. */
  readonly break: string;
  /** Ids, or `*` for all that exist. */
  readonly breaklist: '*' | readonly string[];
  readonly tasklist: '*' | readonly string[];
  readonly motd?: string;
  /** Seconds; 0 for never. */
  readonly idletimeout: number;
  /** As written; what is sent is its `unescapeText`. */
  readonly idlestring: string;
  readonly initspinmax: number;
  /** Seconds. */
  readonly initspintimer: number;
  readonly options: Readonly<Record<ConsoleOption, boolean>>;
  readonly rw: UserList;
  readonly ro: UserList;
  /** Inserted by the substitution patterns of tasks. */
  readonly values: SubstValues;
}

export interface BreakRecord {
  /** As written, as `^Ecl?` shows it. */
  readonly string: string;
  /** Milliseconds of one `\d`. */
  readonly delay: number;
  readonly confirm: boolean;
}

export interface TaskRecord {
  readonly cmd: string;
  readonly description?: string;
  readonly confirm: boolean;
  readonly runas?: RunAs;
  /** A substitution pattern for `cmd`, checked. */
  readonly subst?: string;
  /** `{name}` in `cmd` stands for the console: not in a conserver.cf. */
  readonly named?: true;
}

export type HostAccess = 'rejected' | 'allowed' | 'trusted';

export interface AccessRecord {
  /** A host, or `*`. */
  readonly name: string;
  readonly at: Position;
  /** In file order: the first pattern that matches decides. */
  readonly hosts: readonly { readonly access: HostAccess; readonly pattern: string }[];
  readonly admin: UserList;
  readonly limited: UserList;
}

/** Only what the `config` blocks for this host set. */
export interface ServerSettings {
  autocomplete?: boolean;
  daemonmode?: boolean;
  defaultaccess?: HostAccess;
  initdelay?: number;
  logfile?: string;
  loghostnames?: boolean;
  passwdfile?: string;
  primaryport?: string;
  redirect?: boolean;
  /** Seconds; 0 for never. */
  reinitcheck?: number;
  secondaryport?: string;
  setproctitle?: boolean;
  sslcacertificatefile?: string;
  sslcredentials?: string;
  sslrequired?: boolean;
  sslreqclientcert?: boolean;
  unifiedlog?: string;
}

export interface ConserverConfig {
  /** In file order; of consoles defined twice, the later one. */
  readonly consoles: readonly ConsoleRecord[];
  readonly breaks: ReadonlyMap<string, BreakRecord>;
  readonly tasks: ReadonlyMap<string, TaskRecord>;
  readonly access: readonly AccessRecord[];
  readonly settings: ServerSettings;
  /** Every fault, in the order found; the rest of the configuration is what could be parsed. */
  readonly faults: readonly Fault[];
}

/** Facts that the grammar cannot know by itself. */
export interface ConserverEnvironment {
  /** Whether a `config` block of this name is for us. */
  readonly isThisHost: (name: string) => boolean;
  readonly servicePort: (name: string) => number | undefined;
  readonly hasUser: (name: string) => boolean;
  readonly hasGroup: (name: string) => boolean;
}
