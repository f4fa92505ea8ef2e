/** Help, made from the records of the commands. */
import { entry, helpParts, optionLines, wrap } from '../../../model/command-line.ts';
import { didYouMean } from '../../../model/nearest-word.ts';
import { optionsOf, usageOf } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';
import { clean } from './display.ts';
import { EXAMPLES } from './examples.ts';
import { synonymHint } from './synonyms.ts';

const LABEL = 26;
/** Of a terminal that is wider, and of a pipe: longer lines are hard to read. */
const COLUMNS = 80;
/** Narrower terminals break the lines themselves. */
const LEAST_COLUMNS = 50;

/** Properties of the terminal and the installation that help texts use. */
export interface HelpSite {
  readonly columns: number;
  /** The folder of the documents. */
  readonly docs: string;
}

function columnsOf({ columns }: Pick<HelpSite, 'columns'>): number {
  return Math.max(LEAST_COLUMNS, Math.min(columns, COLUMNS));
}

export function commandHelp(command: Command, site: HelpSite): string {
  const { name, summary, help = '', raw } = command;
  const columns = columnsOf(site);
  const options = raw ? '' : optionLines(optionsOf(command), LABEL, columns);
  const shown = (EXAMPLES[name] ?? []).map(([line, what]) => `  ${line}\n${entry('', what, 4, columns)}`).join('');
  const about = filled(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`, columns);
  return `usage: ${usageOf(command)}

${about}${help === '' ? '' : `\n${filled(help, columns)}`}${options === '' ? '' : `\noptions:\n${options}`}${shown === '' ? '' : `\nexamples:\n${shown}`}
${filled(`More: man holdfast-${name}, ${site.docs}/reference/cli.md`, columns)}`;
}

/** Paragraphs in lines of at most `columns`. */
function filled(text: string, columns: number): string {
  return helpParts(text)
    .map(({ literal, lines, apart }, at) => {
      const shown = literal ? lines.flatMap((line) => hung(line, columns)) : wrap(lines.join(' '), columns);
      return `${apart && at > 0 ? '\n' : ''}${shown.map((line) => `${line}\n`).join('')}`;
    })
    .join('');
}

/** A line of columns that is too long goes on below its last column. */
function hung(line: string, columns: number): readonly string[] {
  if (line.length <= columns) {
    return [line];
  }
  const [, head = '', text = ''] = /^( *\S+(?: \S+)* {2,}|\s*)(.*)$/.exec(line) ?? [];
  return wrap(text, columns - head.length).map((part, at) => `${at === 0 ? head : ' '.repeat(head.length)}${part}`);
}

/** The suggestion for an unknown command. */
export function unknownCommand(commands: readonly Command[], typed: string): string {
  const names = commands.map(({ name }) => name);
  if (typed.startsWith('-')) {
    return `'${clean(typed)}' does not go before a command, only after it; 'holdfast help' lists the commands`;
  }
  const hint = synonymHint(typed);
  return `there is no command '${clean(typed)}'${hint ? `: ${hint}` : didYouMean(typed, names) || "; 'holdfast help' lists them"}`;
}

export function overview(commands: readonly Command[], site: HelpSite): string {
  const columns = columnsOf(site);
  return `usage: holdfast COMMAND [options] [words]

${filled('Keeps the long-running, interactive processes of a control system running, and their consoles at hand.', columns)}
${commands.map(({ name, summary }) => entry(name, summary, 12, columns)).join('')}
${filled(
  `A console may be named by the beginning of its name if that is unambiguous; many commands take patterns such as 'vac-*'.
'holdfast help COMMAND' and 'holdfast COMMAND --help' tell more; '--socket PATH' names another server, '--host HOST' another host, before the command or after it.

Documents: man holdfast, man holdfast.toml; guides and reference in ${site.docs}`,
  columns,
)}`;
}
