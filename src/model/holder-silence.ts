/** A holder that does not answer, or is gone, in words. */
import type { HolderSilence } from './api.ts';

export type { HolderSilence };

/** `since`: as shown to the reader. */
export function silenceText({ pid, state }: HolderSilence, since?: string): string {
  const when = since === undefined ? '' : ` since ${since}`;
  if (pid === 0) {
    return `no holder is there${when}: nothing answers for the processes until there is one`;
  }
  const is = state === undefined ? '' : `: it is ${state}`;
  return `the holder, process ${pid}, does not answer${when}${is}`;
}

/** The remedy. */
export function silenceRemedy({ pid, state }: HolderSilence): string {
  if (pid === 0) {
    return "'systemctl status holdfast-holder' says why it does not start";
  }
  return state === 'stopped'
    ? `'kill -CONT ${pid}' lets it go on; no process is lost meanwhile`
    : `a disk that hangs, as a rule: dmesg, df. Under systemd 'systemctl kill -s KILL --kill-who=main holdfast-holder' replaces it and no process ends; elsewhere its end is that of every process`;
}
