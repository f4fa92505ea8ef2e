/** Adjacent marks of a log are shown as one: `[-- MARK -- first .. last -- MARK --]` (spec/conserver.md 6.2). */

const MARK = /^\[-- MARK -- (.*)\]\r?\n?$/;
const BEGINNING = '[-- MARK -- ';

export class MarkJoiner {
  #first: { readonly time: string; readonly line: string } | undefined;
  #last: string | undefined;

  /** The time of the mark at the beginning of this text; undefined if there is none. */
  static timeOf(text: string): string | undefined {
    return text.startsWith(BEGINNING)
      ? MARK.exec(text.slice(0, text.indexOf('\n') + 1 || text.length))?.[1]
      : undefined;
  }

  /** Complete lines in, lines out: marks wait for the next line, unless this is the `end`. */
  join(text: Buffer, end = false): Buffer {
    if (this.#first === undefined && !text.includes(BEGINNING)) {
      return text;
    }
    const out: string[] = [];
    for (const line of text.toString('latin1').split(/(?<=\n)/)) {
      const time = MarkJoiner.timeOf(line);
      if (time === undefined) {
        out.push(...(line === '' ? [] : [...this.#flush(), line]));
      } else if (this.#first === undefined) {
        this.#first = { time, line };
      } else {
        this.#last = time;
      }
    }
    return Buffer.from([...out, ...(end ? this.#flush() : [])].join(''), 'latin1');
  }

  #flush(): string[] {
    const [first, last] = [this.#first, this.#last];
    this.#first = undefined;
    this.#last = undefined;
    return first === undefined
      ? []
      : [last === undefined ? first.line : `${BEGINNING}${first.time} .. ${last} -- MARK --]\r\n`];
  }
}
