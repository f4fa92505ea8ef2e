import { PASSING } from '../../../client/passing.ts';
import type { EventInfo } from '../../../model/api.ts';
import { HoldfastError } from '../../../model/errors.ts';
import { type Fold, foldEvents } from '../../../model/event-folds.ts';
import { EVENT_MEANING } from '../../../model/events.ts';
import { type Leaving, Stays } from '../../../model/stays.ts';
import { pause } from '../../../platform/time/pause.ts';
import { text, whole } from '../command/arguments.ts';
import { type Command, type Context, JSON_OPTION } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { FoldedEvents } from '../parts/folded-events.ts';
import { latestEvent } from '../parts/latest-event.ts';
import { one } from '../parts/select.ts';
import { clean } from '../text/display.ts';
import { eventLine } from '../text/event-text.ts';
import { tell } from '../text/folded.ts';
import { local, parseTime } from '../text/times.ts';

const LIMIT = 50;
/** Events to catch up with after a restart of the server. */
const MOST = 10_000;
/** Events of which those are made that are shown: of a crash loop many become one. */
const FOLDED = 1000;
/** Between two attempts to reach the server again. */
const RETRY_MS = 200;

/** Prints the events after `last`, across restarts of the server, until interrupted. */
async function followOn(
  { client, clock, io }: Context,
  console: string | undefined,
  last: number,
  print: (event: EventInfo) => void,
): Promise<void> {
  const interrupted = io.interrupted();
  let since = last;
  for (let lost = false; !interrupted.aborted; ) {
    const query = { limit: MOST, since, ...(console === undefined ? {} : { console }) };
    try {
      for await (const event of client.followEvents(query, interrupted)) {
        since = event.seq;
        lost = false;
        print(event);
      }
    } catch (error) {
      const passing = error instanceof HoldfastError && PASSING.has(error.code);
      if (!passing && !interrupted.aborted) {
        throw error;
      }
    }
    if (!interrupted.aborted && !lost) {
      lost = true;
      io.err('-- the server is gone; waiting for it --\n');
    }
    await pause(clock, RETRY_MS, interrupted);
  }
}

/** What `--type` and `--group` let through, and what `--since` gives as a time. */
async function selection({ client, values, io }: Context, since: string | undefined) {
  const types = text(values, 'type')
    ?.split(',')
    .map((word) => word.trim());
  const wrong = types?.find((type) => !Object.hasOwn(EVENT_MEANING, type));
  if (wrong !== undefined) {
    throw new UsageError(`--type: there is no '${clean(wrong)}', but ${Object.keys(EVENT_MEANING).join(', ')}`);
  }
  const group = text(values, 'group');
  const members = group === undefined ? undefined : new Set((await client.list({ group })).map(({ name }) => name));
  if (group !== undefined && members?.size === 0) {
    throw new HoldfastError('HF_NO_CONSOLE', `no console is in group '${clean(group)}'`);
  }
  const from = since === undefined ? undefined : parseTime(since, io.now(), '--since');
  return (event: EventInfo): boolean =>
    (types === undefined || types.includes(event.type)) &&
    (members === undefined || members.has(event.console ?? '')) &&
    (from === undefined || Date.parse(event.time) >= from);
}

export const events: Command = {
  name: 'events',
  usage: '[NAME]',
  summary: 'the history: every change of state, connection and configuration',
  help: `Where a console was started again by its policy many times in a row, that is one line; with --follow the third end begins
one, which comes every 30 s. --all shows each. --json folds nothing: there every event is one line of JSON. --follow runs until Ctrl-C.

--since takes a time, as logs and grep do, or the number of an event (seq): what came after it. --type takes ${Object.keys(EVENT_MEANING).join(', ')}.`,
  options: [
    { name: 'follow', short: 'f', help: 'continue with new events' },
    { name: 'lines', short: 'n', value: 'N', help: `the newest N lines [${LIMIT}; with --since all]` },
    {
      name: 'since',
      value: 'TIME',
      help: 'from there on: 2h (ago), 03:15, 2026-11-21; or after the event of this number',
    },
    { name: 'type', short: 't', value: 'TYPE', help: 'only events of this type, or of several, with commas between' },
    { name: 'group', short: 'g', value: 'GROUP', help: 'only those of the consoles of this group' },
    { name: 'all', short: 'a', help: 'fold nothing' },
    JSON_OPTION,
  ],
  completes: 'console',
  operands: [0, 1],
  async run(context) {
    const { io, client, values, words } = context;
    const sinceText = text(values, 'since');
    const seq = sinceText !== undefined && /^\d+$/.test(sinceText) ? whole(values, 'since') : undefined;
    const wanted = await selection(context, seq === undefined ? sinceText : undefined);
    const lines = whole(values, 'lines') ?? (sinceText !== undefined && seq === undefined ? MOST : LIMIT);
    const console = words[0] === undefined || words[0].startsWith('isis.') ? words[0] : await one(context, words[0]);
    const folds = !values.json && !values.all;
    const sifts =
      ['type', 'group'].some((option) => values[option] !== undefined) ||
      (sinceText !== undefined && seq === undefined);
    const query = {
      // Of many that are folded or sifted few are left.
      limit: sifts ? MOST : folds && lines > 0 ? Math.max(lines, FOLDED) : lines,
      ...(console === undefined ? {} : { console }),
      ...(seq === undefined ? {} : { since: seq }),
    };
    const stays = new Stays();
    const print = (event: Leaving | Fold) =>
      values.json ? io.out(`${JSON.stringify(event)}\n`) : tell(io, [eventLine(event, io, console === undefined)]);
    const newest = await latestEvent(client);
    const found = (await client.events(query)).map((event) => (values.json ? event : stays.add(event)));
    const past = found.filter(wanted);
    if (sifts && found.length === MOST) {
      io.err(`only the newest ${MOST} events were looked at, back to ${local(found[0]?.time ?? '')}\n`);
    }
    const shown = folds ? foldEvents(past, found.length === query.limit) : past;
    (lines === 0 ? [] : shown.slice(-lines)).forEach(print);
    if (values.follow) {
      const last = Math.max(newest, found.at(-1)?.seq ?? 0, seq ?? 0);
      const follower = folds ? new FoldedEvents(context.clock, print) : undefined;
      await followOn(context, console, last, (event) => {
        const told = values.json ? event : stays.add(event);
        if (wanted(event)) {
          follower ? follower.add(told) : print(told);
        }
      });
      follower?.end();
    }
    return EXIT.ok;
  },
};
