import type { Command } from '../command/command.ts';
import { fileOfServer } from '../parts/main-file.ts';

export const exportCommand: Command = {
  name: 'export',
  usage: 'KIND [OPTION]...',
  summary: "print this host's consoles as another tool's configuration",
  help: "'holdfast export --help' lists the kinds: conserver.",
  options: [],
  completes: 'file',
  operands: [0, Number.POSITIVE_INFINITY],
  raw: true,
  async run({ client, hooks, io, words }) {
    const isNamed = words.length === 0 || words.some((word) => /^(-c|--c|-h|--he|--$)/.test(word));
    const file = isNamed ? undefined : await fileOfServer(client);
    return hooks.export(file === undefined ? words : [...words, '-c', file], io);
  },
};
