/** Command lines as data: completion, man pages and help are made of these records. Pure. */

/** The kind of a command-line word, for shell completion. */
export type WordKind =
  | 'nothing'
  /** Of Holdfast, asked from its server. */
  | 'console'
  | 'group'
  | 'isis'
  | 'token'
  /** Hosts at which the user is logged in. */
  | 'host'
  /** Names that another of our programs prints: `console -x`, `manage-procs status`. */
  | 'conserver'
  | 'instance'
  /** A command of this program. */
  | 'command'
  /** Kinds that a shell completes by itself. */
  | 'file'
  | 'folder'
  | 'user'
  | 'program';

/** A kind, or the words themselves. */
export type Words = WordKind | readonly string[];

export interface LineOption {
  /** Long name without dashes. */
  readonly name?: string;
  /** One character. */
  readonly short?: string;
  /** Another letter for a variant of the same, which `help` explains. */
  readonly twin?: string;
  /** Name of the argument in the help; absent: the option has none. */
  readonly value?: string;
  /** How the argument is given, unless as the next word or joined: only joined, or only joined and it may be left out. */
  readonly joined?: 'always' | 'optional';
  readonly help: string;
  /** Kind of the argument, unless its name in the help implies it: `VALUE_WORDS`. */
  readonly words?: Words;
}

/** A command line, and what it is for. */
export type Example = readonly [line: string, what: string];

export interface CommandLine {
  readonly name: string;
  /** Forms of what follows the name. */
  readonly usage: readonly string[];
  /** One line, without a capital letter and a full stop. */
  readonly summary: string;
  /** Further paragraphs of help; lines that begin with blanks are shown as they are. */
  readonly help?: string;
  readonly options: readonly LineOption[];
  /** Kinds of the operands, by position; the last applies to all that follow. */
  readonly operands: readonly Words[];
  /** Options end at this operand, counted from 1: the rest belongs to another program. */
  readonly lastOption?: number;
  readonly examples?: readonly Example[];
  /** Commands by their names, the first operand. */
  readonly commands?: readonly CommandLine[];
}

/** Several of these may be given, with commas. */
export const LISTS: ReadonlySet<string> = new Set(['RIGHTS', 'COLUMNS', 'NAME,...', 'NET,...']);

/** `-s, --name VALUE`; without a letter the long name stands below the others. */
export function optionLabel({ name, short, twin, value, joined }: LineOption): string {
  const letters = `-${short}${twin === undefined ? '' : `, -${twin}`}`;
  if (name === undefined) {
    return `${letters}${value === undefined ? '' : joined ? value : ` ${value}`}`;
  }
  const shown = value === undefined ? '' : joined === 'optional' ? `[=${value}]` : ` ${value}`;
  return `${short === undefined ? '    ' : `${letters}, `}--${name}${shown}`;
}

/** Options and what they do, with the texts from column `room` on, broken at words before `columns`. */
export function optionLines(options: readonly LineOption[], room: number, columns = 80): string {
  return options.map((option) => entry(optionLabel(option), option.help, room, columns)).join('');
}

/** A label and its text beside it, or below it where it is long. */
export function entry(label: string, text: string, room: number, columns = 80): string {
  const indent = ' '.repeat(room + 2);
  const lines = wrap(text, columns - room - 2).join(`\n${indent}`);
  const gap = label.length >= room ? `\n${indent}` : ' '.repeat(room - label.length);
  return `  ${label}${gap}${lines}\n`;
}

/** Lines of at most `columns`, broken at blanks; a longer word has a line of its own. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

export interface HelpPart {
  /** As it is, not filled. */
  readonly literal: boolean;
  readonly lines: readonly string[];
  /** An empty line comes before it. */
  readonly apart: boolean;
}

/** Paragraphs of a help text; lines that begin with a blank, have columns, or are commands, stand as they are. */
export function helpParts(text: string): readonly HelpPart[] {
  const parts: { literal: boolean; lines: string[]; apart: boolean }[] = [];
  let apart = true;
  for (const line of text.split('\n')) {
    const literal = /^ |\S {2,}\S|^holdfast /.test(line);
    const last = parts.at(-1);
    if (line === '') {
      apart = true;
    } else if (last && !apart && last.literal === literal) {
      last.lines.push(line);
    } else {
      parts.push({ literal, lines: [line], apart });
      apart = false;
    }
  }
  return parts;
}
