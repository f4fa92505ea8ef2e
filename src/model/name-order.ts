/** The order of names: as people read them, `vac-2` before `vac-10`. Pure. */

/** In the collator's order; the case of letters does not count. */
const ALPHABET = '_-:.@+0123456789abcdefghijklmnopqrstuvwxyz';
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
      const [from, begin] = [firstDigit(one, i), firstDigit(other, j)];
      i = endOfDigits(one, from);
      j = endOfDigits(other, begin);
      const difference = i - from - (j - begin) || compareDigits(one, from, i, other, begin);
      if (difference !== 0) {
        return difference;
      }
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
  const code = name.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** Without leading zeros. */
function firstDigit(name: string, at: number): number {
  let from = at;
  while (name.charCodeAt(from) === 0x30) {
    from += 1;
  }
  return from;
}

function endOfDigits(name: string, from: number): number {
  let to = from;
  while (isDigit(name, to)) {
    to += 1;
  }
  return to;
}

/** Of numbers with as many digits. */
function compareDigits(one: string, from: number, to: number, other: string, begin: number): number {
  for (let at = 0; at < to - from; at++) {
    const difference = one.charCodeAt(from + at) - other.charCodeAt(begin + at);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}
