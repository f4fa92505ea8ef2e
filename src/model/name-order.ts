/** The order of names: as people read them, `vac-2` before `vac-10`. Pure. */

/** Letters whatever their case, after digits, after these. */
const PUNCTUATION = '_-:.@+';
const FIRST_DIGIT = PUNCTUATION.length;
const ALPHABET = `${PUNCTUATION}0123456789abcdefghijklmnopqrstuvwxyz`;
const WEIGHTS = Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code).toLowerCase()));
/** What the collator reads as one number is bounded as well. */
const PLAIN = /^[\w.:@+-]{0,200}$/;

// One for all comparisons: making one each time dominates a long list, and making one at all takes 10 ms of a command.
let others: Intl.Collator | undefined;

/** As `Intl.Collator('en', { numeric: true })`, which is made only for names with other characters than a console's. */
export function compareNames(one: string, other: string): number {
  if (PLAIN.test(one) && PLAIN.test(other)) {
    return comparePlain(one, other);
  }
  others ??= new Intl.Collator('en', { numeric: true });
  return others.compare(one, other);
}

function comparePlain(one: string, other: string): number {
  let byCase = 0;
  let [i, j] = [0, 0];
  while (i < one.length && j < other.length) {
    if (isDigit(one, i) && isDigit(other, j)) {
      const [[from, to], [begin, end]] = [numberAt(one, i), numberAt(other, j)];
      const [number, its] = [one.slice(from, to), other.slice(begin, end)];
      if (number !== its) {
        return number.length - its.length || (number < its ? -1 : 1);
      }
      [i, j] = [to, end];
      continue;
    }
    const [code, its] = [one.charCodeAt(i), other.charCodeAt(j)];
    const difference = (WEIGHTS[code] as number) - (WEIGHTS[its] as number);
    if (difference !== 0) {
      return difference;
    }
    // Of names that differ in nothing else: a small letter is first.
    byCase ||= its - code;
    i += 1;
    j += 1;
  }
  return one.length - i - (other.length - j) || byCase;
}

function isDigit(name: string, at: number): boolean {
  const weight = WEIGHTS[name.charCodeAt(at)] as number;
  return weight >= FIRST_DIGIT && weight < FIRST_DIGIT + 10;
}

/** Where the number begins, without leading zeros, and where it ends. */
function numberAt(name: string, at: number): readonly [number, number] {
  let [from, to] = [at, at];
  while (to < name.length && isDigit(name, to)) {
    to += 1;
    if (name[from] === '0') {
      from += 1;
    }
  }
  return [from, to];
}
