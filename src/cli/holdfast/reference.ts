/** docs/reference/cli.md, made from the table of commands and that of the exit codes. */
import { COMMON } from './arguments.ts';
import type { Command } from './command.ts';
import { EXIT, EXIT_MEANING, type ExitName } from './exit-codes.ts';
import { optionLabel } from './help-text.ts';

const escaped = (text: string) => text.replaceAll('|', '\\|');

function options(list: Command['options']): string {
  return list.map((option) => `| \`${escaped(optionLabel(option).trim())}\` | ${escaped(option.help)} |\n`).join('');
}

function section(command: Command): string {
  const { name, usage, summary, help } = command;
  const table = command.options.length === 0 ? '' : `\n| option | |\n| --- | --- |\n${options(command.options)}`;
  const text = help === undefined ? '' : `\n${help.includes('\n  ') ? `\`\`\`text\n${help}\n\`\`\`` : help}\n`;
  return `## holdfast ${name}

\`\`\`text
holdfast ${[name, usage].filter((part) => part !== '').join(' ')}
\`\`\`

${summary.charAt(0).toUpperCase()}${summary.slice(1)}.
${text}${table}`;
}

export function cliReference(commands: readonly Command[]): string {
  const codes = (Object.keys(EXIT) as ExitName[]).map((name) => `| ${EXIT[name]} | ${EXIT_MEANING[name]} |\n`).join('');
  return `# The holdfast command

This page is made from the program's own table ; a test keeps it equal to that (and writes it, with UPDATE_REFERENCE=1).

A console may be named by the beginning of its name where only one begins so. Commands that act on several also take patterns
(\`*\`, \`?\`, \`[a-f]\`) and \`--group\`; on a terminal they ask before they act on more than one, unless \`--yes\`. Nothing that a
console or another user wrote reaches the terminal with control characters in it, except through \`attach\` and \`logs --raw\`.
Colours appear on a terminal only, and not with \`NO_COLOR\`.

Every command also has:

| option | |
| --- | --- |
${options(COMMON)}
The control socket is \`--socket\`, else \`$HOLDFAST_SOCKET\`, else \`/run/holdfast/control\` for root and
\`$XDG_RUNTIME_DIR/holdfast/control\` for everybody else.

## Exit codes

| code | meaning |
| --- | --- |
${codes}
Where several consoles are named, all are tried, and the code is that of the first that failed.

${commands.map(section).join('\n')}`;
}
