import { PASSING } from '../../../client/passing.ts';
import type { EventInfo } from '../../../model/api.ts';
import { HoldfastError } from '../../../model/errors.ts';
import { pause } from '../../../platform/time/pause.ts';
import { whole } from '../command/arguments.ts';
import { type Command, type Context, JSON_OPTION } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { latestEvent } from '../parts/latest-event.ts';
import { one } from '../parts/select.ts';
import { eventLine } from '../text/event-text.ts';

const LIMIT = 50;
/** Events to catch up with after a restart of the server. */
const MOST = 10_000;
/** Between two attempts to reach the server again. */
const RETRY_MS = 200;

/** Prints the events after `last`, across restarts of the server, until interrupted. */
async function followOn(
  { client, clock, io }: Context,
  console: string | undefined,
  last: number,
  print: (event: EventInfo) => void,
): Promise<void> {
  const { interrupted } = io;
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

export const events: Command = {
  name: 'events',
  usage: '[NAME]',
  summary: 'the history: every change of state, connection and configuration',
  help: 'With --json every event is one line of JSON; --follow runs until Ctrl-C.',
  options: [
    { name: 'follow', short: 'f', help: 'continue with new events' },
    { name: 'lines', short: 'n', value: 'N', help: `the newest N events [${LIMIT}]` },
    { name: 'since', value: 'SEQ', help: 'only events after this sequence number' },
    JSON_OPTION,
  ],
  completes: 'console',
  operands: [0, 1],
  async run(context) {
    const { io, client, values, words } = context;
    const limit = whole(values, 'lines') ?? LIMIT;
    const since = whole(values, 'since');
    const console = words[0] === undefined || words[0].startsWith('isis.') ? words[0] : await one(context, words[0]);
    const query = { limit, ...(console === undefined ? {} : { console }), ...(since === undefined ? {} : { since }) };
    const print = (event: Parameters<typeof eventLine>[0]) =>
      io.out(`${values.json ? JSON.stringify(event) : eventLine(event, io, console === undefined)}\n`);
    const newest = await latestEvent(client);
    const past = await client.events(query);
    past.forEach(print);
    if (values.follow) {
      const last = Math.max(newest, past.at(-1)?.seq ?? 0, since ?? 0);
      await followOn(context, console, last, print);
    }
    return EXIT.ok;
  },
};
