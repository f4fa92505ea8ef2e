/** `Environment=` of a unit: words of `NAME=VALUE`, in the language of systemd. */
import { shellWords } from '../../grammar/text/shell-words.ts';

export interface UnitEnvironment {
  readonly env: Record<string, string>;
  /** Parts that could not be read, for a note each. */
  readonly left: readonly string[];
}

export function unitEnvironment(text: string): UnitEnvironment {
  const env = new Map<string, string>();
  const { words, error } = shellWords(text);
  const left = error === undefined ? [] : [`environment: ${error}`];
  for (const word of words ?? []) {
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word) ?? [];
    const plain = value?.replaceAll('%%', '');
    if (name === undefined || value === undefined) {
      left.push(`environment: '${word}' is not NAME=VALUE`);
    } else if (plain?.includes('%')) {
      left.push(`environment: ${name}=${value} has a specifier that only systemd fills in`);
    } else {
      env.set(name, value.replaceAll('%%', '%'));
    }
  }
  return { env: Object.fromEntries(env), left };
}
