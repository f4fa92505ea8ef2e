/** Scripts of execISIS (spec/isis.md 13). */
export type Statement = { readonly line: number; readonly text: string } & (
  | { readonly kind: 'send'; readonly host: string; readonly command: string }
  | { readonly kind: 'print'; readonly message: string }
  | { readonly kind: 'sleep'; readonly seconds: number }
  | { readonly kind: 'pause' | 'end' | 'label' }
  /** `target`: index of the statement that comes next. */
  | { readonly kind: 'goto'; readonly target: number }
  | { readonly kind: 'loop'; readonly count: number; readonly end: number }
  | { readonly kind: 'end_loop'; readonly start: number }
);

export class ScriptError extends Error {
  /** Counting from 1; 0: the script as a whole. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

interface Line {
  readonly line: number;
  readonly text: string;
  readonly word: string;
  readonly rest: string;
}

function linesOf(script: string): Line[] {
  return script.split('\n').flatMap((raw, index) => {
    const text = raw.replace(/#.*/, '').trim().replace(/\s+/g, ' ');
    const [word = '', ...rest] = text.split(' ');
    return text === '' ? [] : [{ line: index + 1, text, word: word.toLowerCase(), rest: rest.join(' ') }];
  });
}

/** Reads a whole script before anything is sent; throws ScriptError at the first mistake. */
export function parseScript(script: string): Statement[] {
  const lines = linesOf(script);
  if (lines.length === 0) {
    throw new ScriptError(0, 'the script has no statement');
  }
  const labels = new Map<string, number>();
  const ends = new Map<number, number>();
  const starts = new Map<number, number>();
  const open: number[] = [];
  lines.forEach(({ line, text, word }, index) => {
    if (isLabel(word)) {
      if (text.includes(' ')) {
        throw new ScriptError(line, `label ${word} stands alone on its line`);
      }
      const label = word.slice(0, -1);
      if (labels.has(label)) {
        throw new ScriptError(line, `label ${label} stands twice`);
      }
      labels.set(label, index);
    } else if (word === 'loop') {
      open.push(index);
    } else if (word === 'end_loop') {
      const start = open.pop();
      if (start === undefined) {
        throw new ScriptError(line, 'end_loop without loop');
      }
      ends.set(start, index);
      starts.set(index, start);
    }
  });
  const unclosed = open[0];
  if (unclosed !== undefined) {
    throw new ScriptError(lines[unclosed]?.line ?? 0, 'loop without end_loop');
  }
  return lines.map((entry, index) => statementOf(entry, labels, ends.get(index) ?? 0, starts.get(index) ?? 0));
}

const isLabel = (word: string): boolean => word.length > 1 && word.endsWith(':');

function statementOf(entry: Line, labels: ReadonlyMap<string, number>, end: number, start: number): Statement {
  const { line, text, word, rest } = entry;
  const common = { line, text };
  if (isLabel(word)) {
    return { ...common, kind: 'label' };
  }
  switch (word) {
    case 'print':
      return { ...common, kind: 'print', message: rest };
    case 'sleep':
      if (!/^\d+(\.\d+)?$/.test(rest)) {
        throw new ScriptError(line, `sleep wants seconds, not '${rest}'`);
      }
      return { ...common, kind: 'sleep', seconds: Number(rest) };
    case 'pause':
    case 'end':
      return { ...common, kind: word };
    case 'goto': {
      const target = labels.get(rest.toLowerCase());
      if (target === undefined) {
        throw new ScriptError(line, `goto ${rest}: there is no such label`);
      }
      return { ...common, kind: 'goto', target };
    }
    case 'loop':
      if (!/^\d+$/.test(rest) || Number(rest) < 2) {
        throw new ScriptError(line, `loop wants a count of 2 or more, not '${rest}'`);
      }
      return { ...common, kind: 'loop', count: Number(rest), end };
    case 'end_loop':
      return { ...common, kind: 'end_loop', start };
    default:
      if (rest === '') {
        throw new ScriptError(line, `'${text}' is not a statement: a host wants a command`);
      }
      return { ...common, kind: 'send', host: text.split(' ', 1)[0] as string, command: rest };
  }
}
