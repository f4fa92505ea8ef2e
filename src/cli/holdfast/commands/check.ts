import { existsSync } from 'node:fs';
import type { LoadedConfig } from '../../../config/load-config.ts';
import { counted } from '../../../model/counted.ts';
import { text } from '../command/arguments.ts';
import { CONFIG_OPTION, type Command, JSON_OPTION } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { isMachines } from '../parts/socket-path.ts';
import { clean } from '../text/display.ts';
import { tell } from '../text/folded.ts';
import { problemLine } from '../text/plan-text.ts';

/** Files that are named one by one. */
const NAMED = 4;

/** The result as a line of text. */
export function soundText({ consoles, files }: NonNullable<LoadedConfig['config']>): string {
  const named = files.slice(0, NAMED).map(clean).join(', ');
  const more = files.length > NAMED ? ` and ${counted(files.length - NAMED, 'more file')}` : '';
  return `no mistakes: ${counted(consoles.length, 'console')} in ${named}${more}`;
}

export const check: Command = {
  name: 'check',
  usage: '[-c FILE]',
  summary: 'find every mistake in the configuration files; no server is needed',
  help: `All that a server would refuse to start with, each with its file and line, and what it would leave out.
Exit code 0: no mistakes (there may be warnings); 78: there are some.`,
  options: [CONFIG_OPTION, JSON_OPTION],
  completes: 'nothing',
  local: true,
  operands: [0, 0],
  async run({ hooks, io, socket, values }) {
    const file = text(values, 'config');
    // Without a configuration of their own a user asks the machine's server, and means its files.
    const uid = file === undefined && isMachines(socket, io.env) ? 0 : undefined;
    const { config, problems, warnings } = await hooks.files().load(file, uid);
    if (values.json) {
      const { files = [], consoles = [] } = config ?? {};
      const answer = { files, consoles: consoles.map(({ name }) => name), problems, warnings };
      io.out(`${JSON.stringify(answer, undefined, 2)}\n`);
      return config ? EXIT.ok : EXIT.config;
    }
    io.err(warnings.map((warning) => `warning: ${problemLine(warning)}\n`).join(''));
    if (!config) {
      io.err(problems.map((problem) => `${problemLine(problem)}\n`).join(''));
      io.err(`${counted(problems.length, 'mistake')}: a server would not start with this\n`);
      if (file === undefined && io.env.HOLDFAST_SOCKET && !problems.some(({ file: each }) => existsSync(each))) {
        io.err("-c names the file of the server at $HOLDFAST_SOCKET: 'holdfast version' shows which it reads\n");
      }
      return EXIT.config;
    }
    tell(io, [soundText(config)]);
    return EXIT.ok;
  },
};
