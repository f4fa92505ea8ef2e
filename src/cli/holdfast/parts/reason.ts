/** Why something is done: as `--reason` says it, or a person at a terminal, where a rule asks for it. */
import { type ReasonWanted, reasonWanted } from '../../../model/access-told.ts';
import { counted } from '../../../model/counted.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { HostClient } from '../../../model/host-port.ts';
import { deedText, type Verb } from '../../../model/rights.ts';
import { text } from '../command/arguments.ts';
import type { CommandOption, Context } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';

export const REASON_OPTION: CommandOption = {
  name: 'reason',
  short: 'r',
  value: 'TEXT',
  help: 'why: in the events, and where [access] asks for it',
};

/** Undefined: none is given. */
export function givenReason({ values }: Pick<Context, 'values'>): string | undefined {
  const given = text(values, 'reason')?.trim();
  if (given === '') {
    throw new UsageError('--reason: the TEXT is empty');
  }
  return given;
}

/**
 * The reason for a verb on these consoles, or on the server itself. A person is asked once for all of them, before anything is done, unless
 * there is `--yes`. Throws if none is given where one is required.
 */
export async function reasonFor(
  context: Context,
  verb: Verb,
  consoles: readonly string[] | 'server',
): Promise<string | undefined> {
  const given = givenReason(context);
  const { client, io, values } = context;
  if (given !== undefined || !io.interactive || values.yes === true) {
    return given;
  }
  const wanted = await wantedFor(client, verb, consoles);
  if (wanted === undefined || wanted === 'forbidden') {
    return undefined;
  }
  const answer = (await io.ask(`reason (shown in the events${wanted === 'asked' ? '; may be empty' : ''}):`)).trim();
  if (answer === '' && wanted === 'required') {
    throw new UsageError(`${deedText(verb, namesOf(consoles))}: it takes a reason; nothing was done`);
  }
  return answer === '' ? undefined : answer;
}

function namesOf(consoles: readonly string[] | 'server'): string | undefined {
  const [only = ''] = consoles;
  return consoles === 'server' ? undefined : consoles.length === 1 ? only : counted(consoles.length, 'console');
}

/** Whether a rule wants a reason for it; `forbidden`: no rule gives the right, to any of these. */
export async function wantedFor(
  client: Pick<HostClient, 'access'>,
  verb: Verb,
  consoles: readonly string[] | 'server',
): Promise<ReasonWanted> {
  const [only, ...others] = consoles === 'server' ? [] : consoles;
  const info = await client
    .access(only !== undefined && others.length === 0 ? { console: only } : {})
    .catch((error: unknown) => {
      // A server older than its client has no such rules.
      if (error instanceof HoldfastError && error.code === 'HF_NO_ROUTE') {
        return undefined;
      }
      throw error;
    });
  return info && reasonWanted(info, verb, consoles);
}
