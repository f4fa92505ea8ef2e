/** Signals by name, with the numbers of Linux on the machines that Holdfast runs on (x86-64, arm64). */
export const SIGNALS = {
  ...{ HUP: 1, INT: 2, QUIT: 3, ILL: 4, TRAP: 5, ABRT: 6, BUS: 7, FPE: 8, KILL: 9, USR1: 10, SEGV: 11, USR2: 12 },
  ...{ PIPE: 13, ALRM: 14, TERM: 15, STKFLT: 16, CHLD: 17, CONT: 18, STOP: 19, TSTP: 20, TTIN: 21, TTOU: 22, URG: 23 },
  ...{ XCPU: 24, XFSZ: 25, VTALRM: 26, PROF: 27, WINCH: 28, IO: 29, PWR: 30, SYS: 31 },
} as const satisfies Record<string, number>;

export const SIGHUP = SIGNALS.HUP;
export const SIGKILL = SIGNALS.KILL;

const NUMBERS: ReadonlyMap<string, number> = new Map(Object.entries(SIGNALS));
const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(SIGNALS).map(([name, number]) => [number, name]));

/** The number of `TERM`, `SIGTERM`, `term` or 15; undefined for what is not a signal. */
export function signalNumber(signal: string | number): number | undefined {
  if (typeof signal === 'number' || /^\d+$/.test(signal)) {
    return NAMES.has(Number(signal)) ? Number(signal) : undefined;
  }
  return NUMBERS.get(signal.toUpperCase().replace(/^SIG/, ''));
}

/** `SIGTERM`; `signal 64` for one without a name. */
export function signalName(number: number): string {
  const name = NAMES.get(number);
  return name === undefined ? `signal ${number}` : `SIG${name}`;
}
