/** Substitution patterns: `X=t[n]f,...` (spec/conserver.md 7.2 and 5.4). */

/** A value that a pattern may insert: text, or a number for `p` and `P`; undefined where it is not set. */
export type SubstValues = Readonly<Record<string, string | number | undefined>>;

export interface SubstRule {
  /** The character that is replaced. */
  readonly character: string;
  /** Which value: a letter of the vocabulary. */
  readonly value: string;
  /** Least width; 0 for none. */
  readonly width: number;
  readonly zeros: boolean;
  /** `s` text; `d x X a A` number in base 10, 16, 36. */
  readonly format: string;
}

/** Which letters stand for a text and which for a number. */
export interface SubstVocabulary {
  readonly texts: string;
  readonly numbers: string;
}

export const CLIENT_SUBST: SubstVocabulary = { texts: 'uc', numbers: '' };

/** Reads a pattern; a fault names it and the character where reading stopped. The empty pattern has no rules. */
export function parseSubst(pattern: string, known: SubstVocabulary): readonly SubstRule[] | { readonly fault: string } {
  const rules: SubstRule[] = [];
  let at = 0;
  const wrong = (index: number) => {
    const what = index < pattern.length ? `character ${index + 1}, \`${pattern[index]}'` : 'it ends too early';
    return { fault: `substitution \`${pattern}' is not a list of X=t[n]f (${what})` };
  };
  while (at < pattern.length) {
    const part = /^(.)(=?)(.?)(\d{0,5})(.?)(,?)/s.exec(pattern.slice(at)) as RegExpExecArray;
    const [all, character = '', equals, value = '', digits = '', format = '', comma] = part;
    if (character === ',') {
      return wrong(at);
    }
    if (equals === '') {
      return wrong(at + 1);
    }
    const number = known.numbers.includes(value);
    if (value === '' || !(number || known.texts.includes(value))) {
      return wrong(at + 2);
    }
    if (format === '' || !(number ? 'dxXaA' : 's').includes(format)) {
      return wrong(at + 3 + digits.length);
    }
    if ((comma === '') !== (at + all.length === pattern.length)) {
      return wrong(at + all.length);
    }
    if (rules.some((rule) => rule.character === character)) {
      return { fault: `substitution \`${pattern}' replaces \`${character}' twice` };
    }
    rules.push({ character, value, width: Number(digits), zeros: digits.startsWith('0'), format });
    at += all.length;
  }
  return rules;
}

/** Letters of values that the rules need but that are not set. */
export function missingValues(rules: readonly SubstRule[], values: SubstValues): string[] {
  return rules.filter((rule) => values[rule.value] === undefined).map((rule) => rule.value);
}

/** Replaces every character that has a rule; inserted text is not substituted again. */
export function applySubst(text: string, rules: readonly SubstRule[], values: SubstValues): string {
  const byCharacter = new Map(rules.map((rule) => [rule.character, rule]));
  let result = '';
  for (const character of text) {
    const rule = byCharacter.get(character);
    result += rule === undefined ? character : insertion(rule, values[rule.value]);
  }
  return result;
}

const BASES: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, a: 36, A: 36 };

function insertion(rule: SubstRule, value: string | number | undefined): string {
  const base = BASES[rule.format];
  if (base === undefined || typeof value !== 'number') {
    return String(value ?? '').padStart(rule.width);
  }
  const digits = value.toString(base);
  const cased = rule.format === rule.format.toUpperCase() ? digits.toUpperCase() : digits;
  return cased.padStart(rule.width, rule.zeros ? '0' : ' ');
}
