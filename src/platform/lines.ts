/** Lines of a byte stream as text. */

/** A line longer than this is given in parts: one without an end must not fill the memory. Characters. */
const MAX_LENGTH = 1 << 20;

/** Without line feeds and the carriage return before them; what is not UTF-8 reads as U+FFFD. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n', from)) {
      yield trimmed(rest.slice(from, at));
      from = at + 1;
    }
    rest = rest.slice(from);
    while (rest.length > MAX_LENGTH) {
      yield rest.slice(0, MAX_LENGTH);
      rest = rest.slice(MAX_LENGTH);
    }
  }
  rest += decoder.decode();
  if (rest !== '') {
    yield trimmed(rest);
  }
}

function trimmed(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
