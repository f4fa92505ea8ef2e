/** Where rows are in a list that begins with large ones. Pixels. Pure. */

export interface Layout {
  readonly count: number;
  /** How many, from the first. */
  readonly largeRows: number;
  /** Heights. */
  readonly large: number;
  readonly small: number;
}

/** Of the upper edge of a row, which may be the one after the last. */
export function placeOf({ large, largeRows, small }: Layout, row: number): number {
  const above = Math.min(row, largeRows);
  return above * large + (row - above) * small;
}

export function heightOf(layout: Layout): number {
  return placeOf(layout, layout.count);
}

/** The row that is there. */
export function rowAt({ large, largeRows, small }: Layout, place: number): number {
  const end = largeRows * large;
  return place < end ? Math.floor(place / large) : largeRows + Math.floor((place - end) / small);
}
