/** The client's configuration: `config` and `terminal` blocks of console.cf and ~/.consolerc (spec/conserver.md 5.4). */
import type { Fault, ReadFile } from './source.ts';
import { CLIENT_SUBST, parseSubst, type SubstRule } from './subst.ts';
import { type ConserverItem, parseConserverTree } from './tree.ts';
import { parseBoolean } from './values.ts';

/** Only what the blocks set; texts are byte strings. */
export interface ConsoleSettings {
  escape?: string;
  master?: string;
  /** Lines; undefined for the server's own number; 0: the rows of the terminal. */
  playback?: number | undefined;
  port?: string;
  replay?: number | undefined;
  sslcacertificatefile?: string;
  sslcacertificatepath?: string;
  sslcredentials?: string;
  sslenabled?: boolean;
  sslrequired?: boolean;
  striphigh?: boolean;
  username?: string;
  attach?: string;
  attachsubst?: readonly SubstRule[];
  detach?: string;
  detachsubst?: readonly SubstRule[];
}

export interface ConsoleRcContext {
  /** Whether a `config` block of this name is for this host. */
  readonly isThisHost: (name: string) => boolean;
  /** `$TERM`. */
  readonly terminal: string;
}

type Reader = (settings: ConsoleSettings, value: string) => string | undefined;

type TextKey = {
  [Key in keyof ConsoleSettings]-?: ConsoleSettings[Key] extends string | undefined ? Key : never;
}[keyof ConsoleSettings];

function text(key: TextKey): Reader {
  return (settings, value) => {
    if (value === '') {
      delete settings[key];
    } else {
      settings[key] = value;
    }
    return undefined;
  };
}

function flag(key: 'sslenabled' | 'sslrequired' | 'striphigh'): Reader {
  return (settings, value) => {
    const read = parseBoolean(value);
    if (read === undefined) {
      return `\`${value}' is neither yes nor no`;
    }
    settings[key] = read;
    return undefined;
  };
}

function lines(key: 'playback' | 'replay'): Reader {
  return (settings, value) => {
    if (value !== '' && !/^\d{1,4}$/.test(value)) {
      return `\`${value}' is not a number of lines of at most four digits`;
    }
    settings[key] = value === '' ? undefined : Number(value);
    return undefined;
  };
}

function subst(key: 'attachsubst' | 'detachsubst'): Reader {
  return (settings, value) => {
    const rules = parseSubst(value, CLIENT_SUBST);
    if ('fault' in rules) {
      return rules.fault;
    }
    settings[key] = rules;
    return undefined;
  };
}

const CONFIG: ReadonlyMap<string, Reader> = new Map([
  ['escape', text('escape')],
  ['master', text('master')],
  ['playback', lines('playback')],
  ['port', text('port')],
  ['replay', lines('replay')],
  ['sslcacertificatefile', text('sslcacertificatefile')],
  ['sslcacertificatepath', text('sslcacertificatepath')],
  ['sslcredentials', text('sslcredentials')],
  ['sslenabled', flag('sslenabled')],
  ['sslrequired', flag('sslrequired')],
  ['striphigh', flag('striphigh')],
  ['username', text('username')],
]);

const TERMINAL: ReadonlyMap<string, Reader> = new Map([
  ['attach', text('attach')],
  ['attachsubst', subst('attachsubst')],
  ['detach', text('detach')],
  ['detachsubst', subst('detachsubst')],
]);

const BLOCKS: ReadonlyMap<string, ReadonlyMap<string, Reader>> = new Map([
  ['config', CONFIG],
  ['terminal', TERMINAL],
]);

/** Reads one file over `settings`: later values override earlier ones. Returns every fault; never throws. */
export function readConsoleRc(
  file: string,
  source: string,
  read: ReadFile,
  context: ConsoleRcContext,
  settings: ConsoleSettings,
): Fault[] {
  const { blocks, faults } = parseConserverTree(file, source, read);
  for (const block of blocks) {
    const keywords = BLOCKS.get(block.type);
    if (keywords === undefined) {
      faults.push({ at: block.at, message: `unknown block type \`${block.type}' (config and terminal are known)` });
      continue;
    }
    const ours =
      block.name === '*' ||
      (block.type === 'config' ? context.isThisHost(block.name) : block.name === context.terminal);
    for (const item of block.items) {
      // A block for other hosts is still checked: its author gets to see the fault.
      const fault = readItem(keywords, item, ours ? settings : {});
      if (fault !== undefined) {
        faults.push(fault);
      }
    }
  }
  return faults;
}

function readItem(
  keywords: ReadonlyMap<string, Reader>,
  item: ConserverItem,
  settings: ConsoleSettings,
): Fault | undefined {
  const reader = keywords.get(item.keyword.toLowerCase());
  if (reader === undefined) {
    return { at: item.at, message: `unknown keyword \`${item.keyword}'` };
  }
  const wrong = reader(settings, item.value);
  return wrong === undefined ? undefined : { at: item.valueAt, message: `${item.keyword}: ${wrong}` };
}
