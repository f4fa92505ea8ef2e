/** The output of a session that begins with history: before offset `live` it contains no terminal queries. */
import type { SessionSink } from '../model/session.ts';
import { QuestionFilter } from '../model/terminal-questions.ts';

export class PastOutput {
  readonly #live: number;
  readonly #sink: Pick<SessionSink, 'output'>;
  #filter: QuestionFilter | undefined = new QuestionFilter();

  constructor(live: number, sink: Pick<SessionSink, 'output'>) {
    this.#live = live;
    this.#sink = sink;
  }

  /**
   * A piece of history counts as ending at the end of the bytes taken, so that a reader that continues from there
   * misses nothing.
   */
  output(bytes: Uint8Array, start: number): boolean {
    const filter = this.#filter;
    if (!filter) {
      return this.#sink.output(bytes, start);
    }
    const shown = filter.feed(bytes.subarray(0, Math.max(0, this.#live - start)));
    const end = start + bytes.length;
    if (end < this.#live) {
      return this.#sink.output(shown, end - filter.pending - shown.length);
    }
    this.#filter = undefined;
    const rest = Buffer.concat([shown, filter.end(true)]);
    const room = this.#sink.output(rest, this.#live - rest.length);
    const since = bytes.subarray(Math.max(0, this.#live - start));
    return since.length === 0 ? room : this.#sink.output(since, this.#live);
  }
}
