/** The two commands that describe all the others; they get the table as an argument since they are in it. */
import type { Command, Context } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { completions } from '../parts/completions.ts';
import { allPrograms } from '../parts/programs.ts';
import { completionScript, SHELLS, type Shell } from '../text/completion-script.ts';
import { commandHelp, overview, unknownCommand } from '../text/help-text.ts';
import { commandName } from '../text/synonyms.ts';

/** The call of the completion scripts: `words -- PROGRAM WORD ...`. */
const WORDS = 'words';

export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    usage: SHELLS.join('|'),
    summary: 'print the completion for a shell, for all programs of Holdfast',
    help: `install.sh puts it where these shells find it. Without that, for this shell:

  source <(holdfast completion bash)
  source <(holdfast completion zsh)
  holdfast completion fish | source

Names of consoles and groups come from the server, which has 1.5 s to answer.`,
    options: [],
    completes: [SHELLS, 'nothing'],
    local: true,
    operands: [1, Number.POSITIVE_INFINITY],
    async run(context) {
      const [shell = '', ...rest] = context.words;
      const programs = allPrograms(commands(), await context.hooks.lines());
      if (shell === WORDS) {
        return printWords(context, programs, rest);
      }
      if (!(SHELLS as readonly string[]).includes(shell)) {
        throw new UsageError(`completion: '${shell}' is not known; there are ${SHELLS.join(', ')}`);
      }
      if (rest.length > 0) {
        throw new UsageError(`completion: '${rest[0]}' is one word too many`);
      }
      const names = programs.map(({ name }) => name);
      context.io.out(completionScript(shell as Shell, names));
      return EXIT.ok;
    },
  };
}

async function printWords(
  context: Context,
  programs: ReturnType<typeof allPrograms>,
  [name, ...words]: readonly string[],
): Promise<number> {
  const program = programs.find((each) => each.name === name);
  if (program === undefined) {
    return EXIT.failed;
  }
  const { candidates, shell, before, late } = await completions(program, words, context);
  const lines = candidates.map(({ word, about }) => (about === undefined ? word : `${word}\t${about}`));
  const text = [...lines, ...(shell ? [`:${shell}\t${before}`] : [])].map((line) => `${line}\n`).join('');
  // A pending answer of a hung server must not hold up the shell.
  context.io.out(text, late ? () => process.exit(EXIT.ok) : undefined);
  return EXIT.ok;
}

export function helpCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    usage: '[COMMAND]',
    summary: 'this list, or the help of one command',
    options: [],
    completes: 'command',
    local: true,
    operands: [0, 1],
    async run({ docs, io, words }) {
      const [typed] = words;
      const name = typed === undefined ? undefined : commandName(typed);
      const command = commands().find((each) => each.name === name);
      if (name !== undefined && command === undefined) {
        throw new UsageError(`help: ${unknownCommand(commands(), name)}`);
      }
      const site = { columns: io.columns, docs };
      io.out(command === undefined ? overview(commands(), site) : commandHelp(command, site));
      return EXIT.ok;
    },
  };
}
