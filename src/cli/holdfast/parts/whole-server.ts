/** `status` and `why` of no console in particular: of the server, and of whatever is in trouble. */
import type { ConsoleSummary, VersionInfo } from '../../../model/api.ts';
import { byUrgency, conditionOf, isTrouble } from '../../../model/condition.ts';
import { counted } from '../../../model/counted.ts';
import { NO_PID } from '../../../model/process.ts';
import type { Context, Io } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { deathText } from '../text/death-text.ts';
import { clean, fit } from '../text/display.ts';
import { field, troubleText } from '../text/fields.ts';
import { tell } from '../text/folded.ts';
import { leftOutNotes, summaryLine, troubleNotes } from '../text/overview.ts';
import { paint, stateStyle } from '../text/styles.ts';
import { duration, local } from '../text/times.ts';
import { noteHolder } from './holder-note.ts';

type View = Pick<Io, 'color' | 'columns' | 'now'>;

/** Consoles whose ends are asked for; further ones are counted. */
const MOST = 20;

/** The server and its holder, then how many consoles are how. */
export function serverLines(
  { version, pid, startedAt, holder, config }: VersionInfo,
  consoles: readonly ConsoleSummary[],
  view: View,
): readonly string[] {
  const since = (time: string) => `since ${local(time)} (${duration(view.now() - Date.parse(time))})`;
  const trouble = [...consoles].filter(isTrouble).sort(byUrgency);
  return [
    field('server', `holdfast ${clean(version)}, pid ${pid}, ${since(startedAt)}`),
    field(
      'holder',
      holder.silent || holder.pid === NO_PID
        ? 'does not answer'
        : `holdfast ${clean(holder.version)}, pid ${holder.pid}, ${since(holder.startedAt)}`,
    ),
    ...config.files.map((file, at) => field(at === 0 ? 'config' : '', clean(file))),
    ...(config.changedOnDisk ? [field('', "changed on disk, not applied: see 'holdfast plan'")] : []),
    summaryLine(consoles, view),
    ...[...troubleNotes(consoles), ...leftOutNotes(config)].map((note) => paint(view.color, 'yellow', note)),
    ...(trouble.length === 0 ? [] : ["'holdfast why' says what is wrong with those in trouble"]),
  ];
}

/** One line for a console in trouble. `end`: how it ended the last time. */
export function troubleLine(console: ConsoleSummary, end: string | undefined, view: View): string {
  const { logTrouble, name, restarts, since, startTrouble } = console;
  const condition = conditionOf(console);
  const age = (time: string) => duration(view.now() - Date.parse(time));
  const why = troubleText(console, view) ?? (end && `last end: ${end}`);
  const reasons = [
    ...(why === undefined ? [] : [why]),
    ...(restarts.hour > 0 && condition !== 'dark' ? [`${counted(restarts.hour, 'restart')} in the last hour`] : []),
    ...(logTrouble ? [`not logged since ${local(logTrouble.since)}: ${clean(logTrouble.text)}`] : []),
  ];
  const head = `${clean(name)}: ${condition} for ${age(condition === 'dark' && startTrouble ? startTrouble.since : since)}`;
  const line = fit(`${head}${reasons.length === 0 ? '' : `; ${reasons.join('; ')}`}`, view.columns);
  return paint(view.color, stateStyle(condition), line);
}

export async function statusOfServer({ client, io, values }: Context): Promise<number> {
  const [version, consoles] = await Promise.all([client.version(), client.list()]);
  noteHolder(consoles, io);
  if (values.json) {
    io.out(`${JSON.stringify({ server: version, consoles }, undefined, 2)}\n`);
  } else {
    tell(io, serverLines(version, consoles, io));
  }
  return EXIT.ok;
}

export async function whyTrouble({ client, io, values }: Context): Promise<number> {
  const consoles = await client.list();
  noteHolder(consoles, io);
  const trouble = consoles.filter(isTrouble).sort(byUrgency);
  const details = await Promise.all(
    // One that is gone or may not be read is shown without its end.
    trouble.slice(0, MOST).map(({ name }) => client.detail(name).catch(() => undefined)),
  );
  if (values.json) {
    io.out(
      `${JSON.stringify(
        details.filter((each) => each !== undefined),
        undefined,
        2,
      )}\n`,
    );
    return EXIT.ok;
  }
  const ends = new Map(details.flatMap((each) => (each?.deaths[0] ? [[each.name, deathText(each.deaths[0])]] : [])));
  const shown = trouble.slice(0, MOST).map((each) => troubleLine(each, ends.get(each.name), io));
  const more = trouble.length > MOST ? [`and ${trouble.length - MOST} more: 'holdfast ps' lists them`] : [];
  const last =
    trouble.length === 0 ? [`nothing is in trouble: ${summaryLine(consoles, io)}`] : ["'holdfast why NAME' tells more"];
  tell(io, [...shown, ...more, ...last]);
  return EXIT.ok;
}
