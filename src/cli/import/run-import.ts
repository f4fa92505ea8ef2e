/** `holdfast import`: the configuration of another tool as one of Holdfast. */

import { existsSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { configPlace } from '../../config/config-files.ts';
import { type LoadedConfig, loadWith } from '../../config/load-config.ts';
import { getopt, optionSpecs } from '../../grammar/text/getopt.ts';
import { type CommandLine, type LineOption, optionLines } from '../../model/command-line.ts';
import { problemText } from '../../model/config-problem.ts';
import { didYouMean } from '../../model/nearest-word.ts';
import { OwnFile } from '../../platform/files/own-file.ts';
import { importDocument, sayNote } from './document.ts';
import type { Imported } from './imported.ts';
import { importSource, KINDS } from './kinds.ts';

/** The outside of the import. */
export interface ImportIo {
  out(text: string): void;
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id; absent: that of this process. */
  readonly uid?: number;
  /** Absent: that of this machine. */
  readonly hostname?: string;
}

const OPTIONS: readonly (LineOption & { readonly name: string })[] = [
  {
    name: 'write',
    short: 'w',
    help: 'put it into conf.d as KIND.toml, after a check together with the files that are there',
  },
  { name: 'force', short: 'f', help: 'with --write: replace a file of that name' },
  { name: 'config', short: 'c', value: 'FILE', help: 'the holdfast.toml whose conf.d is meant' },
  { name: 'user', help: 'instances of this user [unless root]' },
  { name: 'system', help: 'instances of the system [if root]' },
  { name: 'iocsh', value: 'FILE', help: 'e3: the program that runs st.cmd [that of ioc@.service, or iocsh.bash]' },
  { name: 'help', short: 'h', help: 'show this text' },
];

const SPECS = optionSpecs(OPTIONS);

const KIND_LINES = Object.entries(KINDS)
  .map(([name, { help }]) => `  ${name.padEnd(12)} ${help}`)
  .join('\n');

/** For completion and the man page. */
export const IMPORT: CommandLine = {
  name: 'import',
  usage: ['KIND [PATH]... [OPTION]...'],
  summary: "read another tool's configuration and print it as holdfast.toml",
  help: `Comments say what could not be carried over. PATH: files or folders instead of the usual ones. KIND is one of\n\n${KIND_LINES}`,
  options: OPTIONS,
  operands: [Object.keys(KINDS), 'file'],
};

const HELP = `Usage: holdfast import ${IMPORT.usage[0]}
Reads the configuration of another tool and prints it as holdfast.toml. Comments
say what could not be carried over.

KIND:
${KIND_LINES}

PATH: files or folders instead of the usual ones

${optionLines(OPTIONS, 20)}`;

/** A main file that has nothing to say. */
const MAIN = '# Holdfast: what was imported is in conf.d, beside this file.\n';

const EXIT = { ok: 0, failed: 1, usage: 64, config: 78 } as const;

/** Exit code: 0, 1 not written, 64 for the command line, 78 for errors in what was read or would be written. */
export async function runImport(words: readonly string[], io: ImportIo): Promise<number> {
  const { given, operands, error } = scan(words);
  if (given.has('help')) {
    io.out(HELP);
    return EXIT.ok;
  }
  const [kind, ...paths] = operands;
  const reader = kind === undefined || !Object.hasOwn(KINDS, kind) ? undefined : KINDS[kind];
  if (error !== undefined || kind === undefined || reader === undefined) {
    const what =
      kind === undefined ? 'expected a KIND' : `no such kind: '${kind}'${didYouMean(kind, Object.keys(KINDS))}`;
    io.err(`holdfast import: ${error ?? what}; see holdfast import --help\n`);
    return EXIT.usage;
  }
  const uid = io.uid ?? process.geteuid?.() ?? 0;
  const user = given.has('user') || (uid !== 0 && !given.has('system'));
  const iocsh = given.get('iocsh');
  const imported = await reader.read({
    ...importSource(io.env, uid, user),
    paths,
    hostname: io.hostname ?? hostname(),
    ...(iocsh !== undefined && { iocsh }),
  });
  const nothing = imported.consoles.length === 0 && imported.discover === undefined;
  if (imported.problems.length > 0 || nothing) {
    for (const problem of imported.problems) {
      io.err(`holdfast import: ${sayNote(problem)}\n`);
    }
    sayNotes(imported, io);
    io.err(
      `holdfast import: ${imported.problems.length > 0 ? 'nothing was imported' : `nothing to import: ${imported.nothing ?? `no ${reader.help}`}`}\n`,
    );
    return imported.problems.length > 0 ? EXIT.config : EXIT.failed;
  }
  const text = importDocument(kind, imported);
  const owner = { env: io.env as NodeJS.ProcessEnv, uid };
  const place = configPlace(given.get('config'), owner);
  const target = join(place.dropIns, `${kind}.toml`);
  if (!given.has('write')) {
    io.out(text);
    sayNotes(imported, io);
    return sayProblems(await loadWith([{ file: target, text }], target, owner), io) ? EXIT.config : EXIT.ok;
  }
  if (existsSync(target) && !given.has('force')) {
    io.err(`holdfast import: ${target} exists; --force replaces it\n`);
    return EXIT.failed;
  }
  // A server that is told to use this file needs it, however empty.
  const main = place.named && !existsSync(place.main) ? [{ file: place.main, text: MAIN }] : [];
  const written = [...main, { file: target, text }];
  if (sayProblems(await loadWith(written, given.get('config'), owner), io)) {
    io.err('holdfast import: nothing was written\n');
    return EXIT.config;
  }
  for (const each of written) {
    try {
      mkdirSync(dirname(each.file), { recursive: true });
      OwnFile.write(each.file, each.text);
    } catch (failure) {
      io.err(`holdfast import: cannot write ${each.file}: ${(failure as Error).message}\n`);
      return EXIT.failed;
    }
  }
  sayNotes(imported, io);
  const wrote = written.map(({ file }) => file).join(' and ');
  io.err(`holdfast import: wrote ${wrote}: look into it, then 'holdfast up', or 'holdfast plan' where a server runs\n`);
  return EXIT.ok;
}

function scan(words: readonly string[]) {
  const given = new Map<string, string>();
  const operands: string[] = [];
  let rest = words;
  for (;;) {
    const read = getopt(SPECS, rest);
    for (const { name, value } of read.options) {
      given.set(name, value ?? '');
    }
    const [operand, ...behind] = read.rest;
    if (read.error !== undefined || operand === undefined) {
      return { given, operands, error: read.error };
    }
    operands.push(operand);
    rest = behind;
  }
}

function sayNotes({ conserver, consoles, notes }: Imported, io: ImportIo): void {
  const all = [...notes, ...(conserver?.notes ?? []), ...consoles.flatMap((console) => console.notes)];
  for (const note of all) {
    io.err(`holdfast import: ${sayNote(note)}\n`);
  }
}

/** Whether there were any. */
function sayProblems({ problems }: LoadedConfig, io: ImportIo): boolean {
  for (const problem of problems) {
    io.err(`holdfast import: ${problemText(problem)}\n`);
  }
  return problems.length > 0;
}
