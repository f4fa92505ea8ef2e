import { text } from '../command/arguments.ts';
import { type Command, type Context, JSON_OPTION } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { isPattern } from '../parts/glob.ts';
import { one } from '../parts/select.ts';
import { accessLines } from '../text/access-text.ts';
import { tell } from '../text/folded.ts';

export const access: Command = {
  name: 'access',
  usage: '[NAME] [--user USER]',
  summary: 'who may do what, by which rule of [access]: what you may, what USER may, who may what on a console',
  help: `Without NAME: on which consoles, and on the server itself. Rights that come with others are not listed: 'holdfast access'
prints operate and not start, stop, restart...; docs/reference/config.md has the table.
What others may is told to those with the right configure or admin. USER is taken as one who uses holdfast on this host; by an
endpoint or over a network other rules may apply.`,
  options: [{ name: 'user', short: 'u', value: 'USER', help: 'what USER may, instead of what you may' }, JSON_OPTION],
  completes: 'console',
  operands: [0, 1],
  async run(context) {
    const { io, client, values, words } = context;
    const user = text(values, 'user');
    const [word] = words;
    const console = word === undefined ? undefined : await consoleNamed(context, word);
    const info = await client.access({
      ...(user === undefined ? {} : { user }),
      ...(console === undefined ? {} : { console }),
    });
    const view = { columns: io.columns, console, isOther: user !== undefined };
    if (values.json) {
      io.out(`${JSON.stringify(info, undefined, 2)}\n`);
    } else {
      tell(io, accessLines(info, view));
    }
    return EXIT.ok;
  },
};

/** An ISIS server, or a console that may not be seen, is named in full. */
async function consoleNamed(context: Context, word: string): Promise<string> {
  const isListed = (await context.client.list({})).some(({ name }) => name.startsWith(word));
  return isListed || isPattern(word) ? one(context, word) : word;
}
