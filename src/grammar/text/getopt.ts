/**
 * Command lines as GNU getopt_long(3) reads them (spec/procserv.md 1): bundled short options, `--name=value`,
 * unambiguous abbreviations, parsing that stops at the first word which is not an option. Pure.
 */

import type { LineOption } from '../../model/command-line.ts';

export interface OptionSpec {
  /** Long name without dashes. */
  readonly name: string;
  /** One character. */
  readonly short?: string;
  readonly argument: 'none' | 'required' | 'optional';
  /**
   * Newer than the command lines that must keep working: takes no abbreviation away from an option without this mark.
   */
  readonly added?: boolean;
}

/** One option as given, in order. */
export interface GivenOption {
  readonly name: string;
  readonly value?: string;
}

export interface ParsedWords {
  readonly options: readonly GivenOption[];
  /** Everything from the first word on that is not an option. */
  readonly rest: readonly string[];
  /** The error, without the program's name, in the words of the C library, which scripts rely on. */
  readonly error?: string;
}

/** How options of a record are read. */
export function optionSpecs(options: readonly (LineOption & { readonly name: string })[]): readonly OptionSpec[] {
  return options.map(({ name, short, value, joined }) => ({
    name,
    ...(short === undefined ? {} : { short }),
    argument: value === undefined ? 'none' : joined === 'optional' ? 'optional' : 'required',
  }));
}

export function getopt(specs: readonly OptionSpec[], words: readonly string[]): ParsedWords {
  const options: GivenOption[] = [];
  let at = 0;
  const fail = (error: string): ParsedWords => ({ options, rest: words.slice(at), error });
  while (at < words.length) {
    const word = words[at] as string;
    if (word === '--') {
      return { options, rest: words.slice(at + 1) };
    }
    if (word === '-' || !word.startsWith('-')) {
      break;
    }
    at++;
    const problem = word.startsWith('--') ? takeLong(word.slice(2)) : takeShort(word.slice(1));
    if (problem !== undefined) {
      return fail(problem);
    }
  }
  return { options, rest: words.slice(at) };

  function takeLong(text: string): string | undefined {
    const equals = text.indexOf('=');
    const typed = equals < 0 ? text : text.slice(0, equals);
    const inline = equals < 0 ? undefined : text.slice(equals + 1);
    const exact = specs.find(({ name }) => name === typed);
    const meant = specs.filter(({ name }) => name.startsWith(typed));
    const older = meant.filter(({ added }) => !added);
    const candidates = exact ? [exact] : older.length > 0 ? older : meant;
    const [spec] = candidates;
    if (spec === undefined) {
      return `unrecognized option '--${typed}'`;
    }
    if (candidates.length > 1) {
      return `option '--${typed}' is ambiguous; possibilities: ${candidates.map(({ name }) => `'--${name}'`).join(' ')}`;
    }
    if (spec.argument === 'none' && inline !== undefined) {
      return `option '--${spec.name}' doesn't allow an argument`;
    }
    const value = inline ?? (spec.argument === 'required' ? words[at++] : undefined);
    if (spec.argument === 'required' && value === undefined) {
      return `option '--${spec.name}' requires an argument`;
    }
    options.push(value === undefined ? { name: spec.name } : { name: spec.name, value });
    return undefined;
  }

  function takeShort(text: string): string | undefined {
    for (let i = 0; i < text.length; i++) {
      const spec = specs.find(({ short }) => short === text[i]);
      if (spec === undefined) {
        return `invalid option -- '${text[i]}'`;
      }
      if (spec.argument === 'none') {
        options.push({ name: spec.name });
        continue;
      }
      const attached = text.slice(i + 1) || undefined;
      const value = attached ?? (spec.argument === 'required' ? words[at++] : undefined);
      if (spec.argument === 'required' && value === undefined) {
        return `option requires an argument -- '${spec.short}'`;
      }
      options.push(value === undefined ? { name: spec.name } : { name: spec.name, value });
      return undefined;
    }
    return undefined;
  }
}
