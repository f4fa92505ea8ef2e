/** Characters of a conserver.cf with their positions, through `#include` (spec/conserver.md 7.1). */

/** Line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A fault in a configuration; without a position if it is in no file. */
export interface Fault {
  readonly at?: Position;
  readonly message: string;
}

/** `file:line:column: message`, or the message alone. */
export function showFault(fault: Fault): string {
  const { at } = fault;
  return at === undefined ? fault.message : `${at.file}:${at.line}:${at.column}: ${fault.message}`;
}

/** The text of a file as a byte string, or the reason why there is none. */
export type ReadFile = (path: string) => { readonly text: string } | { readonly error: string };

/** Maximum depth of included files, the top one included. */
export const DEEPEST_INCLUDE = 10;

/** Files of one configuration, so that two files that include each other twice cannot fill the memory. */
const MAX_FILES = 1000;

interface Frame {
  readonly file: string;
  readonly text: string;
  at: number;
  line: number;
  lineStart: number;
}

/** A stack of open files read as one text. An included file ends like a line. */
export class ConserverSource {
  readonly faults: Fault[];
  readonly #read: ReadFile;
  readonly #stack: Frame[] = [];
  #files = 1;
  #end: Position;

  constructor(file: string, text: string, read: ReadFile, faults: Fault[]) {
    this.faults = faults;
    this.#read = read;
    this.#stack.push({ file, text, at: 0, line: 1, lineStart: 0 });
    this.#end = { file, line: 1, column: 1 };
  }

  get position(): Position {
    const frame = this.#stack.at(-1);
    return frame ? { file: frame.file, line: frame.line, column: frame.at - frame.lineStart + 1 } : this.#end;
  }

  /** The character here, or undefined at the end of everything. */
  peek(): string | undefined {
    const frame = this.#stack.at(-1);
    return frame === undefined ? undefined : frame.at < frame.text.length ? frame.text[frame.at] : '\n';
  }

  next(): string | undefined {
    const frame = this.#stack.at(-1);
    if (frame === undefined) {
      return undefined;
    }
    if (frame.at >= frame.text.length) {
      this.#end = this.position;
      this.#stack.pop();
      return '\n';
    }
    const character = frame.text[frame.at++];
    if (character === '\n') {
      frame.line++;
      frame.lineStart = frame.at;
    }
    return character;
  }

  /**
   * Skips a comment, whose `#` is next, up to its line end. A comment that begins with `#include` and a blank,
   * anywhere on its line, opens the file it names; returns true if that is read next.
   */
  skipComment(): boolean {
    const frame = this.#stack.at(-1);
    if (frame === undefined) {
      return false;
    }
    const at = this.position;
    const lineEnd = frame.text.indexOf('\n', frame.at);
    const end = lineEnd < 0 ? frame.text.length : lineEnd;
    const comment = frame.text.slice(frame.at, end);
    frame.at = end;
    const [include, path = ''] = /^#include(?:\s+(.*))?$/.exec(comment.trimEnd()) ?? [];
    if (include === undefined) {
      return false;
    }
    if (path === '') {
      this.faults.push({ at, message: '#include names no file' });
    } else if (this.#stack.length >= DEEPEST_INCLUDE) {
      this.faults.push({
        at,
        message: `#include of \`${path}' lies too deep: ${DEEPEST_INCLUDE} files inside one another are allowed`,
      });
    } else if (this.#files++ >= MAX_FILES) {
      this.faults.push({ at, message: `#include of \`${path}': more than ${MAX_FILES} files` });
    } else {
      const found = this.#read(path);
      if ('error' in found) {
        this.faults.push({ at, message: `cannot read the included file \`${path}': ${found.error}` });
      } else {
        this.#stack.push({ file: path, text: found.text, at: 0, line: 1, lineStart: 0 });
        return true;
      }
    }
    return false;
  }
}
