/** The records of all programs: that of `holdfast` is made of its commands. */
import type { CommandLine } from '../../../model/command-line.ts';
import { optionsOf, PROGRAM_OPTIONS } from '../command/arguments.ts';
import type { Command, OtherLines } from '../command/command.ts';
import { EXAMPLES } from '../text/examples.ts';

export function holdfastLine(commands: readonly Command[], others: readonly CommandLine[]): CommandLine {
  return {
    name: 'holdfast',
    usage: ['COMMAND [options] [words]', '--host HOST | --socket PATH COMMAND [options] [words]'],
    summary: 'keep the processes of a control system running, and their consoles at hand',
    options: PROGRAM_OPTIONS,
    operands: ['command'],
    commands: commands.map((command) => ({ ...lineOf(command), ...others.find(({ name }) => name === command.name) })),
  };
}

function lineOf(command: Command): CommandLine {
  const { name, usage, summary, help, completes } = command;
  const examples = EXAMPLES[name];
  return {
    ...{ name, summary, usage: [usage], options: optionsOf(command) },
    ...(help === undefined ? {} : { help }),
    ...(examples === undefined ? {} : { examples }),
    operands: typeof completes === 'string' ? withEnd(command, [completes]) : completes,
  };
}

/** Nothing follows the last of a bounded number. */
function withEnd({ operands: [, most] }: Command, words: CommandLine['operands']): CommandLine['operands'] {
  return most === Number.POSITIVE_INFINITY ? words : [...words, 'nothing'];
}

export function allPrograms(commands: readonly Command[], others: OtherLines): readonly CommandLine[] {
  return [holdfastLine(commands, others.commands), ...others.programs];
}
