/** A message to all users of a console: the words, and the marks that this protocol puts around them. */

export interface Remark {
  readonly words: string;
  readonly marks: keyof typeof MARKS;
}

const MARKS = { brackets: ['[', ']\r\n'], dashes: ['[-- ', ' --]\r\n'], none: ['', ''] } as const;

/** `[words]`: by a user. */
export function said(words: string): Remark {
  return { words, marks: 'brackets' };
}

/** `[-- words --]`: by the server. */
export function notice(words: string): Remark {
  return { words, marks: 'dashes' };
}

/** Output of a command, with its own line ends. */
export function verbatim(words: string): Remark {
  return { words, marks: 'none' };
}

/** As clients of this protocol get it. */
export function remarkText({ words, marks }: Remark): string {
  const [before, after] = MARKS[marks];
  return `${before}${words}${after}`;
}
