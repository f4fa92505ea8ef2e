import type { ConsoleDetail, DeathInfo, EventInfo } from '../../../model/api.ts';
import { type Fold, foldEvents } from '../../../model/event-folds.ts';
import { failedStart, verdictOf } from '../../../model/verdict.ts';
import { whole } from '../command/arguments.ts';
import { type Command, type Io, JSON_OPTION } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { noteHolder } from '../parts/holder-note.ts';
import { one } from '../parts/select.ts';
import { whyTrouble } from '../parts/whole-server.ts';
import { deathText, lifeText } from '../text/death-text.ts';
import { clean, fit } from '../text/display.ts';
import { eventLine } from '../text/event-text.ts';
import { field, headline, holdField, logText, shellWords, sourceField, waitText } from '../text/fields.ts';
import { tell } from '../text/folded.ts';
import { paint } from '../text/styles.ts';
import { duration, local } from '../text/times.ts';

type View = Pick<Io, 'color' | 'columns' | 'now'>;

/** Deaths shown, events asked for. */
const DEATHS = 3;
const EVENTS = 12;
/** Events of which those are made that are shown: of a crash loop many become one. */
const FOLDED = 500;
/** Last lines shown for the newest death; older ones get a quarter of that, so that all fits on one screen. */
const LINES = 12;

/** One sentence: what this state means and what to do about it. */
export function verdict(detail: ConsoleDetail): string {
  const { remedy, text } = verdictOf(detail);
  return clean(remedy ? `${text} 'holdfast ${remedy.verb} ${detail.name}' ${remedy.does}.` : text);
}

/** The screen of `holdfast why`. `events` are oldest first. */
export function whyLines(
  detail: ConsoleDetail,
  events: readonly EventInfo[],
  view: View,
  lines = LINES,
): readonly string[] {
  const title = (text: string) => paint(view.color, 'bold', text);
  return [
    headline(detail, view),
    `  ${verdict(detail)}`,
    ...holdField(detail),
    ...waitField(detail, view),
    ...startField(detail, events),
    field(
      'restarts',
      `${detail.restarts.hour} in the last hour, ${detail.restarts.total} in all, by its policy (${detail.restartMode})`,
    ),
    ...(detail.command ? [field('command', shellWords(detail.command))] : []),
    ...sourceField(detail),
    ...(detail.log === undefined ? [] : [field('log', logText(detail))]),
    ...detail.deaths
      .slice(0, DEATHS)
      .flatMap((death, at) => ['', ...deathLines(death, at === 0 ? lines : Math.ceil(lines / 4), view)]),
    ...(detail.deaths.length === 0 ? ['', noDeath(detail)] : []),
    ...(events.length > 0
      ? [
          '',
          title('What happened, and who did it'),
          ...folded(events).map((event) => `  ${eventLine(event, view, false)}`),
        ]
      : []),
  ];
}

function folded(events: readonly EventInfo[]): readonly (EventInfo | Fold)[] {
  return foldEvents(events, events.length === FOLDED).slice(-EVENTS);
}

function waitField(detail: ConsoleDetail, view: View): readonly string[] {
  const text = waitText(detail, view);
  return text === undefined ? [] : [field('waits for', text)];
}

function startField(detail: ConsoleDetail, events: readonly EventInfo[]): readonly string[] {
  const text = failedStart(detail, events);
  return text === undefined ? [] : [field('last start', clean(text))];
}

/** Earlier deaths may have been forgotten. */
function noDeath({ historySince }: ConsoleDetail): string {
  return historySince === undefined
    ? 'No death of it is known.'
    : `It has not died since ${local(historySince)}; the history goes back no further.`;
}

function deathLines(death: DeathInfo, lines: number, view: View): readonly string[] {
  const when = `${local(death.time)} (${duration(view.now() - Date.parse(death.time))} ago)`;
  const shown = lines === 0 ? [] : death.lastLines.slice(-lines);
  const room = view.columns - 4;
  return [
    `${paint(view.color, death.asked === undefined ? 'red' : 'bold', when)}: ${deathText(death)}; ${lifeText(death)}`,
    ...shown.map((line) => `  ${paint(view.color, 'gray', '|')} ${fit(clean(line), room)}`),
  ];
}

export const why: Command = {
  name: 'why',
  usage: '[NAME]',
  summary: 'why it is or was down: its end, its last lines, who did what; without a name: of all in trouble, in short',
  options: [
    { name: 'lines', short: 'n', value: 'N', help: `last lines to show before the newest death [${LINES}]` },
    JSON_OPTION,
  ],
  completes: 'console',
  operands: [0, 1],
  async run(context) {
    const { io, client, values, words } = context;
    const lines = whole(values, 'lines') ?? LINES;
    if (words[0] === undefined) {
      return whyTrouble(context);
    }
    const name = await one(context, words[0]);
    const [detail, events] = await Promise.all([
      client.detail(name),
      client.events({ console: name, limit: values.json ? EVENTS : FOLDED, changes: true }),
    ]);
    noteHolder([detail], io);
    if (values.json) {
      io.out(`${JSON.stringify({ verdict: verdict(detail), console: detail, events }, undefined, 2)}\n`);
    } else {
      tell(io, whyLines(detail, events, io, lines));
    }
    return EXIT.ok;
  },
};
