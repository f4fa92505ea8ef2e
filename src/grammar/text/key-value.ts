/** Shell files of `NAME=VALUE` lines: `config` of manage-iocs, procServ.d of ioc-runner (ecosystem: conventions). Pure. */
import type { ConfigProblem } from '../../model/config.ts';
import type { ConfigText } from '../../model/config-input.ts';
import type { Place } from '../../model/place.ts';

export interface KeyValue {
  readonly value: string;
  readonly place: Place;
  /** Whether programs that are started get it too. */
  readonly exported: boolean;
}

export interface KeyValueFile {
  /** In the order of the file; of a name given twice, the last value, as a shell has it. */
  readonly values: ReadonlyMap<string, KeyValue>;
  readonly problems: readonly ConfigProblem[];
}

const ASSIGNMENT = /^(export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=/;
/** A shell does not accept it; readers that split lines at the first `=` do. */
const SPACED = /^(export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/;
const EXPORT = /^export((?:[ \t]+[A-Za-z_][A-Za-z0-9_]*)+)[ \t]*(?:#.*)?$/;
const NAME_REFERENCE = /^\{([A-Za-z_][A-Za-z0-9_]*)\}|^[A-Za-z_][A-Za-z0-9_]*/;

/**
 * Assignments, comments, quotes and `$NAME` of what stands above or in `known`: anything else that a shell would do
 * is reported, and its line is left out. `spaced`: blanks may stand around the `=`, and then within the value too.
 * Never throws.
 */
export function keyValueFile(
  { file, text }: ConfigText,
  known: ReadonlyMap<string, string> = new Map(),
  { spaced = false }: { readonly spaced?: boolean } = {},
): KeyValueFile {
  const values = new Map<string, KeyValue>();
  const exported = new Set<string>();
  const problems: ConfigProblem[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const place = { file, line: index + 1 };
    let line = (lines[index] as string).trimStart();
    if (line.trim() === '' || line.startsWith('#')) {
      continue;
    }
    const [head = '', exporting, name] = (spaced ? SPACED : ASSIGNMENT).exec(line) ?? [];
    const marked = name === undefined ? EXPORT.exec(line)?.[1] : undefined;
    if (marked !== undefined) {
      for (const each of marked.trim().split(/[ \t]+/)) {
        exported.add(each);
      }
      continue;
    }
    if (name === undefined) {
      const message = `expected NAME=VALUE, not '${line.trim().slice(0, 40)}'; nothing is executed here`;
      problems.push({ ...place, key: '', message });
      continue;
    }
    let read = readValue(line.slice(head.length), find);
    while ('more' in read && index + 1 < lines.length) {
      index++;
      line += `\n${lines[index]}`;
      read = readValue(line.slice(head.length), find);
    }
    const isSpaced = /[ \t]=|=[ \t]/.test(head);
    if (isSpaced && !('value' in read) && !line.includes('\n')) {
      read = { value: line.slice(head.length).trim() };
    }
    if (exporting !== undefined) {
      exported.add(name);
    }
    if ('value' in read) {
      values.set(name, { value: read.value, place, exported: false });
    } else {
      problems.push({ ...place, key: name, message: 'more' in read ? read.more : read.error });
    }
  }
  for (const [name, value] of values) {
    values.set(name, { ...value, exported: exported.has(name) });
  }
  return { values, problems };

  function find(name: string): string | undefined {
    return values.get(name)?.value ?? known.get(name);
  }
}

type Read =
  | { readonly value: string }
  | { readonly error: string }
  /** A quote is still open at the end of the text: the next line may close it. */
  | { readonly more: string };

/** One word with quotes, followed by nothing but a comment. */
function readValue(text: string, find: (name: string) => string | undefined): Read {
  let value = '';
  let quote = '';
  let at = 0;
  while (at < text.length) {
    const character = text[at++] as string;
    if (quote === "'") {
      if (character === "'") {
        quote = '';
      } else {
        value += character;
      }
    } else if (character === '\\') {
      const next = text[at++];
      if (next === undefined) {
        return { more: 'a backslash at the end of the file escapes nothing' };
      }
      const kept = quote === '"' && !'"\\$`\n'.includes(next) ? '\\' : '';
      value += next === '\n' ? '' : kept + next;
    } else if (character === '"' || (character === "'" && quote === '')) {
      quote = quote === '' ? character : '';
    } else if (character === '$') {
      const reference = NAME_REFERENCE.exec(text.slice(at));
      if (reference === null) {
        if (/^[({@*#?!$\d]/.test(text.slice(at))) {
          return { error: `'$${text.slice(at, at + 20)}' would be worked out by a shell; write the value itself` };
        }
        value += '$';
        continue;
      }
      const name = reference[1] ?? reference[0];
      const found = find(name);
      if (found === undefined) {
        return { error: `$${name} has no value in this file; write the value itself` };
      }
      value += found;
      at += reference[0].length;
    } else if (character === '`') {
      return { error: '`...` would be run by a shell; write its output' };
    } else if (quote === '' && /[\s;&|<>()]/.test(character)) {
      const rest = text.slice(at - 1).trim();
      if (rest !== '' && rest !== ';' && !/^\s/.test(character)) {
        return { error: `'${rest.slice(0, 20)}' means something to a shell; put the value in quotes` };
      }
      if (rest !== '' && rest !== ';' && !rest.startsWith('#')) {
        return { error: `'${rest.slice(0, 20)}' is behind the value; put the whole value in quotes` };
      }
      return { value };
    } else {
      value += character;
    }
  }
  return quote === '' ? { value } : { more: `no closing ${quote}` };
}

/**
 * Whether a file of procServ.d is one of `NAME=VALUE` lines (ioc-runner) or an INI file (manage-procs): the first
 * significant line decides.
 */
export function isKeyValue(text: string): boolean {
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n|\r/)) {
    const said = line.trim();
    if (said !== '' && !said.startsWith('#') && !said.startsWith(';')) {
      return ASSIGNMENT.test(said);
    }
  }
  return false;
}
