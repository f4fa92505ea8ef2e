/** Shared by `start`, `stop`, `restart` and `release`: one verb on some consoles, with a line about each. */
import type { ConsoleSummary } from '../../../model/api.ts';
import type { VERBS } from '../../../model/rights.ts';
import type { Command, CommandOption, Context } from '../command/command.ts';
import { JSON_OPTION } from '../command/command.ts';
import { EXIT, exitCodeOf } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';
import { REASON_OPTION, reasonFor } from './reason.ts';
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
    help: `${help === undefined ? '' : `${help}\n`}Returns when the server has accepted the request; 'holdfast events -f' shows what follows.`,
    options: [REASON_OPTION, ...SELECTION],
    completes: 'console',
    operands: [0, Number.POSITIVE_INFINITY],
    run: (context) => onEach(context, name, (console, reason) => context.client[name](console.name, reason)),
  };
}

/** The outcome for a console; `problem` if it is not what was asked for. */
export interface Outcome extends ConsoleSummary {
  readonly problem?: string;
}

/**
 * Acts on every chosen console, whatever happens to the others; the exit code is that of the first failure. `settle`
 * may wait for what follows from it.
 */
export async function onEach(
  context: Context,
  verb: keyof typeof VERBS,
  act: (console: ConsoleSummary, reason: string | undefined) => Promise<ConsoleSummary>,
  settle: (accepted: readonly ConsoleSummary[]) => Promise<readonly Outcome[]> = async (accepted) => accepted,
): Promise<number> {
  const { io, values } = context;
  const chosen = await several(context, 'none');
  if (chosen.length > 1 && !values.yes && io.interactive && !(await confirmed(context, verb, chosen))) {
    io.err('nothing was done\n');
    return EXIT.usage;
  }
  const reason = await reasonFor(
    context,
    verb,
    chosen.map(({ name }) => name),
  );
  const results = await Promise.allSettled(chosen.map((console) => act(console, reason)));
  let code: number = EXIT.ok;
  const complain = (name: string, message: string, failure: number) => {
    code ||= failure;
    io.err(`holdfast ${verb}: ${clean(name)}: ${clean(message)}\n`);
  };
  results.forEach((result, at) => {
    if (result.status === 'rejected') {
      complain(chosen[at]?.name ?? '', (result.reason as Error).message, exitCodeOf(result.reason));
    }
  });
  const outcomes = await settle(results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
  for (const { name, state, problem } of outcomes) {
    if (problem !== undefined) {
      complain(name, `${state}: ${problem}`, EXIT.failed);
    } else if (!values.json) {
      io.out(`${clean(name)}: ${state}\n`);
    }
  }
  if (values.json) {
    io.out(`${JSON.stringify(outcomes, undefined, 2)}\n`);
  }
  return code;
}

function confirmed({ io }: Context, verb: string, chosen: readonly ConsoleSummary[]): Promise<boolean> {
  const names = chosen.slice(0, SHOWN).map(({ name }) => clean(name));
  const more = chosen.length > SHOWN ? ` and ${chosen.length - SHOWN} more` : '';
  return io.confirm(`${verb} ${chosen.length} consoles (${names.join(', ')}${more})?`);
}
