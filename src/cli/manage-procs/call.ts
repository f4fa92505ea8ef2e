/** The arguments of a subcommand, and its record: name, usage, options and action together. */
import type { OptionSpec } from '../../grammar/text/getopt.ts';
import type { LineOption } from '../../model/command-line.ts';
import type { Outside } from './outside.ts';
import type { Scope } from './scope.ts';

export interface Call {
  readonly outside: Outside;
  readonly scope: Scope;
  /** Times `-v` was given. */
  readonly verbose: number;
  /** Values by long name; an option without argument has the empty text. */
  readonly options: ReadonlyMap<string, string>;
  /** All values of an option that may be repeated. */
  all(name: string): readonly string[];
  /** Operands, then the words after them. */
  readonly words: readonly string[];
}

export interface Option extends OptionSpec, Pick<LineOption, 'words'> {
  readonly value?: string;
  readonly help: string;
}

export interface Subcommand {
  readonly name: string;
  /** The words after the name and the options. */
  readonly usage: string;
  readonly help: string;
  readonly options: readonly Option[];
  /** Words from this operand on belong to the command, options or not. */
  readonly operandsBeforeRest?: number;
  readonly operands: readonly [least: number, most: number];
  /** Exit status. */
  run(call: Call): number;
}

/** systemctl of this scope; its exit status. */
export function systemctl({ outside, scope, verbose }: Call, words: readonly string[]): number {
  const all = [scope.flag, ...words];
  if (verbose > 0) {
    outside.err(`manage-procs: systemctl ${all.join(' ')}\n`);
  }
  return outside.run('systemctl', all);
}
