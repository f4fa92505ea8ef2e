/** The place where a console's stream is kept and its child runs, as the host server uses it. */
import type { KeptConsole, LogSpec, LogTrouble } from './holder-protocol.ts';
import type { HolderSilence } from './holder-silence.ts';
import type { OutputStream } from './output-stream.ts';
import type { Resources } from './resources.ts';
import type { Runner } from './runner.ts';

export interface Descriptors {
  readonly source: number;
  readonly log: number;
}

export const NO_DESCRIPTORS: Descriptors = { source: -1, log: -1 };

export interface Backend extends Runner {
  /**
   * The console has been restored: from now on the handlers hear of the child, first of what happened to it
   * meanwhile.
   */
  listen(): void;
  readonly stream: OutputStream;
  /** Offset at which the output of the current child begins. */
  readonly childStart: number;
  /** Leases the output, from offset `from` on or with its recent past; call the returned function when done. */
  read(from?: number): Promise<() => void>;
  /** Output of a source that is not a child. False: no more for now, `room` is called when there is some again. */
  feed(bytes: Uint8Array, room: () => void): boolean;
  /** Keeps something for the next server. */
  remember(memo: string): void;
  /** The last end is dealt with. */
  forgetEnd(): void;
  /** The last line of the output as far as it is known without asking; of a holder at most a second old. */
  readonly lineNow: string;
  /** The last line of the output; empty while the holder is away. */
  lastLine(): Promise<string>;
  /** What its processes use. */
  resources(): Promise<Resources>;
  /** What is wrong with its log. */
  readonly logState: LogTrouble | undefined;
  /** Of its terminal and its log in this process; -1 for what is not open here. */
  readonly descriptors: Descriptors;
  /** Another log, or none. */
  setLog(log: LogSpec | undefined): Promise<void>;
  /** Writes a mark: it goes into the log, and readers of the stream do not get it. */
  mark(bytes: Uint8Array): void;
  /** Whether output goes into the log from now on; notes and marks always do. Returns false if that cannot be changed. */
  setLogging(on: boolean): boolean;
  /** Switches XON/XOFF of the child's terminal; false if that is not possible: no child, an older holder. */
  setFlow(on: boolean): boolean;
  /** Releases it, its child and its log. */
  close(): Promise<void>;
}

/** Those of all consoles, and the holder that has them. */
export interface Backends {
  /** Their processes do not outlive the server. Absent: they do. */
  readonly endWithServer?: true;
  /** Makes or finds the console in the holder; `kept` rejects where there is none. */
  openBackend(
    name: string,
    log: LogSpec | undefined,
    logTrouble: (message: string) => void,
  ): { readonly backend: Backend; readonly kept: Promise<KeptConsole> };
  /** Resolves when every `lineNow` is current: at once, unless the holder is too old to tell what changes. */
  refreshLines(): Promise<void>;
  /** Resource use of all consoles, by name, in one request; consoles without processes are left out. */
  resources(): Promise<ReadonlyMap<string, Resources>>;
  /** The holder that does not answer; undefined: all is well. */
  readonly silence: HolderSilence | undefined;
  /** Rejects where it does not answer. */
  mustAnswer(): Promise<void>;
  /** All log files are opened again. */
  reopenLogs(): void;
}
