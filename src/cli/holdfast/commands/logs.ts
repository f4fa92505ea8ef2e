import { HoldfastError } from '../../../model/errors.ts';
import type { LogQuery } from '../../../model/host-port.ts';
import { replay } from '../../../model/terminal-questions.ts';
import { linesOf } from '../../../platform/lines.ts';
import { text, whole } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { one } from '../parts/select.ts';
import { clean } from '../text/display.ts';
import { parseTime } from '../text/times.ts';

const TAIL = 50;

export const logs: Command = {
  name: 'logs',
  usage: 'NAME',
  summary: "print a console's log, rotated and compressed files included",
  help: `On a terminal, control characters are removed, and without a range only the last ${TAIL} lines are shown.
A file or a pipe gets the whole log, byte for byte, unless a range is given.`,
  options: [
    { name: 'lines', short: 'n', value: 'N', help: 'the last N lines' },
    { name: 'since', value: 'TIME', help: 'from there on: 2h (ago), 03:15, 2026-11-21, 2026-11-21T03:15:00' },
    { name: 'until', value: 'TIME', help: 'up to there' },
    { name: 'follow', short: 'f', help: 'continue with new output, as long as the server is up' },
    { name: 'raw', help: 'keep control characters, even on a terminal, except those that it would answer' },
  ],
  completes: 'console',
  operands: [1, 1],
  async run(context) {
    const { io, client, values, words } = context;
    const since = text(values, 'since');
    const until = text(values, 'until');
    const ranged = since !== undefined || until !== undefined;
    const tail = whole(values, 'lines') ?? (ranged || !io.terminal ? undefined : TAIL);
    const time = (option: string, value: string) => parseTime(value, io.now(), option);
    const query: LogQuery = {
      ...(tail === undefined ? {} : { tail }),
      ...(since === undefined ? {} : { since: time('--since', since) }),
      ...(until === undefined ? {} : { until: time('--until', until) }),
      ...(values.follow ? { follow: true } : {}),
    };
    const bytes = client.log(await one(context, words[0] as string), query);
    if (!io.terminal || values.raw) {
      // The terminal's replies would be typed into the shell.
      for await (const chunk of io.terminal ? replay(bytes) : bytes) {
        io.out(chunk);
      }
    } else {
      for await (const line of linesOf(bytes)) {
        io.out(`${clean(line)}\n`);
      }
    }
    if (values.follow) {
      throw new HoldfastError('HF_NO_SERVER', 'the server went down; the log goes on where this stopped');
    }
    return EXIT.ok;
  },
};
