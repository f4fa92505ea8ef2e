import { AttachClient } from '../../../client/attach-client.ts';
import { LineAssembler } from '../attach/line-assembler.ts';
import { whole } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';
import { EXIT, exitCodeOf } from '../command/exit-codes.ts';
import { several } from '../parts/select.ts';
import { clean, width } from '../text/display.ts';
import { paint, type Style } from '../text/styles.ts';

const LINES = 5;
const COLORS: readonly Style[] = ['cyan', 'yellow', 'green', 'magenta', 'blue'];

export const watch: Command = {
  name: 'watch',
  usage: 'NAME or PATTERN ...',
  summary: 'follow several consoles read-only, each line with its name before it',
  help: 'Runs until Ctrl-C. Only whole lines are shown, without control characters.',
  options: [
    { name: 'group', short: 'g', value: 'GROUP', help: 'the consoles of this group' },
    { name: 'lines', short: 'n', value: 'N', help: `lines of history of each [${LINES}]` },
  ],
  completes: 'console',
  operands: [0, Number.POSITIVE_INFINITY],
  async run(context) {
    const { io, client, clock, values } = context;
    const lines = whole(values, 'lines') ?? LINES;
    const chosen = await several(context, 'none');
    const room = Math.max(...chosen.map(({ name }) => width(clean(name))));
    let code: number = EXIT.ok;
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = chosen.length;
    const sessions = chosen.map(({ name }, at) => {
      const shown = clean(name);
      const prefix = paint(
        io.color,
        COLORS[at % COLORS.length] as Style,
        `${shown}${' '.repeat(room - width(shown))} | `,
      );
      const print = (line: string) => io.out(`${prefix}${clean(line)}\n`);
      const note = (text: string) => print(`-- ${text} --`);
      const assembler = new LineAssembler(print);
      const session = new AttachClient(client, name, { write: false }, clock, {
        output: (bytes) => assembler.feed(bytes),
        live: () => {},
        missed: (bytes) => note(`${bytes} bytes were missed here`),
        writer: () => {},
        said: note,
        refused: () => {},
        lost: () => note('the server is gone; waiting for it'),
        back: (continued) =>
          note(continued ? 'the server is back; this goes on where it stopped' : 'the server is back'),
        ended(reason, error) {
          assembler.flush();
          note(`ended: ${reason}`);
          code ||= error === undefined ? EXIT.ok : exitCodeOf(error);
          left--;
          if (left === 0) {
            resolve();
          }
        },
      });
      return session;
    });
    io.interrupted().addEventListener('abort', () => resolve());
    await Promise.all(sessions.map((session) => session.open({ lines })));
    await promise;
    for (const session of sessions) {
      session.close();
    }
    return code;
  },
};
