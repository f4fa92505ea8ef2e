/**
 * Runs every side once per round (A B C, A B C, ...), so that other load of the machine affects all of them alike. A
 * side with its own number of rounds in `only` drops out after that many.
 */
export async function interleave<Side extends string, Sample>(
  rounds: number,
  sides: readonly Side[],
  measure: (side: Side, round: number) => Promise<Sample>,
  only: Partial<Record<Side, number>> = {},
): Promise<Record<Side, Sample[]>> {
  const samples = Object.fromEntries(sides.map((side) => [side, []])) as unknown as Record<Side, Sample[]>;
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      if (round < (only[side] ?? rounds)) {
        samples[side].push(await measure(side, round));
      }
    }
  }
  return samples;
}
