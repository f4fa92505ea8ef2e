/**
 * Takes a regular expression apart, so that whole blocks can be searched for the lines that it may match. What is found
 * so is only likely: every line is then matched by itself.
 */

/** More are faster found by an expression. */
const MOST_TEXTS = 4;

export interface BlockPattern {
  /** Texts of which every matching line contains one; none if that is not known. */
  readonly musts: readonly string[];
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
    // Lookaround would see other lines, and `(?-m:` would change the meaning of `^` and `$`.
    byBlocks &&= !/^\(\?(?:<?[=!]|[ims]*-|[ims]+:)/.test(token);
    source += kind === 'set' ? withinLine(token, pattern.flags) : token;
    literals.take(kind, token);
  }
  return {
    musts: pattern.ignoreCase ? [] : literals.musts,
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
  /** The longest of each alternative so far. */
  readonly #alternatives: string[] = [];
  #longest = '';
  #run = '';
  #depth = 0;

  get musts(): readonly string[] {
    this.#end();
    const all = [...this.#alternatives, this.#longest];
    return all.includes('') || all.length > MOST_TEXTS ? [] : all;
  }

  take(kind: Kind, token: string): void {
    this.#depth += kind === 'open' ? 1 : kind === 'close' ? -1 : 0;
    if (this.#depth > 0) {
      this.#end();
    } else if (kind === 'literal') {
      this.#run += token.length > 1 && token.startsWith('\\') ? token.slice(1) : token;
    } else {
      if (kind === 'repeat' && /^(?:[*?]|\{0)/.test(token)) {
        this.#run = [...this.#run].slice(0, -1).join('');
      }
      this.#end();
      if (kind === 'or') {
        this.#alternatives.push(this.#longest);
        this.#longest = '';
      }
    }
  }

  #end(): void {
    this.#longest = this.#run.length > this.#longest.length ? this.#run : this.#longest;
    this.#run = '';
  }
}
