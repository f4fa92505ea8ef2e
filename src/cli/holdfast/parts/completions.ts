/** The words that a shell offers: what a record asks for, from the records themselves, the server, or another program. */
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import type { CommandLine, LineOption, WordKind } from '../../../model/command-line.ts';
import type { HostClient } from '../../../model/host-port.ts';
import type { Context } from '../command/command.ts';
import { type Wanted, wantedWord } from '../text/completion-words.ts';
import { clean } from '../text/display.ts';

/** A person waits, at every Tab. */
const ANSWER_MS = 1500;
/** More are of no use on a screen, and a shell would ask. */
const MOST_WORDS = 2000;

export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** Candidates that the shell adds by itself. */
export const SHELL_KINDS = ['file', 'folder', 'user', 'program'] as const satisfies readonly WordKind[];
export type ShellKind = (typeof SHELL_KINDS)[number];

export interface Completions {
  readonly candidates: readonly Candidate[];
  readonly shell?: ShellKind;
  /** The prefix before it in the same word. */
  readonly before: string;
  /** The server has not answered, and may yet. */
  readonly late: boolean;
}

type Site = Pick<Context, 'client' | 'clock' | 'connect' | 'hosts' | 'io'>;

/** `words`: those after the program's name, the last as far as it is typed. */
export async function completions(program: CommandLine, words: readonly string[], site: Site): Promise<Completions> {
  const wanted = wantedWord(program, words);
  const shell = SHELL_KINDS.find((kind) => kind === wanted.words);
  const answered = shell ? [] : await bounded(answers(program, wanted, site), site);
  const found = answered ?? [];
  const given = new Set(wanted.operands);
  const all = [
    ...found.filter(({ word }) => !given.has(word)).map((each) => ({ ...each, word: `${wanted.before}${each.word}` })),
    ...optionWords(wanted),
  ];
  const typed = `${wanted.before}${wanted.typed}`;
  const candidates = all
    .filter(({ word }) => word.startsWith(typed) && isPlain(word))
    .slice(0, MOST_WORDS)
    .map(({ word, about }) => (about === undefined ? { word } : { word, about: clean(about) }));
  return { candidates, before: wanted.before, late: answered === undefined, ...(shell ? { shell } : {}) };
}

/** A word that a shell takes as it is, and a terminal too. */
function isPlain(word: string): boolean {
  return clean(word) === word && !/^:|\s/.test(word);
}

function optionWords({ options, typed }: Wanted): readonly Candidate[] {
  return options.flatMap((option) => optionForms(option, typed).map((word) => ({ word, about: option.help })));
}

/** The long name where there is one, since it says what it does. */
function optionForms({ name, short, twin }: LineOption, typed: string): readonly string[] {
  if (name !== undefined) {
    return typed.startsWith('-') && !typed.startsWith('--') && short !== undefined && typed.length > 1
      ? [`-${short}`]
      : [`--${name}`];
  }
  return [`-${short}`, ...(twin === undefined ? [] : [`-${twin}`])];
}

/** A server that hangs must not hold up a shell: undefined if it has not answered in time. */
async function bounded(
  asked: Promise<readonly Candidate[]>,
  { clock }: Site,
): Promise<readonly Candidate[] | undefined> {
  const { promise, resolve: giveUp } = Promise.withResolvers<undefined>();
  const timer = clock.after(ANSWER_MS, () => giveUp(undefined));
  try {
    return await Promise.race([asked.catch(() => []), promise]);
  } finally {
    timer.cancel();
  }
}

async function answers(program: CommandLine, wanted: Wanted, site: Site): Promise<readonly Candidate[]> {
  const { words, line, given, typed } = wanted;
  if (typeof words !== 'string') {
    return plain(words);
  }
  switch (words) {
    case 'command':
      return (line.commands ?? program.commands ?? []).map(({ name, summary }) => ({ word: name, about: summary }));
    case 'host':
      return (await site.hosts()).list().map(({ name }) => ({ word: name }));
    case 'console':
      return consoles(given, typed, site);
    case 'group':
      return plain(new Set((await (await clientOf(given, site)).list({})).flatMap(({ groups }) => groups)));
    case 'isis':
      return plain((await (await clientOf(given, site)).isis.list()).map(({ name }) => name));
    case 'token': {
      const tokens = await (await clientOf(given, site)).tokens.list();
      return tokens.map(({ id, user, label = '' }) => ({ word: id, about: `${user} ${label}`.trim() }));
    }
    case 'conserver':
      return printed('console', [...options(given, 'M', 'p', 'C'), '-x']);
    case 'instance':
      return printed('manage-procs', ['status']);
    default:
      return [];
  }
}

function plain(words: Iterable<string>): readonly Candidate[] {
  return [...words].map((word) => ({ word }));
}

/** Of the server that the line names; `HOST/NAME` at a host that is known. */
async function consoles(given: Wanted['given'], typed: string, site: Site): Promise<readonly Candidate[]> {
  const slash = typed.indexOf('/');
  const host = slash < 0 ? undefined : (await site.hosts()).find(typed.slice(0, slash));
  const client = host ? (await site.hosts()).client(host.name) : await clientOf(given, site);
  const before = host ? typed.slice(0, slash + 1) : '';
  return (await client.list({})).map(({ name, state }) => ({ word: `${before}${name}`, about: state }));
}

async function clientOf(given: Wanted['given'], { client, connect, hosts, io }: Site): Promise<HostClient> {
  const socket = given.get('socket');
  const host = given.get('host') ?? (socket === undefined ? io.env.HOLDFAST_HOST : undefined);
  if (host) {
    return (await hosts()).client(host);
  }
  return socket === undefined ? client : connect(resolve(socket));
}

function options(given: Wanted['given'], ...letters: readonly string[]): readonly string[] {
  return letters.flatMap((letter) => (given.has(letter) ? [`-${letter}`, given.get(letter) ?? ''] : []));
}

/** The first words of the lines that another of our programs prints. It has no terminal: it must not ask for a password. */
async function printed(program: string, words: readonly string[]): Promise<readonly Candidate[]> {
  const path = join(dirname(process.argv[1] as string), '../bin', program);
  const child = spawn(path, words, { stdio: ['ignore', 'pipe', 'ignore'], detached: true, timeout: ANSWER_MS });
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    text += chunk;
  }
  return plain(text.split('\n').flatMap((line) => /^\s*(\S+)/.exec(line)?.[1] ?? []));
}
