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
  run: ({ hooks, io, words }) => hooks.import(words, io),
};
