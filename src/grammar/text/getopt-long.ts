/**
 * Command lines as Perl's Getopt::Long reads them with its defaults, as isisCmd and execISIS do (spec/isis.md 12):
 * options and arguments mix, one dash or two, any case, `--name=value`, unambiguous beginnings, no bundling of letters.
 * One thing differs: a word that begins with `+` is an argument, so that `isisCmd is +LOG` can be said. Pure.
 */

export interface LongOption {
  /** A one-letter alias. */
  readonly short?: string;
  /** Takes a whole number; absent: takes nothing. */
  readonly value?: 'number';
}

export interface LongWords<Name extends string> {
  /** Options as given, the last of a name; those without a value are 1. */
  readonly options: ReadonlyMap<Name, number>;
  readonly words: readonly string[];
}

export class LongOptionError extends Error {}

/** Throws LongOptionError with what is wrong. */
export function getoptLong<Name extends string>(
  table: Readonly<Record<Name, LongOption>>,
  given: readonly string[],
): LongWords<Name> {
  const options = new Map<Name, number>();
  const words: string[] = [];
  const queue = [...given];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const [, text, joined] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (word === '--') {
      words.push(...queue.splice(0));
    } else if (!word.startsWith('-') || word === '-') {
      words.push(word);
    } else {
      const name = findOption(table, text ?? word);
      options.set(name, table[name].value === undefined ? flag(name, joined) : number(name, joined ?? queue.shift()));
    }
  }
  return { options, words };
}

function findOption<Name extends string>(table: Readonly<Record<Name, LongOption>>, given: string): Name {
  const wanted = given.toLowerCase();
  const names = Object.keys(table) as Name[];
  const exact = names.find((name) => name === wanted || table[name].short === wanted);
  const fits = exact === undefined ? names.filter((name) => name.startsWith(wanted)) : [exact];
  if (fits.length !== 1) {
    throw new LongOptionError(
      fits.length === 0
        ? `there is no option ${given}`
        : `${given} may be ${fits.map((name) => `--${name}`).join(' or ')}`,
    );
  }
  return fits[0] as Name;
}

function flag(name: string, value: string | undefined): number {
  if (value !== undefined) {
    throw new LongOptionError(`--${name} takes no value`);
  }
  return 1;
}

function number(name: string, value: string | undefined): number {
  if (value === undefined || !/^[-+]?\d+$/.test(value)) {
    throw new LongOptionError(`--${name} takes a whole number${value === undefined ? '' : `, not '${value}'`}`);
  }
  return Number(value);
}
