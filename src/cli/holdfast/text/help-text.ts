/** Help, made from the records of the commands. */
import { didYouMean } from '../../../model/nearest-word.ts';
import { optionsOf, usageOf } from '../command/arguments.ts';
import type { Command, CommandOption } from '../command/command.ts';
import { clean } from './display.ts';

const LABEL = 26;

export function optionLabel({ name, short, value }: CommandOption): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

function entry(label: string, text: string, room = LABEL): string {
  const gap = label.length >= room ? `\n${' '.repeat(room + 2)}` : ' '.repeat(room - label.length);
  return `  ${label}${gap}${text}\n`;
}

export function commandHelp(command: Command): string {
  const options = command.raw
    ? ''
    : optionsOf(command)
        .map((o) => entry(optionLabel(o), o.help))
        .join('');
  return `usage: ${usageOf(command)}

${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.
${command.help === undefined ? '' : `\n${command.help}\n`}${options === '' ? '' : `\noptions:\n${options}`}`;
}

export function unknownCommand(commands: readonly Command[], typed: string): string {
  const names = commands.map(({ name }) => name);
  return `there is no command '${clean(typed)}'${didYouMean(typed, names) || "; 'holdfast help' lists them"}`;
}

export function overview(commands: readonly Command[]): string {
  return `usage: holdfast COMMAND [options] [words]

Keeps the long-running, interactive processes of a control system running, and their consoles at hand.

${commands.map(({ name, summary }) => entry(name, summary, 12)).join('')}
A console may be named by the beginning of its name if that is unambiguous; many take patterns such as 'vac-*'.
'holdfast help COMMAND' and 'holdfast COMMAND --help' tell more, '--socket PATH' names another server, '--host HOST' another host.
`;
}
