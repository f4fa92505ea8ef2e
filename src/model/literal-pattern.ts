/** The source of a regular expression that matches this text. `RegExp.escape` is not in Node 22. Pure. */
export function literalPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
