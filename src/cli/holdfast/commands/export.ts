import type { Command } from '../command/command.ts';
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
  run: (context) =>
    context.hooks.export(context.words, context.io, () =>
      runningOrFiles(context, () => context.client.configuration()),
    ),
};
