/** Placeholders in the values of a configuration. Pure. */

/** `{name}` -> the name of the console. `${name}` is the shell's, and stays. */
export function fillIn(text: string, name: string): string {
  return fillInAll(text, { name });
}

/** Each `{word}` of `words`; other words in braces stay as they are. */
export function fillInAll(text: string, words: Readonly<Record<string, string>>): string {
  return text.replace(/(?<!\$)\{([a-z]+)\}/g, (whole, word: string) =>
    Object.hasOwn(words, word) ? (words[word] as string) : whole,
  );
}
