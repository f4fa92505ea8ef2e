/** The two commands that describe all the others; they get the table as an argument since they are in it. */
import type { Command } from '../command/command.ts';
import { EXIT, UsageError } from '../command/exit-codes.ts';
import { completionScript, SHELLS, type Shell } from '../text/completion-script.ts';
import { commandHelp, overview, unknownCommand } from '../text/help-text.ts';

export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    usage: SHELLS.join('|'),
    summary: 'print the completion for a shell',
    help: `For this shell:  source <(holdfast completion bash)
For good:        holdfast completion bash > /etc/bash_completion.d/holdfast`,
    options: [],
    completes: 'shell',
    local: true,
    operands: [1, 1],
    async run({ io, words }) {
      const shell = words[0] as string;
      if (!(SHELLS as readonly string[]).includes(shell)) {
        throw new UsageError(`completion: '${shell}' is not known; there are ${SHELLS.join(' and ')}`);
      }
      io.out(completionScript(shell as Shell, commands()));
      return EXIT.ok;
    },
  };
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
    async run({ io, words }) {
      const [name] = words;
      const command = commands().find((each) => each.name === name);
      if (name !== undefined && command === undefined) {
        throw new UsageError(`help: ${unknownCommand(commands(), name)}`);
      }
      io.out(command === undefined ? overview(commands()) : commandHelp(command));
      return EXIT.ok;
    },
  };
}
