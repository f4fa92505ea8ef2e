/** The settings of one procServ instance: from its command line, or from the configuration of a host server. */
import type { ChildSpec } from '../../model/runner.ts';
import type { RestartPolicy } from '../../model/supervision.ts';

export interface ProcServSettings {
  /** The name in messages. */
  readonly name: string;
  /** First word of the command, as messages show it. */
  readonly command: string;
  readonly child: ChildSpec;
  /** The words of the command line, for the messages of a failed start. */
  readonly argv0: string;
  readonly version: string;
  /** Server start-up directory, and that of the child as typed. */
  readonly directory: string;
  readonly childDirectory: string;
  /** Log file as typed, and whether it is open, for the banner. */
  readonly log?: { readonly path: string; readonly isOpen: () => boolean };
  /** The effect of ^Q while the child is down, for the help line. */
  readonly quitHelp: string;
  /** The announcement for a child that was told to stop; absent: the server ends with it. */
  readonly whenStopped?: string;
  /** Key codes; undefined: no such key. */
  readonly killKey: number | undefined;
  readonly toggleKey: number | undefined;
  readonly logoutKey: number | undefined;
  /** The restart modes through which the toggle key cycles. */
  readonly toggleCycle: readonly RestartPolicy['mode'][];
  /** Signal number of the kill key. */
  readonly killSignal: number;
  /** strftime format of times in messages. */
  readonly timeFormat: string;
  /** Lines of past output sent on connect; 0: none. */
  readonly history: number;
}
