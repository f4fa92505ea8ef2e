/** The result of a start of the server: data for the parent process, text for people. */

import type { ConfigProblem } from '../model/config.ts';
import { problemText } from '../model/config-problem.ts';
import { counted } from '../model/counted.ts';
import { type HolderSilence, silenceRemedy, silenceText } from '../model/holder-silence.ts';

/** A server that is up. */
export interface Served {
  readonly consoles: number;
  /** Path of the control socket. */
  readonly control: string;
  /** The holder that it waits for; absent if it has its consoles. */
  readonly silence?: HolderSilence;
  /** Why nobody comes in over the network. */
  readonly network?: string;
  readonly warnings: readonly ConfigProblem[];
}

/** The report of a detached server to the command that started it, on their pipe. */
export interface StartReport {
  readonly up: boolean;
  readonly text: string;
}

export function servedText({ consoles, control, network, silence, warnings }: Served): string {
  const up = silence
    ? `up, and waits for the holder: ${silenceText(silence)}\n  ${silenceRemedy(silence)}`
    : `up: ${counted(consoles, 'console')}, control socket ${control}`;
  const all = [
    ...warnings.map(problemText),
    ...(network === undefined ? [] : [`nobody comes in over the network yet: ${network}`]),
  ];
  return [up, ...all.map((text) => `warning: ${text}`)].join('\nholdfast: ');
}

/** Undefined: the server ended without one. */
export function readReport(said: string): StartReport | undefined {
  return said.endsWith('\n') ? (JSON.parse(said) as StartReport) : undefined;
}

export function reportLine(report: StartReport): string {
  return `${JSON.stringify(report)}\n`;
}
