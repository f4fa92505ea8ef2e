/** `holdfast import`: the configuration of another tool as one of Holdfast. */

import { existsSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { configPlace, readConfigFiles } from '../../config/config-files.ts';
import { getopt, optionSpecs } from '../../grammar/text/getopt.ts';
import { type CommandLine, type LineOption, optionLines } from '../../model/command-line.ts';
import { didYouMean } from '../../model/nearest-word.ts';
import { OwnFile } from '../../platform/files/own-file.ts';
import { checkDocument } from './check-document.ts';
import { importConserver } from './conserver.ts';
import { importDocument, sayNote } from './document.ts';
import { importE3 } from './e3.ts';
import type { Imported, ImportSource } from './imported.ts';
import { importIocRunner } from './ioc-runner.ts';
import { importManageIocs } from './manage-iocs.ts';
import { importProcServ } from './procserv.ts';

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

const KINDS: Readonly<
  Record<string, { readonly help: string; readonly read: (source: ImportSource) => Imported | Promise<Imported> }>
> = {
  procserv: { help: 'procServ.conf and procServ.d/*.conf of manage-procs (INI)', read: importProcServ },
  e3: { help: 'a folder of e3-ioc-NAME/st.cmd [/opt/iocs]', read: importE3 },
  'manage-iocs': { help: 'NAME/config below /epics/iocs and /opt/epics/iocs', read: importManageIocs },
  conserver: { help: 'conserver.cf, with what it includes [/etc/conserver/conserver.cf]', read: importConserver },
  'ioc-runner': { help: 'procServ.d/*.conf of epics-ioc-runner (NAME="VALUE")', read: importIocRunner },
};

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
  { name: 'iocsh', value: 'FILE', help: 'e3: the program that runs st.cmd [iocsh.bash]' },
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
Reads the configuration of another tool and prints it as holdfast.toml. Comments say what could not be carried over.

KIND:
${KIND_LINES}

PATH: files or folders instead of the usual ones

${optionLines(OPTIONS, 20)}`;

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
  const imported = await reader.read({
    paths,
    user,
    runtime: user ? io.env.XDG_RUNTIME_DIR || `/run/user/${uid}` : '/run',
    env: io.env,
    hostname: io.hostname ?? hostname(),
    iocsh: given.get('iocsh') ?? 'iocsh.bash',
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
    return sayProblems(await checkDocument([{ file: target, text }], owner), io) ? EXIT.config : EXIT.ok;
  }
  if (existsSync(target) && !given.has('force')) {
    io.err(`holdfast import: ${target} exists; --force replaces it\n`);
    return EXIT.failed;
  }
  const { texts } = await readConfigFiles(place);
  const others = texts.filter(({ file }) => file !== target);
  if (sayProblems(await checkDocument([...others, { file: target, text }], owner), io)) {
    io.err('holdfast import: nothing was written\n');
    return EXIT.config;
  }
  try {
    mkdirSync(dirname(target), { recursive: true });
    OwnFile.write(target, text);
  } catch (failure) {
    io.err(`holdfast import: cannot write ${target}: ${(failure as Error).message}\n`);
    return EXIT.failed;
  }
  sayNotes(imported, io);
  io.err(`holdfast import: wrote ${target}; \`holdfast plan\` shows what it changes\n`);
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
function sayProblems(problems: Awaited<ReturnType<typeof checkDocument>>, io: ImportIo): boolean {
  for (const { file, line, column, key, message } of problems) {
    io.err(
      `holdfast import: ${file}:${line}${column === undefined ? '' : `:${column}`}: ${key === '' ? '' : `${key}: `}${message}\n`,
    );
  }
  return problems.length > 0;
}
