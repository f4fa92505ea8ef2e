/** One console that is waited for, on a line of the terminal. */
import type { ConsoleSummary } from '../../../model/api.ts';
import type { Io } from '../command/command.ts';
import { clean, fit, width } from './display.ts';
import { waitText } from './fields.ts';
import { paint, stateStyle } from './styles.ts';
import { duration } from './times.ts';

/** `vac-01: stopping for 4s: sent TERM 4s ago, KILL in 6s`. */
export function pendingLine(console: ConsoleSummary, io: Pick<Io, 'color' | 'columns' | 'now'>): string {
  const name = clean(console.name);
  const since = `${console.state} for ${duration(io.now() - Date.parse(console.since))}`;
  const text = [since, ...stepText(console, io)].join(': ');
  const shown = fit(text, Math.max(0, io.columns - width(name) - 2));
  return `${name}: ${paint(io.color, stateStyle(console.state), shown)}`;
}

/** The step under way, and the next one; empty if unknown. */
export function stepText(console: ConsoleSummary, io: Pick<Io, 'now'>): readonly string[] {
  const { readiness, state, stopping } = console;
  if (state === 'stopping') {
    return stopping ? [stopText(stopping, io.now())] : [];
  }
  const wait = waitText(console, io);
  if (wait !== undefined) {
    return [`waits for ${wait}`];
  }
  const left = readiness ? Date.parse(readiness.until) - io.now() : 0;
  return readiness && state === 'starting' ? [`waits for ${clean(readiness.what)}, ${duration(left)} left`] : [];
}

function stopText({ since, steps }: NonNullable<ConsoleSummary['stopping']>, now: number): string {
  const timed = steps.map((step) => ({ ...step, at: Date.parse(since) + step.afterSeconds * 1000 }));
  // The clock of a server elsewhere may be ahead: the first step is done in any case.
  const next = timed.findIndex(({ at }, index) => index > 0 && at > now);
  const done = timed.at(next < 0 ? -1 : next - 1);
  const then = next < 0 ? undefined : timed[next];
  return [
    ...(done ? [`sent ${nameOf(done)} ${duration(now - done.at)} ago`] : []),
    ...(then ? [`${nameOf(then)} in ${duration(then.at - now)}`] : []),
  ].join(', ');
}

function nameOf({ send, signal }: { readonly send?: string; readonly signal?: string }): string {
  return signal === undefined ? JSON.stringify(send ?? '') : clean(signal).replace(/^SIG/, '');
}
