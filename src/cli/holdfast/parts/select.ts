/** Resolves a user's words to consoles: a name, an unambiguous beginning of a name, or a pattern. */

import type { ConsoleSummary } from '../../../model/api.ts';
import { someOf } from '../../../model/counted.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { Context } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';
import { didYouMeanName } from '../text/similar-names.ts';
import { isPattern, matcher } from './glob.ts';

/** Names listed when an abbreviation is ambiguous. */
const SHOWN = 8;

/** Every name that `word` means, in the order of `names`. */
export function resolve(word: string, names: readonly string[]): readonly string[] {
  if (names.includes(word)) {
    return [word];
  }
  if (isPattern(word)) {
    const found = names.filter(matcher(word));
    if (found.length === 0) {
      throw new HoldfastError('HF_NO_CONSOLE', `no console matches '${clean(word)}'; 'holdfast ps' lists them`);
    }
    return found;
  }
  const candidates = names.filter((name) => name.startsWith(word));
  if (candidates.length === 1) {
    return candidates;
  }
  if (candidates.length > 1) {
    const some = someOf(candidates.map(clean), SHOWN);
    throw new HoldfastError('HF_NO_CONSOLE', `'${clean(word)}' may be ${some}: type more of it, or a pattern`);
  }
  // As other tools say it.
  const otherwise = word === 'all' && names.length > 0 ? ": '*' means all of them" : "; 'holdfast ps' lists them";
  const meant = didYouMeanName(word, names, otherwise);
  throw new HoldfastError('HF_NO_CONSOLE', `no console is called '${clean(word)}'${meant}`);
}

/** The one console that the word means. */
export async function one(context: Context, word: string): Promise<string> {
  const names = (await context.client.list({})).map(({ name }) => name);
  const found = await orRefusal(context.client, [word], () => resolve(word, names));
  if (found.length > 1) {
    throw new HoldfastError(
      'HF_NO_CONSOLE',
      `'${clean(word)}' matches ${found.length} consoles; this command takes one`,
    );
  }
  return found[0] as string;
}

/** All consoles that the words select, each once; without words those of `--group`, or `otherwise`. */
export async function several(context: Context, otherwise: 'all' | 'none'): Promise<readonly ConsoleSummary[]> {
  const { words, values, client } = context;
  const group = typeof values.group === 'string' ? values.group : undefined;
  if (words.length === 0 && group === undefined && otherwise === 'none') {
    throw new UsageError(`name a console, a pattern, or --group; 'holdfast ps' lists them`);
  }
  const all = await client.list({});
  return orRefusal(client, words, () => selected(all, context));
}

/** The consoles a word selects; for one that the user may not see, the missing right. */
async function orRefusal<T>(client: Context['client'], words: readonly string[], choose: () => T): Promise<T> {
  try {
    return choose();
  } catch (error) {
    for (const word of words.filter((each) => !isPattern(each))) {
      await client.detail(word).catch((refusal: unknown) => {
        if (refusal instanceof HoldfastError && refusal.code === 'HF_FORBIDDEN') {
          throw refusal;
        }
      });
    }
    throw error;
  }
}

function groupsOf(all: readonly ConsoleSummary[]): readonly string[] {
  return [...new Set(all.flatMap(({ groups }) => groups))];
}

/** Those of all consoles that words and `--group` select; without either all. */
export function selected(
  all: readonly ConsoleSummary[],
  { words, values: { group } }: Pick<Context, 'words' | 'values'>,
): readonly ConsoleSummary[] {
  const members = typeof group === 'string' ? all.filter(({ groups }) => groups.includes(group)) : all;
  if (words.length === 0) {
    if (members.length === 0 && typeof group === 'string') {
      throw new HoldfastError(
        'HF_NO_CONSOLE',
        `no console is in group '${clean(group)}'${didYouMeanName(group, groupsOf(all), '')}`,
      );
    }
    return members;
  }
  const names = members.map(({ name }) => name);
  const chosen = new Set(words.flatMap((word) => resolve(word, names)));
  return members.filter(({ name }) => chosen.has(name));
}
