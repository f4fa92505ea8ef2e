/** Guesses what an unknown word was meant to be. Pure. */

/** The word of `known` nearest to `word`, at most a third of its letters away; undefined if there is none. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const most = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3));
    if (Math.abs(word.length - candidate.length) > most) {
      continue;
    }
    const distance = edits(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= most && distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** ` (did you mean 'x'?)`, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`;
}

/** Limit of comparisons, after which nothing is suggested: 6,500 mistakes in 6,500 names would be 42 million. */
const MAX_COMPARED = 50_000;

/** Suggestions from lists of any length, within a limit of comparisons: the first mistakes get them. */
export class Suggestions {
  readonly #known: () => Iterable<string>;
  #compared = 0;

  constructor(known: () => Iterable<string>) {
    this.#known = known;
  }

  /** As the function of this name. */
  didYouMean(word: string): string {
    const candidates = this.#compared < MAX_COMPARED ? [...this.#known()] : [];
    this.#compared += candidates.length;
    return didYouMean(word, candidates);
  }
}

/** Letters to insert, remove, replace or swap with the next one (optimal string alignment). */
function edits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
