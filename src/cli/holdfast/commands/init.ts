import { text } from '../command/arguments.ts';
import { CONFIG_OPTION, type Command } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';
import { tell } from '../text/folded.ts';

export const init: Command = {
  name: 'init',
  usage: '[-c FILE] [--stdout]',
  summary: 'write a configuration to begin with, and say what this machine has already',
  help: `It names the configurations of procServ, conserver and softioc that were found, and how 'holdfast import' takes them.
Nothing is started, and a file that exists is never replaced.`,
  options: [CONFIG_OPTION, { name: 'stdout', help: 'print it, and write nothing' }],
  completes: 'nothing',
  local: true,
  operands: [0, 0],
  async run({ hooks, io, values }) {
    const files = hooks.files();
    const { imports, path, text: sample, there } = await files.sample(text(values, 'config'));
    if (values.stdout) {
      io.out(sample);
      return EXIT.ok;
    }
    const [first] = there;
    if (first !== undefined) {
      io.err(
        `holdfast: init: there is a configuration already: ${clean(first)}; nothing was written; --stdout prints a sample\n`,
      );
      return EXIT.failed;
    }
    files.write(path, sample);
    tell(io, [`wrote ${clean(path)}: look into it, then`]);
    for (const [what, why] of [
      ...imports.map((kind) => [`import ${kind} --write`, 'take what was found on this machine'] as const),
      ['check', 'find mistakes'],
      ['up', 'start the server'],
    ] as const) {
      io.out(`  holdfast ${what.padEnd(28)} ${why}\n`);
    }
    return EXIT.ok;
  },
};
