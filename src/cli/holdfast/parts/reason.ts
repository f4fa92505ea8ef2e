/** Why something is done, as `--reason` says it. */
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
