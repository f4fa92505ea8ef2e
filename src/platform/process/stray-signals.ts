/** Signals that tools and people send by mistake: `killall -USR1`, a logrotate script, timers, a power daemon. */
import { SIGNALS } from '../../model/signals.ts';
import { native } from '../native.ts';

/**
 * By default each ends the process. Not among them: TERM, which is an order, and signals that the kernel sends for
 * our own faults (SEGV, BUS, ILL, FPE, TRAP, ABRT, SYS).
 */
const ENDING = [
  ...(['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'PIPE', 'ALRM', 'STKFLT'] as const),
  ...(['XCPU', 'XFSZ', 'VTALRM', 'PROF', 'IO', 'PWR'] as const),
];
/** By default these stop the process; STOP always does. */
const STOPPING = ['TSTP', 'TTIN', 'TTOU'] as const;

type Name = (typeof ENDING)[number];

/**
 * Ignores all of them from now on, except those named and those with a listener. `foreground`: we may have a
 * terminal, whose keys stop us like any program.
 */
export function passOverStraySignals({ but = [], foreground }: { but?: readonly Name[]; foreground: boolean }): void {
  const names = [...ENDING.filter((name) => !but.includes(name)), ...(foreground ? [] : STOPPING)].filter(
    (name) => process.listenerCount(`SIG${name}`) === 0,
  );
  const realTime: number[] = [];
  for (let number = native.firstRealTimeSignal; number <= native.lastRealTimeSignal; number++) {
    realTime.push(number);
  }
  native.passOver([...names.map((name) => SIGNALS[name]), ...realTime]);
}
