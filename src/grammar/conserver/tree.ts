/** conserver.cf and .consolerc as a tree of blocks, before anything is known about their meaning (spec/conserver.md 7.1). */
import { ConserverSource, type Fault, type Position, type ReadFile } from './source.ts';

export interface ConserverItem {
  /** As written; keywords are compared without regard to case. */
  readonly keyword: string;
  readonly at: Position;
  readonly value: string;
  readonly valueAt: Position;
}

export interface ConserverBlock {
  /** In lower case. */
  readonly type: string;
  readonly name: string;
  readonly at: Position;
  readonly items: readonly ConserverItem[];
  /** The end of the last value: the place of faults of the block as a whole. */
  readonly end: Position;
}

export interface ConserverTree {
  /** Whole blocks only, in file order: one that ends too early, or never, is left out. */
  readonly blocks: readonly ConserverBlock[];
  readonly faults: Fault[];
}

type Token =
  | { readonly kind: 'text'; readonly text: string; readonly at: Position }
  | { readonly kind: '{' | '}' | ';' | 'end'; readonly at: Position };

/** In `word`, white space ends a text; in `value` it is part of it and only the ends are trimmed. */
type Mode = 'word' | 'value';

const BLANK = /^[ \t\r\n\f\v]$/;

/** Parses `text`, goes on after every fault and reports all of them. Never throws. */
export function parseConserverTree(file: string, text: string, read: ReadFile): ConserverTree {
  const faults: Fault[] = [];
  const source = new ConserverSource(file, text, read, faults);
  const blocks: ConserverBlock[] = [];
  for (;;) {
    const token = nextToken(source, 'word');
    if (token.kind === 'end') {
      return { blocks, faults };
    }
    if (token.kind !== 'text') {
      faults.push({ at: token.at, message: `\`${token.kind}' where a block type should stand` });
      continue;
    }
    const block = parseBlock(source, token.text, token.at);
    if (block !== undefined) {
      blocks.push(block);
    }
  }
}

function parseBlock(source: ConserverSource, type: string, at: Position): ConserverBlock | undefined {
  const { faults } = source;
  let token = nextToken(source, 'value');
  let name: string | undefined;
  if (token.kind === 'text') {
    name = token.text;
    token = nextToken(source, 'word');
  }
  if (token.kind !== '{') {
    const found = token.kind === 'end' ? 'the file ends' : `\`${token.kind}' stands`;
    faults.push({ at: token.at, message: `${found} where the \`{' of block \`${show(type, name)}' is missing` });
    return undefined;
  }
  const items: ConserverItem[] = [];
  const body = parseItems(source, show(type, name), items, token.at);
  if (name === undefined || name === '') {
    faults.push({ at, message: `\`${type}' block with an empty name` });
    return undefined;
  }
  return body.sound ? { type: type.toLowerCase(), name, at, items, end: body.end } : undefined;
}

function show(type: string, name: string | undefined): string {
  return name === undefined ? type : `${type} ${name}`;
}

/**
 * Reads up to and including the `}`; returns whether everything in between was well formed, and where the last value
 * ended.
 */
function parseItems(
  source: ConserverSource,
  block: string,
  items: ConserverItem[],
  start: Position,
): { readonly sound: boolean; readonly end: Position } {
  const { faults } = source;
  let sound = true;
  let end = start;
  // An extra token is ignored, as in the original; only a block that ends in the wrong place is dropped.
  const fault = (token: Token, message: string) => {
    sound &&= token.kind !== '}' && token.kind !== 'end';
    faults.push({ at: token.at, message });
  };
  for (;;) {
    const keyword = nextToken(source, 'word');
    if (keyword.kind === '}') {
      return { sound, end };
    }
    if (keyword.kind === 'end') {
      fault(keyword, `the file ends inside block \`${block}': its \`}' is missing`);
      return { sound, end };
    }
    if (keyword.kind !== 'text') {
      fault(keyword, `\`${keyword.kind}' where a keyword of block \`${block}' should stand`);
      continue;
    }
    let value = nextToken(source, 'value');
    while (value.kind === '{') {
      fault(value, `\`{' before the value of \`${keyword.text}' in block \`${block}'`);
      value = nextToken(source, 'value');
    }
    if (value.kind !== 'text') {
      const found = value.kind === 'end' ? 'the file ends' : `\`${value.kind}' stands`;
      fault(
        value,
        `${found} where the value of \`${keyword.text}' should be in block \`${block}' (an empty value is "")`,
      );
      if (value.kind === '}' || value.kind === 'end') {
        return { sound, end };
      }
      continue;
    }
    let closing = nextToken(source, 'word');
    while (closing.kind === '{' || closing.kind === 'text') {
      const found = closing.kind === 'text' ? closing.text : closing.kind;
      fault(closing, `\`${found}' where the \`;' after \`${keyword.text}' should stand in block \`${block}'`);
      closing = nextToken(source, 'word');
    }
    end = closing.at;
    items.push({ keyword: keyword.text, at: keyword.at, value: value.text, valueAt: value.at });
    if (closing.kind === ';') {
      continue;
    }
    const found = closing.kind === 'end' ? 'the file ends' : `\`${closing.kind}' stands`;
    fault(closing, `${found} where the \`;' after \`${keyword.text}' is missing: block \`${block}' is dropped`);
    return { sound, end };
  }
}

function nextToken(source: ConserverSource, mode: Mode): Token {
  skipBlanks(source);
  const at = source.position;
  const first = source.peek();
  if (first === undefined) {
    return { kind: 'end', at };
  }
  if (first === '{' || first === '}' || first === ';') {
    source.next();
    return { kind: first, at };
  }
  let text = '';
  for (let character = source.peek(); character !== undefined; character = source.peek()) {
    if (character === '{' || character === '}' || character === ';') {
      break;
    }
    if (character === '#') {
      // The line end belongs to the comment, as in the original.
      if (!source.skipComment()) {
        source.next();
      }
      continue;
    }
    if (BLANK.test(character)) {
      if (mode === 'word') {
        break;
      }
      text += text === '' ? '' : character;
      source.next();
      continue;
    }
    source.next();
    if (character === '"') {
      text += readQuoted(source, at);
    } else if (character === '\\') {
      text += source.next() ?? '\\';
    } else {
      text += character;
    }
  }
  // Quotes and backslashes keep blanks at the beginning, and not at the end.
  return { kind: 'text', text: trimmedEnd(text), at };
}

/** For bytes, so not trimEnd(); a regular expression would be quadratic in the blanks within the text. */
function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && BLANK.test(text[end - 1] as string)) {
    end--;
  }
  return text.slice(0, end);
}

function readQuoted(source: ConserverSource, at: Position): string {
  let text = '';
  for (let character = source.next(); character !== undefined; character = source.next()) {
    if (character === '"') {
      return text;
    }
    if (character === '\\' && source.peek() === '"') {
      source.next();
      text += '"';
    } else {
      text += character;
    }
  }
  source.faults.push({ at, message: 'the file ends inside a quoted text that begins here' });
  return text;
}

function skipBlanks(source: ConserverSource): void {
  for (let character = source.peek(); character !== undefined; character = source.peek()) {
    if (character === '#') {
      source.skipComment();
    } else if (BLANK.test(character)) {
      source.next();
    } else {
      return;
    }
  }
}
