/** A command of `holdfast` in one record: its name, usage, options, help, completion and action. */

import type { HostPlace, Shown } from '../../../client/host-place.ts';
import type { LoadedConfig } from '../../../config/load-config.ts';
import type { KnownHost } from '../../../grammar/holdfast/hosts.ts';
import type { RunningConfig } from '../../../model/api.ts';
import type { CommandLine, LineOption, WordKind, Words } from '../../../model/command-line.ts';
import type { HostClient } from '../../../model/host-port.ts';
import type { Clock } from '../../../platform/time/clock.ts';

export interface CommandOption extends LineOption {
  readonly name: string;
}

/** Option values as given: true for an option without argument. */
export type Values = Readonly<Record<string, string | true | undefined>>;

export interface Arguments {
  readonly values: Values;
  readonly words: readonly string[];
}

/** The outside of a command. Text goes through here only, so that a test can be the terminal. */
export interface Io {
  /** `taken`: called when the terminal, file or pipe has taken it. */
  out(text: string | Uint8Array, taken?: () => void): void;
  err(text: string): void;
  /** Shows how far it is, on a terminal, in place of what was shown before; empty: removes it. */
  progress(text: string): void;
  /** Width of the terminal; Infinity where output is not a terminal. */
  readonly columns: number;
  /** Its lines; Infinity as well. */
  readonly rows: number;
  /** Whether output is a terminal. */
  readonly terminal: boolean;
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Asks for a line; empty if its input ends without one, as by Ctrl-C. */
  ask(question: string): Promise<string>;
  /** The same, without showing it. Where input is not a terminal, its first line. */
  secret(question: string): Promise<string | undefined>;
  /** Asks a question with yes or no. */
  confirm(question: string): Promise<boolean>;
  /** Aborted by Ctrl-C, which ends a process that has not asked for this: a command that runs until interrupted stops and exits normally. */
  interrupted(): AbortSignal;
}

export interface Context extends Arguments {
  readonly io: Io;
  /** For waiting. Times shown are those of `io`. */
  readonly clock: Clock;
  readonly client: HostClient;
  readonly socket: string;
  /** The host at the other end of the network that `client` is; absent: this machine. */
  readonly host: string | undefined;
  readonly hosts: () => Promise<Hosts>;
  /** To another control socket. */
  readonly connect: (socket: string) => HostClient;
  readonly version: string;
  /** The folder of the documents. */
  readonly docs: string;
  /** Parts outside this room: the server, and other tools' configurations. */
  readonly hooks: Hooks;
}

/** The hosts at which this user is logged in. */
export interface Hosts {
  list(): readonly KnownHost[];
  find(word: string): KnownHost | undefined;
  /** Throws HF_NOT_LOGGED_IN. */
  client(word: string): HostClient;
  keep(host: KnownHost): Promise<void>;
  forget(name: string): Promise<void>;
  lookAt(place: HostPlace): Promise<Shown>;
  /** `authorization`: the header. */
  connect(place: HostPlace, authorization: string): HostClient;
}

/** The configuration of a server. */
export interface Running<T> {
  /** Absent: the files say it. */
  readonly running?: T;
  /** For `-c`, of those that the server reads. */
  readonly file?: string;
  /** User id of that server, for the folders that are the usual ones of its user. */
  readonly uid?: number;
  /** Why the server does not tell it. */
  readonly untold?: Error;
  /** No server can be asked. */
  readonly isAway?: true;
}

export interface Hooks {
  /** Takes the terminal until the user leaves. */
  readonly top: (context: Context) => Promise<number>;
  /** Runs the server until it ends. */
  readonly up: (options: UpOptions, io: Io) => Promise<number>;
  /** The words after `import`. */
  readonly import: (words: readonly string[], io: Io) => Promise<number>;
  /** The words after `export`. `running`: asks a server, where no file is named. */
  readonly export: (
    words: readonly string[],
    io: Io,
    running: () => Promise<Running<RunningConfig>>,
  ) => Promise<number>;
  /** Records of the other programs. */
  readonly lines: () => Promise<OtherLines>;
  /** For the files of a configuration, without a server. */
  readonly files: () => ConfigTools;
}

/** The records of command lines that `holdfast` does not parse: of the other programs, and of commands that pass their words on. */
export interface OtherLines {
  readonly programs: readonly CommandLine[];
  readonly commands: readonly CommandLine[];
}

export interface ConfigTools {
  /** `file`: that of `-c`; absent: the usual places of this user. `uid`: of the server that would run it [that of this user]. Never rejects. */
  load(file?: string, uid?: number): Promise<LoadedConfig>;
  /** Something to begin with, and what the machine has already. */
  sample(file?: string): Promise<ConfigSample>;
  /** Throws the error of the file system. Folders are made. */
  write(path: string, text: string): void;
}

export interface ConfigSample {
  /** Where it belongs. */
  readonly path: string;
  readonly text: string;
  /** Kinds of `holdfast import` that found something. */
  readonly imports: readonly string[];
  /** Files of a configuration that exist. */
  readonly there: readonly string[];
}

export interface UpOptions {
  /** `-c`; absent: the usual places. */
  readonly config?: string;
  /** A control socket that was named, and by what: `--socket` or an environment variable. */
  readonly socket?: { readonly path: string; readonly by: string };
  readonly foreground: boolean;
  /** Another service runs the holder: it is waited for, not started. */
  readonly waitForHolder: boolean;
}

export interface Command {
  readonly name: string;
  /** Operands and options in brief, after the name. */
  readonly usage: string;
  /** One line for the list. */
  readonly summary: string;
  /** Further paragraphs of help. */
  readonly help?: string;
  readonly options: readonly CommandOption[];
  /** Kinds of the operands, for shell completion; by position, the last for all that follow. */
  readonly completes: WordKind | readonly Words[];
  /** The last operand is not what `completes` says, but text. */
  readonly lastIsText?: true;
  /** Number of operands. */
  readonly operands: readonly [least: number, most: number];
  /** It asks no server, and has no `--socket`. */
  readonly local?: true;
  /** It is about this machine, and cannot be done at another host. */
  readonly here?: true;
  /** Words are passed on unparsed: another parser reads the options. */
  readonly raw?: true;
  /** Exit code. */
  run(context: Context): Promise<number>;
}

export const JSON_OPTION: CommandOption = { name: 'json', help: 'print JSON, for programs' };
export const CONFIG_OPTION: CommandOption = {
  name: 'config',
  short: 'c',
  value: 'FILE',
  help: 'configuration file, with conf.d beside it [/etc/holdfast/holdfast.toml, or that of this user]',
};
