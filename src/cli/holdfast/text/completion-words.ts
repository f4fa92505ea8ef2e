/** Completions of the last word of a command line, from the record of its program. Pure. */
import { type CommandLine, LISTS, type LineOption, type Words } from '../../../model/command-line.ts';
import { EVENT_MEANING } from '../../../model/events.ts';
import { PROCESS_STATES } from '../../../model/process.ts';
import { RIGHT_NAMES, VERBS } from '../../../model/rights.ts';
import { SIGNALS } from '../../../model/signals.ts';

/** The kind of an option's argument, by its name in the help. */
const VALUE_WORDS: Readonly<Record<string, Words>> = {
  CONSOLE: 'console',
  DIR: 'folder',
  EVENT: Object.keys(EVENT_MEANING),
  FILE: 'file',
  FOLDER: 'folder',
  GROUP: 'group',
  HOST: 'host',
  PATH: 'file',
  RIGHTS: RIGHT_NAMES,
  SIGNAL: Object.keys(SIGNALS),
  STATE: PROCESS_STATES,
  USER: 'user',
  VERB: Object.keys(VERBS),
};

export interface Wanted {
  /** Candidates for the word; absent: options only. */
  readonly words: Words;
  /** Of the command that the word is for. */
  readonly line: CommandLine;
  /** Offered besides `words`. */
  readonly options: readonly LineOption[];
  /** The fixed prefix within the word: `--host=`, `read,`. */
  readonly before: string;
  readonly typed: string;
  /** Options so far, by long name or letter. */
  readonly given: ReadonlyMap<string, string>;
  /** Operands so far, without the name of the command. */
  readonly operands: readonly string[];
}

interface Place {
  line: CommandLine;
  options: readonly LineOption[];
  readonly given: Map<string, string>;
  operands: string[];
  /** `--`, or the first word of another program. */
  ended: boolean;
}

/** `words`: those after the program's name, the last as far as it is typed. */
export function wantedWord(program: CommandLine, words: readonly string[]): Wanted {
  const place: Place = { line: program, options: program.options, given: new Map(), operands: [], ended: false };
  const before = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  let pending: LineOption | undefined;
  for (const word of before) {
    if (pending) {
      place.given.set(keyOf(pending), word);
      pending = undefined;
    } else if (!place.ended && word.startsWith('-') && word !== '-') {
      pending = takeOption(place, word);
    } else {
      takeOperand(place, word);
    }
  }
  return whatFits(place, pending, typed);
}

function keyOf({ name, short = '' }: LineOption): string {
  return name ?? short;
}

/** The option that has its argument in the next word. */
function takeOption(place: Place, word: string): LineOption | undefined {
  if (word === '--') {
    place.ended = true;
    return undefined;
  }
  if (word.startsWith('--')) {
    const [typed = '', value] = split(word.slice(2), '=');
    const option = named(place, typed);
    if (option && value !== undefined) {
      place.given.set(keyOf(option), value);
    }
    return option?.value !== undefined && value === undefined && !option.joined ? option : undefined;
  }
  for (let at = 1; at < word.length; at++) {
    const option = lettered(place, word[at] as string);
    if (option?.value !== undefined) {
      const joined = word.slice(at + 1);
      place.given.set(keyOf(option), joined);
      return joined === '' && !option.joined ? option : undefined;
    }
  }
  return undefined;
}

function takeOperand(place: Place, word: string): void {
  const command = place.operands.length === 0 ? place.line.commands?.find(({ name }) => name === word) : undefined;
  if (command) {
    Object.assign(place, { line: command, options: command.options });
    return;
  }
  place.operands.push(word);
  if (place.operands.length === place.line.lastOption) {
    place.ended = true;
  }
}

/** A whole name, or an unambiguous beginning of one. */
function named({ options }: Place, typed: string): LineOption | undefined {
  const fits = options.filter(({ name }) => name?.startsWith(typed));
  return fits.find(({ name }) => name === typed) ?? (fits.length === 1 ? fits[0] : undefined);
}

function lettered({ options }: Place, letter: string): LineOption | undefined {
  return options.find(({ short, twin }) => short === letter || twin === letter);
}

function split(text: string, at: string): readonly [string, string?] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function whatFits(place: Place, pending: LineOption | undefined, word: string): Wanted {
  const { line, given, operands, ended } = place;
  const base = { line, given, operands, options: [], before: '', typed: word };
  if (pending) {
    return { ...base, ...argumentOf(pending, '', word) };
  }
  if (ended || !word.startsWith('-')) {
    const at = Math.min(operands.length, line.operands.length - 1);
    const command = line.commands && operands.length === 0 ? 'command' : undefined;
    const words = command ?? line.operands[at] ?? 'nothing';
    // Where there is nothing else, the options are of more use than silence.
    const options = words === 'nothing' && word === '' && !ended ? place.options : [];
    return { ...base, words, options };
  }
  const [long = '', value] = split(word.slice(2), '=');
  const option = word.startsWith('--') ? value !== undefined && named(place, long) : joinedLetter(place, word);
  if (option) {
    const start = word.startsWith('--') ? word.indexOf('=') + 1 : 2;
    return { ...base, ...argumentOf(option, word.slice(0, start), word.slice(start)) };
  }
  return { ...base, words: 'nothing', options: place.options };
}

/** `-ffile`. */
function joinedLetter(place: Place, word: string): LineOption | undefined {
  const option = word.length >= 2 ? lettered(place, word[1] as string) : undefined;
  return option?.value !== undefined && (word.length > 2 || option.joined === 'always') ? option : undefined;
}

function argumentOf(
  { value = '', words = VALUE_WORDS[value] ?? 'nothing' }: LineOption,
  before: string,
  typed: string,
) {
  const comma = LISTS.has(value) ? typed.lastIndexOf(',') + 1 : 0;
  return { words, before: `${before}${typed.slice(0, comma)}`, typed: typed.slice(comma) };
}
