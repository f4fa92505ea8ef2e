import type { Command } from '../command/command.ts';

export const importCommand: Command = {
  name: 'import',
  usage: 'KIND [PATH] [--write]',
  summary: "read another tool's configuration and print it as holdfast.toml",
  help: "'holdfast import --help' lists the kinds: procserv, e3, manage-iocs, ioc-runner, conserver.",
  options: [],
  completes: 'file',
  operands: [0, Number.POSITIVE_INFINITY],
  raw: true,
  here: true,
  async run({ hooks, io, words }) {
    // Files are read one after the other without a turn of the event loop: a hung file server lets no timer tell how long.
    io.progress('reading');
    try {
      return await hooks.import(words, io);
    } finally {
      io.progress('');
    }
  },
};
