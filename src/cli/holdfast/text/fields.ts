/** `label  value` lines for one console: the common top of `status` and `why`. */
import type { ConsoleDetail, ConsoleSummary, SessionInfo } from '../../../model/api.ts';
import { conditionOf } from '../../../model/condition.ts';
import { userText } from '../../../model/principal.ts';
import type { Io } from '../command/command.ts';
import { cell, clean } from './display.ts';
import { paint, stateStyle } from './styles.ts';
import { duration, local } from './times.ts';

const LABEL = 12;

export function field(label: string, value: string): string {
  return `  ${cell(label, LABEL)}${value}`;
}

/** `name: state for 5m (pid 4711)`. */
export function headline(detail: ConsoleDetail, io: Pick<Io, 'color' | 'now'>): string {
  const condition = conditionOf(detail);
  // The state of a dark link changes with each attempt.
  const since = condition === 'dark' && detail.startTrouble ? detail.startTrouble.since : detail.since;
  const age = duration(io.now() - Date.parse(since));
  const pid = detail.pid === undefined ? '' : ` (pid ${detail.pid})`;
  const name = paint(io.color, 'bold', clean(detail.name));
  return `${name}: ${paint(io.color, stateStyle(condition), condition)} for ${age}${pid}`;
}

export function holdField(detail: ConsoleDetail): readonly string[] {
  const { hold } = detail;
  if (hold === undefined) {
    return [];
  }
  const until = hold.until === undefined ? 'until released' : `until ${local(hold.until)}`;
  return [field('held', `"${clean(hold.reason)}", by ${clean(hold.by)} since ${local(hold.since)}, ${until}`)];
}

/** The target of a link. */
export function sourceField({ address, kind }: ConsoleDetail): readonly string[] {
  return address ? [field('source', `${kind} ${clean(address)}`)] : [];
}

/** Where the log is, and what is wrong with it. */
export function logText({ log, logTrouble }: ConsoleDetail): string {
  const trouble = logTrouble === undefined ? '' : `: not written since ${local(logTrouble.since)}: ${logTrouble.text}`;
  return log === undefined ? 'none' : clean(`${log}${trouble}`);
}

/** `environment file /mnt/env, since 12s`. */
export function waitText({ waitsFor }: ConsoleSummary, io: Pick<Io, 'now'>): string | undefined {
  return waitsFor && `${clean(waitsFor.what)}, since ${duration(io.now() - Date.parse(waitsFor.since))}`;
}

/** `connection refused since 3m`, `not started for 3m: unknown user 'ioc'`. Undefined: nothing prevents it from being up. */
export function troubleText(console: ConsoleSummary, io: Pick<Io, 'now'>): string | undefined {
  const { startTrouble } = console;
  if (startTrouble === undefined) {
    return undefined;
  }
  const [age, text] = [duration(io.now() - Date.parse(startTrouble.since)), clean(startTrouble.text)];
  return conditionOf(console) === 'dark' ? `${text} since ${age}` : `not started for ${age}: ${text}`;
}

export function sessionText(session: SessionInfo): string {
  return `${clean(userText(session))} from ${clean(session.from)} (${session.via}), ${session.mode} since ${local(session.since)}`;
}

/** Words as a shell would need them. */
export function shellWords(words: readonly string[]): string {
  return words
    .map((word) => clean(word))
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
