/** Options about tokens, of the commands that make some. */
import type { Right } from '../../../model/api.ts';
import { RIGHT_NAMES } from '../../../model/rights.ts';
import { LONGEST_TOKEN_SECONDS } from '../../../model/token-port.ts';
import { text } from '../command/arguments.ts';
import type { Values } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { parseDuration } from '../text/times.ts';

const DAY_SECONDS = 86_400;

/** The rights of a list with commas. */
export function rightsOf(values: Values): readonly Right[] | undefined {
  const words = text(values, 'may')?.split(',');
  const unknown = words?.find((word) => !(RIGHT_NAMES as readonly string[]).includes(word));
  if (unknown !== undefined) {
    throw new UsageError(`--may: '${unknown}' is not a right; there are ${RIGHT_NAMES.join(', ')}`);
  }
  return words as readonly Right[] | undefined;
}

/** Names, patterns, groups of a list with commas. */
export function consolesOf(values: Values): readonly string[] | undefined {
  const words = text(values, 'on')?.split(',');
  if (words?.some((word) => !/^[!-~]{1,128}$/.test(word))) {
    throw new UsageError("--on: names, patterns and @groups of consoles, with commas, such as 'vac-*,@rf'");
  }
  return words;
}

/** Whole seconds of `--for`, that a token can be valid. */
export function secondsOf(values: Values, otherwise?: number): number {
  const given = text(values, 'for');
  if (given === undefined && otherwise === undefined) {
    throw new UsageError('token create: say with --for how long it is valid, such as --for 30d');
  }
  const seconds = given === undefined ? (otherwise as number) : Math.ceil(parseDuration(given, '--for') / 1000);
  if (seconds < 1 || seconds > LONGEST_TOKEN_SECONDS) {
    throw new UsageError(`--for: a token is valid for 1s to ${LONGEST_TOKEN_SECONDS / DAY_SECONDS}d`);
  }
  return seconds;
}
