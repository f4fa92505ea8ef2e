/** docs/reference/cli.md, made from the table of commands and that of the exit codes. */

import { optionLabel } from '../../../model/command-line.ts';
import { COMMON, HOST } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';
import { EXIT, EXIT_MEANING, type ExitName } from '../command/exit-codes.ts';
import { cell, width } from './display.ts';
import { EXAMPLES } from './examples.ts';
import { SYNONYMS } from './synonyms.ts';

/** A Markdown table with its columns padded, as the formatter of this project leaves it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((text) => text.replaceAll('|', '\\|')));
  const widths = head.map((_, at) => Math.max(3, ...cells.map((row) => width(row[at] ?? ''))));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, at) => cell(text, widths[at] as number)).join(' | ')} |\n`;
  const [top = [], ...rest] = cells;
  return [line(top), line(widths.map((dashes) => '-'.repeat(dashes))), ...rest.map(line)].join('');
}

function options(list: Command['options']): string {
  return table(
    ['option', ''],
    list.map((option) => [`\`${optionLabel(option).trim()}\``, option.help] as const),
  );
}

const SIGNALS: readonly (readonly [string, string, string])[] = [
  ['TERM', 'it goes down; holder and processes stay', 'stops each process by its recipe, and ends'],
  ['INT', 'as TERM', 'ignored'],
  ['HUP', 'reloads the configuration, reopens the logs', 'ignored'],
  ['STOP, CONT', 'nothing is served; processes and logs go on', 'stops, and goes on'],
  ['TSTP, TTIN, TTOU', 'as STOP with `--foreground`, otherwise ignored', 'ignored'],
  ['all others, also real-time ones', 'ignored', 'ignored'],
];

function section(command: Command): string {
  const { name, usage, summary, help } = command;
  const own = command.options.length === 0 ? '' : `\n${options(command.options)}`;
  const text = help === undefined ? '' : `\n${help.includes('\n  ') ? `\`\`\`text\n${help}\n\`\`\`` : help}\n`;
  return `## holdfast ${name}

\`\`\`text
holdfast ${[name, usage].filter((part) => part !== '').join(' ')}
\`\`\`

${summary.charAt(0).toUpperCase()}${summary.slice(1)}.
${text}${own}${examplesOf(name)}`;
}

function examplesOf(name: string): string {
  const lines = (EXAMPLES[name] ?? []).map(([line, what]) => `# ${what}\n${line}`);
  return lines.length === 0 ? '' : `\n\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`;
}

export function cliReference(commands: readonly Command[]): string {
  const codes = table(
    ['code', 'meaning'],
    (Object.keys(EXIT) as ExitName[]).map((name) => [String(EXIT[name]), EXIT_MEANING[name]] as const),
  );
  return `# The holdfast command

This page is generated from the program's own tables; a test keeps them equal.

A console may be named by the beginning of its name if that is unambiguous. Commands that act on several also take patterns
(\`*\`, \`?\`, \`[a-f]\`) and \`--group\`; on a terminal they ask before acting on more than one, unless \`--yes\`. Nothing that a
console or another user wrote reaches the terminal with control characters in it, except through \`attach\` and \`logs --raw\`.
Colours are used on a terminal only, and not with \`NO_COLOR\` or \`TERM=dumb\`. On a terminal long lines are folded and tables cut; into a
pipe everything is whole.

Words of other tools: ${SYNONYMS.map(([typed, name]) => `\`${typed}\` is \`${name}\``).join(', ')}; others are answered with what to type.

Every command also has these, \`--socket\` and \`--host\` where it asks a server:

${options([...COMMON, HOST])}
The control socket is \`--socket\`, otherwise \`$HOLDFAST_SOCKET\`, otherwise \`/run/holdfast/control\` for root and
\`$XDG_RUNTIME_DIR/holdfast/control\` for everybody else; a user who has neither that nor a configuration
(\`~/.config/holdfast\`) means the machine's where there is one, up or down: an operator in the group of \`server.control_group\`. \`up\` listens in
\`runtime_dir\` of \`[server]\`, and refuses a \`--socket\` or \`$HOLDFAST_SOCKET\` that names another one.

Both may also stand before the command (\`holdfast --host ioc1 isis\`: after \`isis\` it is a host of ISIS). \`--host\` comes before
\`$HOLDFAST_HOST\`, which comes before every control socket but that of \`--socket\`. A console of another host is also
\`HOST/NAME\`. The name of a host is the one of its \`holdfast login\`, or the part of it before a dot. Commands that are about this
machine (\`up\`, \`import\`, \`systemd\`, \`certificate\`) refuse \`--host\`; \`doctor\` leaves out what only its machine can see, and
\`grep\` has the server search.

## Exit codes

${codes}
If several consoles are named, all are tried, and the code is that of the first that failed.

## Signals to server and holder

${table(['signal', 'to the server (`holdfast up`)', 'to the holder'], SIGNALS)}
While the holder is stopped (STOP), output and input of every process, and their starts and ends, wait until it is continued.

${commands.map(section).join('\n')}`;
}
