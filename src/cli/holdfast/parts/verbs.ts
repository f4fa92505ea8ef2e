/** Shared by the commands that do something to consoles: one verb on some of them, with a line about each. */

import type { ConsoleSummary } from '../../../model/api.ts';
import { someOf } from '../../../model/counted.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { VERBS } from '../../../model/rights.ts';
import type { WaitedVerb } from '../../../model/verb-progress.ts';
import { text } from '../command/arguments.ts';
import type { Command, CommandOption, Context } from '../command/command.ts';
import { JSON_OPTION } from '../command/command.ts';
import { EXIT, exitCodeOf, UsageError } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';
import { parseDuration } from '../text/times.ts';
import { REASON_OPTION, reasonFor } from './reason.ts';
import { hintAtRelease, isHeld } from './release-hint.ts';
import { several } from './select.ts';
import { complaint, VerbReport } from './verb-report.ts';
import { VerbWait } from './verb-wait.ts';

/** Most names in a question. */
const SHOWN = 12;

export const SELECTION: readonly CommandOption[] = [
  { name: 'group', short: 'g', value: 'GROUP', help: 'the consoles of this group' },
  { name: 'yes', short: 'y', help: 'do not ask before acting on more than one console' },
  JSON_OPTION,
];

/** For those that wait until it is done. */
export const WAITING: readonly CommandOption[] = [
  {
    name: 'timeout',
    short: 't',
    value: 'DURATION',
    help: 'wait at most this long [what its recipe and readiness take, and 90s]',
  },
  { name: 'no-wait', help: 'return when the server has accepted it' },
];

const WAITS = `Returns when it is done, with a line for each console as it happens: exit code 1 if it has failed on any, 4 if the time
was over. Ctrl-C ends the waiting, not what was asked for.`;

export interface VerbText {
  readonly name: Exclude<WaitedVerb, 'hold'>;
  readonly summary: string;
  readonly help?: string;
}

export function verbCommand({ name, summary, help }: VerbText): Command {
  return {
    name,
    usage: 'NAME or PATTERN ...',
    summary,
    help: waitsHelp(help),
    options: [REASON_OPTION, ...WAITING, ...SELECTION],
    completes: 'console',
    operands: [0, Number.POSITIVE_INFINITY],
    run: (context) => untilDone(context, name, (console, reason) => context.client[name](console.name, reason)),
  };
}

export function waitsHelp(help?: string): string {
  return help === undefined ? WAITS : `${help}\n${WAITS}`;
}

type Act = (console: ConsoleSummary, reason: string | undefined) => Promise<ConsoleSummary>;

/**
 * Acts on every chosen console, whatever happens to the others, and tells how they are once the server has accepted it; the exit code
 * is that of the first failure.
 */
export async function onEach(context: Context, verb: keyof typeof VERBS, act: Act): Promise<number> {
  const order = await ordered(context, verb);
  return order === undefined ? EXIT.usage : accepted(context, verb, act, order);
}

async function accepted(
  context: Context,
  verb: keyof typeof VERBS,
  act: Act,
  { chosen, reason }: Order,
): Promise<number> {
  const { io, values } = context;
  const results = await Promise.allSettled(chosen.map((console) => act(console, reason)));
  let code: number = EXIT.ok;
  const told: ConsoleSummary[] = [];
  const held: string[] = [];
  for (const [at, result] of results.entries()) {
    if (result.status === 'rejected') {
      const name = chosen[at]?.name ?? '';
      code ||= exitCodeOf(result.reason);
      io.err(complaint(verb, name, (result.reason as Error).message));
      held.push(...(isHeld(result.reason) ? [name] : []));
    } else {
      told.push(result.value);
    }
  }
  await hintAtRelease(context, verb, held);
  io.out(
    values.json
      ? `${JSON.stringify(told, undefined, 2)}\n`
      : told.map(({ name, state }) => `${clean(name)}: ${state}\n`).join(''),
  );
  return code;
}

/** The same, and waits until it is done, unless there is `--no-wait`. */
export async function untilDone(context: Context, verb: WaitedVerb, act: Act): Promise<number> {
  const { clock, client, io, values } = context;
  const given = text(values, 'timeout');
  if (values['no-wait'] && (given !== undefined || values.wait)) {
    throw new UsageError(`${verb}: --no-wait does not go with --${values.wait ? 'wait' : 'timeout'}`);
  }
  const timeout = given === undefined ? undefined : parseDuration(given, '--timeout');
  if (values['no-wait']) {
    return onEach(context, verb, act);
  }
  const order = await ordered(context, verb);
  if (order === undefined) {
    return EXIT.usage;
  }
  const { chosen, reason } = order;
  const report = new VerbReport(io, verb, values.json === true);
  const wait = new VerbWait({
    ...{ verb, client, clock, timeout },
    settled: (outcome) => report.settled(outcome),
    looked: () => report.show(wait),
  });
  try {
    await wait.begin();
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'HF_NO_ROUTE') {
      io.err(`holdfast ${verb}: the server is older and does not tell what follows: not waiting\n`);
      return accepted(context, verb, act, order);
    }
    throw error;
  }
  const held: string[] = [];
  const asked = chosen.map(async (console) => {
    try {
      wait.add(await act(console, reason));
    } catch (error) {
      report.refused(console, error as Error);
      held.push(...(isHeld(error) ? [console.name] : []));
    }
  });
  await wait.run(Promise.all(asked), io.interrupted());
  const code = report.end(chosen);
  await hintAtRelease(context, verb, held);
  return code;
}

interface Order {
  readonly chosen: readonly ConsoleSummary[];
  readonly reason: string | undefined;
}

/** The consoles and the reason; undefined: the user has declined. */
async function ordered(context: Context, verb: keyof typeof VERBS): Promise<Order | undefined> {
  const { io, values } = context;
  const chosen = await several(context, 'none');
  if (chosen.length > 1 && !values.yes && io.interactive && !(await confirmed(context, verb, chosen))) {
    io.err('nothing was done\n');
    return undefined;
  }
  const names = chosen.map(({ name }) => name);
  return { chosen, reason: await reasonFor(context, verb, names) };
}

export function confirmed(
  { io }: Pick<Context, 'io'>,
  verb: string,
  chosen: readonly ConsoleSummary[],
): Promise<boolean> {
  const names = chosen.map(({ name }) => clean(name));
  return io.confirm(`${verb} ${chosen.length} consoles (${someOf(names, SHOWN)})?`);
}
