/** Text for people on a terminal: lines that are too long go on below, broken at blanks. */
import { stripVTControlCharacters } from 'node:util';
import type { Io } from '../command/command.ts';
import { width } from './display.ts';

/** A label, a time or a mark before the text, set off by two blanks: the text goes on below itself. */
const LABELLED = /^ *\S+(?: \S+)* {2,}(?=\S)/;
/** A longer label would leave too little room beside it. */
const LONGEST_LABEL = 30;
const HANG = 2;

/** Lines of at most `columns` cells; a word that is longer has a line of its own. Colours take no room. */
export function folded(text: string, columns: number): string {
  return columns === Number.POSITIVE_INFINITY
    ? text
    : text
        .split('\n')
        .map((line) => foldedLine(line, columns))
        .join('\n');
}

function foldedLine(line: string, columns: number): string {
  if (cells(line) <= columns) {
    return line;
  }
  const indent = ' '.repeat(hang(stripVTControlCharacters(line)));
  const [first = '', ...rest] = line.split(/(?<=\S)(?= )/);
  let shown = first;
  let used = cells(first);
  for (const piece of rest) {
    const needed = cells(piece);
    if (used + needed <= columns) {
      shown += piece;
      used += needed;
    } else {
      shown += `\n${indent}${piece.trimStart()}`;
      used = indent.length + cells(piece.trimStart());
    }
  }
  return shown;
}

function cells(text: string): number {
  return width(stripVTControlCharacters(text));
}

function hang(line: string): number {
  const label = LABELLED.exec(line)?.[0].length ?? 0;
  const own = line.length - line.trimStart().length;
  return label > 0 && label <= LONGEST_LABEL ? label : own + HANG;
}

/** Prints lines for people. */
export function tell(io: Pick<Io, 'columns' | 'out'>, lines: readonly string[]): void {
  io.out(folded(lines.map((line) => `${line}\n`).join(''), io.columns));
}
