/** Whole numbers below `n`. */
export type Random = (n: number) => number;

/** The same numbers for the same seed. */
export function numbers(seed: number): Random {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    return Math.floor((state / 0x8000_0000) * n) % n;
  };
}
