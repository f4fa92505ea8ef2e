import { whole } from './arguments.ts';
import { type Command, JSON_OPTION } from './command.ts';
import { eventLine } from './event-text.ts';
import { EXIT } from './exit-codes.ts';
import { one } from './select.ts';

const LIMIT = 50;

export const events: Command = {
  name: 'events',
  usage: '[NAME]',
  summary: 'the history: every change of state, who came and went, what was configured',
  help: 'With --json every event is one line of JSON; --follow goes on until Ctrl-C.',
  options: [
    { name: 'follow', short: 'f', help: 'go on with what happens from now on' },
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
    if (!values.follow) {
      (await client.events(query)).forEach(print);
      return EXIT.ok;
    }
    for await (const event of client.followEvents(query)) {
      print(event);
      if (io.interrupted.aborted) {
        break;
      }
    }
    return EXIT.ok;
  },
};
