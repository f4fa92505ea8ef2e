import { HoldfastError } from '../../../model/errors.ts';
import type { Command, Context } from '../command/command.ts';
import { runningOrFiles } from '../parts/running-config.ts';

export const exportCommand: Command = {
  name: 'export',
  usage: 'KIND [OPTION]...',
  summary: "print this host's consoles as another tool's configuration",
  help: "'holdfast export --help' lists the kinds: conserver.",
  options: [],
  completes: 'file',
  operands: [0, Number.POSITIVE_INFINITY],
  raw: true,
  run: (context) => context.hooks.export(context.words, context.io, () => running(context)),
};

/** The usual files are there for those who may not even open the control socket. */
async function running(context: Context) {
  try {
    return await runningOrFiles(context, () => context.client.configuration());
  } catch (error) {
    if (context.host === undefined && error instanceof HoldfastError) {
      return { untold: error };
    }
    throw error;
  }
}
