/** Signals that tools and people send by mistake: `killall -USR1`, a logrotate script, timers, a power daemon. */
import { SIGNALS } from '../../model/signals.ts';
import { native } from '../native.ts';

/**
 * Each ends a process that does nothing about it. Not among them: TERM, which is an order, and what the kernel sends for a
 * fault of our own (SEGV, BUS, ILL, FPE, TRAP, ABRT, SYS).
 */
const ENDING = [
  ...(['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'PIPE', 'ALRM', 'STKFLT'] as const),
  ...(['XCPU', 'XFSZ', 'VTALRM', 'PROF', 'IO', 'PWR'] as const),
];
/** Stop a process that does nothing about it; STOP stops every one. */
const STOPPING = ['TSTP', 'TTIN', 'TTOU'] as const;

type Name = (typeof ENDING)[number];

/**
 * None of them does anything from now on, but for those named and those for which a listener is set. `foreground`: a terminal
 * may be ours, whose keys stop us as they do every program.
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
