/** What `start`, `stop`, `restart` and `release` have in common: some consoles, one verb, a word about each. */
import type { ConsoleSummary } from '../../model/api.ts';
import type { Command, CommandOption, Context } from './command.ts';
import { JSON_OPTION } from './command.ts';
import { clean } from './display.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { several } from './select.ts';

type Verb = 'start' | 'stop' | 'restart' | 'release';

/** Names in a question. */
const SHOWN = 12;

export const SELECTION: readonly CommandOption[] = [
  { name: 'group', short: 'g', value: 'GROUP', help: 'the consoles of this group' },
  { name: 'yes', short: 'y', help: 'do not ask before acting on more than one console' },
  JSON_OPTION,
];

export interface VerbText {
  readonly name: Verb;
  readonly summary: string;
  readonly help?: string;
}

export function verbCommand({ name, summary, help }: VerbText): Command {
  return {
    name,
    usage: 'NAME or PATTERN ...',
    summary,
    help: `${help === undefined ? '' : `${help}\n`}Comes back when the server has accepted it; 'holdfast events -f' shows what follows from it.`,
    options: SELECTION,
    completes: 'console',
    operands: [0, Number.POSITIVE_INFINITY],
    run: (context) => onEach(context, name, (console) => context.client.act(console.name, name)),
  };
}

/** Acts on every chosen console whatever becomes of the others; the exit code is that of the first that failed. */
export async function onEach(
  context: Context,
  verb: string,
  act: (console: ConsoleSummary) => Promise<ConsoleSummary>,
): Promise<number> {
  const { io, values } = context;
  const chosen = await several(context, 'none');
  if (chosen.length > 1 && !values.yes && io.interactive) {
    const names = chosen.slice(0, SHOWN).map(({ name }) => clean(name));
    const more = chosen.length > SHOWN ? ` and ${chosen.length - SHOWN} more` : '';
    if (!(await io.confirm(`${verb} ${chosen.length} consoles (${names.join(', ')}${more})?`))) {
      io.err('nothing was done\n');
      return EXIT.usage;
    }
  }
  const results = await Promise.allSettled(chosen.map(act));
  let code: number = EXIT.ok;
  const after: ConsoleSummary[] = [];
  results.forEach((result, at) => {
    const name = clean(chosen[at]?.name ?? '');
    if (result.status === 'fulfilled') {
      after.push(result.value);
      if (!values.json) {
        io.out(`${name}: ${result.value.state}\n`);
      }
      return;
    }
    code ||= exitCodeOf(result.reason);
    io.err(`holdfast ${verb}: ${name}: ${clean((result.reason as Error).message)}\n`);
  });
  if (values.json) {
    io.out(`${JSON.stringify(after, undefined, 2)}\n`);
  }
  return code;
}
