/** The conventions of IMPv2 bodies (spec/isis.md 2): TYPE, KEY=value, quotes, parentheses, flags. */

export const IMP_TYPES = ['REQ', 'EXEC', 'STATUS', 'WARNING', 'DONE', 'ERROR', 'FATAL'] as const;
export type ImpType = (typeof IMP_TYPES)[number];

export type BodyValue = string | number | boolean;

export type BodyItem =
  /** `KEY=value`; T and F are booleans, decimal numbers are numbers, all else text. `text` is the value as written. */
  | { readonly kind: 'value'; readonly key: string; readonly value: BodyValue; readonly text: string }
  /** `+NAME` or `-NAME`. */
  | { readonly kind: 'flag'; readonly key: string; readonly value: boolean }
  | { readonly kind: 'word'; readonly text: string };

export interface Body {
  /** Absent: a plain command request. */
  readonly type?: ImpType;
  /** Everything after the TYPE. */
  readonly text: string;
}

const TYPE = /^(REQ|EXEC|STATUS|WARNING|DONE|ERROR|FATAL): */i;

export function splitType(body: string): Body {
  const match = TYPE.exec(body);
  if (!match) {
    return { text: body };
  }
  return { type: (match[1] as string).toUpperCase() as ImpType, text: body.slice(match[0].length) };
}

/** DONE, ERROR and FATAL end a transaction; STATUS and WARNING are on the way to it. */
export function isFinal(type: ImpType | undefined): type is 'DONE' | 'ERROR' | 'FATAL' {
  return type === 'DONE' || type === 'ERROR' || type === 'FATAL';
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function typed(text: string): BodyValue {
  if (text === 'T' || text === 'F') {
    return text === 'T';
  }
  return NUMBER.test(text) ? Number(text) : text;
}

/** KEY=, then 'quoted', (parenthesised) or a bare word. An unclosed quote or parenthesis takes the rest of the text. */
const ITEM = /([^\s=]+)=(?:'([^']*)(?:'|$)|\(([^)]*)(?:\)|$)|(\S*))|(\S+)/g;

/** Reads a body after its TYPE. Never fails: anything that is not a key, value or flag is a word. */
export function parseItems(text: string): BodyItem[] {
  const items: BodyItem[] = [];
  for (const match of text.matchAll(ITEM)) {
    const [, key, quoted, parenthesised, bare, word] = match;
    if (key !== undefined) {
      const value = quoted ?? parenthesised ?? bare ?? '';
      items.push({ kind: 'value', key, value: bare === undefined ? value : typed(bare), text: value });
    } else if (word !== undefined && /^[+-][A-Za-z_]/.test(word)) {
      items.push({ kind: 'flag', key: word.slice(1), value: word.startsWith('+') });
    } else {
      items.push({ kind: 'word', text: word as string });
    }
  }
  return items;
}

/** Values and flags by key in upper case (keys are case-insensitive by protocol); the last of a name wins. */
export function valuesOf(text: string): Map<string, BodyValue> {
  const values = new Map<string, BodyValue>();
  for (const item of parseItems(text)) {
    if (item.kind !== 'word') {
      values.set(item.key.toUpperCase(), item.value);
    }
  }
  return values;
}

/** A text that would be read as number, boolean, parenthesis or several words is quoted, so that it stays text. */
function writtenText(text: string): string {
  const plain = text !== '' && !/[\s'()]/.test(text) && typeof typed(text) === 'string';
  if (plain) {
    return text;
  }
  return text.includes("'") && !/[()]/.test(text) ? `(${text})` : `'${text.replaceAll("'", '`')}'`;
}

/** Writes items so that `parseItems` reads them back. A text with both quotes and parentheses gets its quotes as `. */
export function writeItems(items: readonly BodyItem[]): string {
  return items.map(writeItem).join(' ');
}

function writeItem(item: BodyItem): string {
  if (item.kind === 'word') {
    return item.text;
  }
  return item.kind === 'flag' ? `${item.value ? '+' : '-'}${item.key}` : `${item.key}=${writeValue(item.value)}`;
}

export function writeValue(value: BodyValue): string {
  if (typeof value === 'boolean') {
    return value ? 'T' : 'F';
  }
  return typeof value === 'number' ? String(value) : writtenText(value);
}
