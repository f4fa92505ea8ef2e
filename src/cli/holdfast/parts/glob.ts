/** Patterns over names as shells have them: `*`, `?`, `[a-f]`, `[!0-9]`. */

export function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

export function matcher(pattern: string): (name: string) => boolean {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string;
    const close = character === '[' ? pattern.indexOf(']', at + 2) : -1;
    if (character === '*') {
      source += '.*';
    } else if (character === '?') {
      source += '.';
    } else if (close > 0) {
      const set = pattern
        .slice(at + 1, close)
        .replace(/[\\\]^[]/g, '\\$&')
        .replace(/^!/, '^');
      source += `[${set}]`;
      at = close;
    } else {
      source += character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
  }
  try {
    const regex = new RegExp(`^${source}$`, 'us');
    return (name) => regex.test(name);
  } catch {
    // A range the wrong way round ([z-a]) matches nothing but itself, as in a shell.
    return (name) => name === pattern;
  }
}
