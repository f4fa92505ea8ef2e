/** One verb of `holdfast isis`. */

import { HoldfastError } from '../../../model/errors.ts';
import type { Context } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';

export interface IsisVerb {
  readonly name: string;
  readonly usage: string;
  /** Operands besides the name of the server. */
  readonly operands: readonly [least: number, most: number];
  /** `server`: the ISIS server that is meant; `words`: what follows it. */
  run(context: Context, server: string, words: readonly string[]): Promise<number>;
}

/** The server that the first word names; where there is one only, its name may be left out. */
export async function meant(
  { client }: Context,
  verb: IsisVerb,
  words: readonly string[],
): Promise<readonly [server: string, rest: readonly string[]]> {
  const servers = await client.isis.list();
  const [least, most] = verb.operands;
  const [first] = words;
  const named = servers.some(({ name }) => name === first) && words.length > least;
  const [only, second] = servers;
  const rest = named ? words.slice(1) : words;
  const usage = `usage: holdfast isis ${verb.name} ${verb.usage}`;
  if (rest.length < least) {
    throw new UsageError(`isis ${verb.name}: something is missing; ${usage}`);
  }
  if (named) {
    return [first as string, rest];
  }
  if (only === undefined) {
    throw new HoldfastError('HF_NO_ISIS', 'this host has no ISIS server');
  }
  if (second !== undefined || rest.length > most) {
    const names = servers.map(({ name }) => clean(name)).join(', ');
    throw new HoldfastError('HF_NO_ISIS', `which ISIS server: ${names}? ${usage}`);
  }
  return [only.name, rest];
}
