import type { ConsoleDetail } from '../../../model/api.ts';
import { isUp } from '../../../model/process.ts';
import { type Command, type Io, JSON_OPTION } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { noteHolder } from '../parts/holder-note.ts';
import { one } from '../parts/select.ts';
import { statusOfServer } from '../parts/whole-server.ts';
import { deathText, lifeText } from '../text/death-text.ts';
import { clean } from '../text/display.ts';
import {
  field,
  headline,
  holdField,
  logText,
  sessionText,
  shellWords,
  sourceField,
  troubleText,
  waitText,
} from '../text/fields.ts';
import { tell } from '../text/folded.ts';
import { duration, local } from '../text/times.ts';

/** Everything about one console, one line each; what it does not have is left out. */
export function statusLines(detail: ConsoleDetail, io: Pick<Io, 'color' | 'now'>): readonly string[] {
  const { restarts, deaths } = detail;
  const some = (label: string, value: string | undefined): readonly string[] =>
    value === undefined || value === '' ? [] : [field(label, value)];
  const last = deaths[0];
  return [
    headline(detail, io),
    ...some('about', clean(detail.description)),
    ...holdField(detail),
    ...some('waits for', waitText(detail, io)),
    ...some('trouble', troubleText(detail, io)),
    ...some('since', local(detail.since)),
    ...some('command', detail.command && shellWords(detail.command)),
    ...sourceField(detail),
    ...some('directory', detail.chdir && clean(detail.chdir)),
    ...some('runs as', detail.user && clean(detail.user)),
    ...usage(detail).map((text, at) => field(at === 0 ? 'uses' : '', text)),
    ...some('restart', `${detail.restartMode}; ${restarts.hour} in the last hour, ${restarts.total} in all`),
    ...some('log', logText(detail)),
    ...endpoints(detail).map((endpoint, at) => field(at === 0 ? 'endpoints' : '', endpoint)),
    ...some('groups', detail.groups.map(clean).join(', ')),
    ...Object.entries(detail.labels).map(([key, value], at) =>
      field(at === 0 ? 'labels' : '', `${clean(key)} = ${clean(value)}`),
    ),
    ...some('keyboard', detail.writer ? sessionText(detail.writer) : 'free'),
    ...detail.sessionList.map((session, at) => field(at === 0 ? 'sessions' : '', sessionText(session))),
    ...(last ? [field('last death', `${deathText(last)}; ${ago(last.time, io)} (${lifeText(last)})`)] : []),
    ...some('last line', clean(detail.lastLine)),
  ];
}

function endpoints({ endpoints: all, bounded = {}, unopened = [] }: ConsoleDetail): readonly string[] {
  const reasons = new Map(unopened.map(({ endpoint, reason }) => [endpoint, reason]));
  return all.map((endpoint) => {
    const [reason, may] = [reasons.get(endpoint), bounded[endpoint]];
    const what = may ? `${clean(endpoint)} (only ${clean(may.join(', ') || 'nothing')})` : clean(endpoint);
    return reason === undefined ? what : `${what} (not open: ${clean(reason)})`;
  });
}

/** The resource use of its processes, or why that is unknown. */
function usage({ resources }: ConsoleDetail): readonly string[] {
  if (!resources) {
    return [];
  }
  const { missing, processes, cpuSeconds, cpuMax, memoryBytes, memoryPeakBytes, memoryMaxBytes } = resources;
  const figures = [
    ...(memoryBytes === undefined ? [] : [`memory ${mebi(memoryBytes)}`]),
    ...(memoryPeakBytes === undefined ? [] : [`at most ${mebi(memoryPeakBytes)}`]),
    ...(memoryMaxBytes === undefined ? [] : [`allowed ${mebi(memoryMaxBytes)}`]),
    ...(cpuSeconds === undefined ? [] : [`cpu ${cpuSeconds} s`]),
    ...(cpuMax === undefined ? [] : [`allowed ${cpuMax} of a processor`]),
    ...(processes === undefined ? [] : [`${processes} process${processes === 1 ? '' : 'es'}`]),
  ];
  return [
    ...(figures.length === 0 ? [] : [figures.join(', ')]),
    ...(missing === undefined ? [] : [`${figures.length === 0 ? 'not known: ' : ''}${clean(missing)}`]),
  ];
}

function mebi(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function ago(time: string, io: Pick<Io, 'now'>): string {
  return `${duration(io.now() - Date.parse(time))} ago`;
}

export const status: Command = {
  name: 'status',
  usage: '[NAME]',
  summary: 'everything about one console; without a name: how the server is, and how many consoles are how',
  help: 'Of a console the exit code tells whether it is up: 0, or 3 when it is not. Of the server it is 0 if that answers.',
  options: [JSON_OPTION],
  completes: 'console',
  operands: [0, 1],
  async run(context) {
    const { io, client, values, words } = context;
    if (words[0] === undefined) {
      return statusOfServer(context);
    }
    const detail = await client.detail(await one(context, words[0]));
    noteHolder([detail], io);
    if (values.json) {
      io.out(`${JSON.stringify(detail, undefined, 2)}\n`);
    } else {
      tell(io, statusLines(detail, io));
    }
    return isUp(detail.state) ? EXIT.ok : EXIT.down;
  },
};
