/**
 * Takes a regular expression apart, so that whole blocks can be searched for the lines that it may match. What is found
 * so is only likely: every line is then matched by itself.
 */

export interface BlockPattern {
  /** A text that every matching line contains; empty if none is known. */
  readonly must: string;
  /**
   * Matches in a block wherever a line of it would match by itself, and maybe elsewhere. Undefined: no such expression is
   * known.
   */
  readonly anywhere: RegExp | undefined;
}

/** A token of an expression with the flag `u`; the last alternative takes any other character. */
const TOKEN =
  /\\(?:[pP]\{[^}]*\}|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|k<[^>]*>|\d+|.)|\[(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!]|<[^>]*>|[-ims]*:)?|\{\d+(?:,\d*)?\}\??|[*+?]\??|./gsu;

/** `pattern` has the flag `u` and at most `i` besides. */
export function blockPattern(pattern: RegExp): BlockPattern {
  const literals = new Literals();
  let source = '';
  let byBlocks = true;
  for (const [token] of pattern.source.matchAll(TOKEN)) {
    const kind = kindOf(token);
    // What looks around would see other lines, and `(?-m:` ends what `^` and `$` mean here.
    byBlocks &&= !/^\(\?(?:<?[=!]|[ims]*-|[ims]+:)/.test(token);
    source += kind === 'set' ? withinLine(token, pattern.flags) : token;
    literals.take(kind, token);
  }
  return {
    must: pattern.ignoreCase ? '' : literals.must,
    anywhere: byBlocks ? compiled(source, `${pattern.flags}gm`) : undefined,
  };
}

type Kind = 'open' | 'close' | 'or' | 'repeat' | 'edge' | 'back' | 'set' | 'literal';

function kindOf(token: string): Kind {
  switch (token[0]) {
    case '(':
      return 'open';
    case ')':
      return 'close';
    case '|':
      return 'or';
    case '*':
    case '+':
    case '?':
    case '{':
      return 'repeat';
    case '^':
    case '$':
      return 'edge';
    case '.':
    case '[':
      return 'set';
    case '\\':
      return /^\\[bB]$/.test(token)
        ? 'edge'
        : /^\\(?:k|[1-9])/.test(token)
          ? 'back'
          : /^\\\w/.test(token)
            ? 'set'
            : 'literal';
    default:
      // Bytes that are not UTF-8 read as U+FFFD.
      return token === '\ufffd' || !token.isWellFormed() ? 'set' : 'literal';
  }
}

/** The set without the line feed: an expression that ran over many lines would take forever. */
function withinLine(set: string, flags: string): string {
  if (!new RegExp(`^${set}$`, flags).test('\n')) {
    return set;
  }
  // At the beginning, but not where it would become the start of a range.
  return /^\[\^[^-]/.test(set) ? `[^\\n${set.slice(2)}` : `(?:(?!\\n)${set})`;
}

function compiled(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/** Collects texts that have to be in a match: outside of groups, and not where a repetition may leave them out. */
class Literals {
  #longest = '';
  #run = '';
  #depth = 0;
  #alternatives = false;

  /** The longest of them; empty if there is none. */
  get must(): string {
    this.#end();
    return this.#alternatives ? '' : this.#longest;
  }

  take(kind: Kind, token: string): void {
    this.#depth += kind === 'open' ? 1 : kind === 'close' ? -1 : 0;
    if (kind === 'literal' && this.#depth === 0) {
      this.#run += token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
      return;
    }
    if (kind === 'repeat' && /^(?:[*?]|\{0)/.test(token)) {
      this.#run = [...this.#run].slice(0, -1).join('');
    }
    this.#alternatives ||= kind === 'or' && this.#depth === 0;
    this.#end();
  }

  #end(): void {
    this.#longest = this.#run.length > this.#longest.length ? this.#run : this.#longest;
    this.#run = '';
  }
}
