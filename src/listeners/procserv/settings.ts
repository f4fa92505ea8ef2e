/** What one procServ instance is told: by its command line, or by the configuration of a host server. */
import type { ChildSpec } from '../../model/runner.ts';
import type { RestartPolicy } from '../../model/supervision.ts';

export interface ProcServSettings {
  /** The name in messages. */
  readonly name: string;
  /** First word of the command, as messages show it. */
  readonly command: string;
  readonly child: ChildSpec;
  /** The words under which the program was called, for the messages of a failed start. */
  readonly argv0: string;
  readonly version: string;
  /** Server start-up directory, and that of the child as it was typed. */
  readonly directory: string;
  readonly childDirectory: string;
  /** Log file as typed, and whether it is open, for the banner. */
  readonly log?: { readonly path: string; readonly isOpen: () => boolean };
  /** What ^Q does while the child is down, for the help line. */
  readonly quitHelp: string;
  /** What is said of a child that was told to stop; absent: the server ends with it. */
  readonly whenStopped?: string;
  /** Key codes; undefined: no such key. */
  readonly killKey: number | undefined;
  readonly toggleKey: number | undefined;
  readonly logoutKey: number | undefined;
  /** The restart modes through which the toggle key leads. */
  readonly toggleCycle: readonly RestartPolicy['mode'][];
  /** Signal number of the kill key. */
  readonly killSignal: number;
  /** strftime format of times in messages. */
  readonly timeFormat: string;
  /** Lines of past output sent on connect; 0: none. */
  readonly history: number;
}
