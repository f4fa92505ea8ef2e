/** `holdfast export`: the consoles of this host as another tool's configuration, so that it can reach them. */
import { hostname } from 'node:os';
import { loadHostConfig } from '../../config/load-config.ts';
import { getopt, optionSpecs } from '../../grammar/text/getopt.ts';
import type { RunningConfig, RunningConsole } from '../../model/api.ts';
import { type CommandLine, type LineOption, optionLines } from '../../model/command-line.ts';
import { didYouMean } from '../../model/nearest-word.ts';
import { conserverCf, type ExportedConsole } from './conserver.ts';

/** The outside of the export. */
export interface ExportIo {
  out(text: string): void;
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id; absent: that of this process. */
  readonly uid?: number;
}

/** The configuration of a server, or the file used instead and why. */
interface Told {
  readonly running?: RunningConfig;
  readonly file?: string;
  /** User id of the server. */
  readonly uid?: number;
  readonly untold?: Error;
}

const KINDS = ['conserver'];

const OPTIONS: readonly (LineOption & { readonly name: string })[] = [
  {
    name: 'config',
    short: 'c',
    value: 'FILE',
    help: 'a holdfast.toml, whatever a server runs',
  },
  { name: 'master', short: 'm', value: 'NAME', words: 'nothing', help: 'host of the conserver [localhost]' },
  {
    name: 'host',
    short: 'H',
    value: 'NAME',
    joined: 'optional',
    words: 'nothing',
    help: 'the conserver is on another host, and reaches this one under NAME [the name of this host]; without it: on this host, through unix sockets where there are some',
  },
  { name: 'help', short: 'h', help: 'show this text' },
];
const SPECS = optionSpecs(OPTIONS);

/** For completion and the man page. */
export const EXPORT: CommandLine = {
  name: 'export',
  usage: ['KIND [OPTION]...'],
  summary: "print this host's consoles as another tool's configuration",
  help: `It then reaches them at their endpoints. They are those that the server runs; without one, and with -c, those of
the configuration files. Consoles that cannot be reached so are named on standard error. KIND is

  conserver    conserver.cf, to be included in that of a real conserver`,
  options: OPTIONS,
  operands: [KINDS, 'nothing'],
};

const HELP = `usage: holdfast export ${EXPORT.usage[0]}
Prints the consoles of this host as another tool's configuration, which then
reaches them at their endpoints. They are those that the server runs; without
one, and with -c, those of the configuration files. Consoles that cannot be
reached so are named on standard error.

KIND:
  conserver    conserver.cf, to be included in that of a real conserver

${optionLines(OPTIONS, 20)}`;

const EXIT = { ok: 0, failed: 1, usage: 64, config: 78 } as const;

/**
 * Exit code: 0, 1 when there is no console that could be reached, 64 for the command line, 78 for a bad configuration.
 * `running` asks a server, where `words` name no file.
 */
export async function runExport(
  words: readonly string[],
  io: ExportIo,
  running: () => Promise<Told> = async () => ({}),
): Promise<number> {
  const [kind, ...rest] = words[0]?.startsWith('-') ? [undefined, ...words] : words;
  const { options, rest: operands, error } = getopt(SPECS, rest as readonly string[]);
  const given = new Map(options.map(({ name, value }) => [name, value]));
  if (given.has('help')) {
    io.out(HELP);
    return EXIT.ok;
  }
  const wrong =
    error ??
    (kind === undefined
      ? 'expected a KIND'
      : KINDS.includes(kind)
        ? operands[0] && `'${operands[0]}' is one word too many`
        : `no such kind: '${kind}'${didYouMean(kind, KINDS)}`);
  if (wrong) {
    io.err(`holdfast export: ${wrong}; see holdfast export --help\n`);
    return EXIT.usage;
  }
  const file = given.get('config');
  const told = file === undefined ? await running() : { file };
  const { consoles, problems } = await consolesOf(told, io);
  if (!consoles) {
    for (const { file, line, key, message } of problems) {
      io.err(`holdfast export: ${file}:${line}: ${key === '' ? '' : `${key}: `}${message}\n`);
    }
    return EXIT.config;
  }
  const host = given.has('host') ? (given.get('host') ?? hostname()) : undefined;
  const { text, left } = conserverCf(consoles, given.get('master') ?? 'localhost', host);
  for (const [reason, names] of left) {
    io.err(`holdfast export: ${names.join(', ')}: ${reason}\n`);
  }
  if (text === '') {
    io.err('holdfast export: no console of this host can be reached\n');
    return EXIT.failed;
  }
  io.out(text);
  return EXIT.ok;
}

async function consolesOf({ running, file, uid, untold }: Told, io: ExportIo) {
  if (running) {
    return { consoles: running.consoles.map(exported), problems: [] };
  }
  if (untold !== undefined) {
    io.err(`holdfast export: as the files have it: ${untold.message}\n`);
  }
  const owner = { env: io.env as NodeJS.ProcessEnv, uid: uid ?? io.uid ?? process.geteuid?.() ?? 0 };
  const { config, problems } = await loadHostConfig(file, owner);
  return { consoles: config?.consoles, problems };
}

function exported({ name, description, endpoints, bounded = {} }: RunningConsole): ExportedConsole {
  const specs = endpoints.map((at) => {
    const may = Object.hasOwn(bounded, at) ? bounded[at] : undefined;
    return may === undefined ? at : { at, may };
  });
  return { name, description, endpoints: specs };
}
