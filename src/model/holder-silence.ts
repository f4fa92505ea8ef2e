/** A holder that does not answer, or is gone, as the server sees it. */
export interface HolderSilence {
  /** 0: there is none. */
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  /** Its state according to the kernel, if that explains it: `stopped`, `stuck in the kernel`. */
  readonly state?: string;
}

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
