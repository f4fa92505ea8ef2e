/** One console as services see it. Implemented by `HostConsole`. */
import type { ConsoleConfig } from './config.ts';
import type { ProcessState } from './process.ts';

export interface ConsolePort {
  readonly name: string;
  readonly config: ConsoleConfig;
  readonly state: ProcessState;
}
