/** Aligned columns within the available width. */
import { cell, fit, width } from './display.ts';
import { paint, type Style } from './styles.ts';

export interface Column {
  readonly title: string;
  /** Narrowest width that the column may be cut to; absent: never cut. */
  readonly least?: number;
}

export interface Cell {
  /** Cleaned text. */
  readonly text: string;
  readonly style?: Style;
}

const GAP = '  ';

/** Lines without line feeds. `columns` is the width of the terminal; the last column takes the rest. */
export function layOut(
  head: readonly Column[],
  rows: readonly (readonly Cell[])[],
  columns: number,
  color: boolean,
): readonly string[] {
  const last = head.length - 1;
  const wanted = head.map(({ title }, at) =>
    rows.reduce((most, row) => Math.max(most, width(row[at]?.text ?? '')), width(title)),
  );
  const widths = clipped(squeeze(wanted, head, columns - GAP.length * last), columns);
  const line = (cells: readonly Cell[]): string =>
    cells
      .map(({ text, style }, at) => {
        const room = widths[at] as number;
        const shown = at === last ? fit(text, room) : cell(text, room);
        return style === undefined ? shown : paint(color, style, shown);
      })
      .join(GAP)
      .trimEnd();
  return [line(head.map(({ title }) => ({ text: title, style: 'bold' as const }))), ...rows.map(line)];
}

/** Shrinks the columns that may be cut, the widest first, until all fit or can be cut no more. */
function squeeze(wanted: readonly number[], head: readonly Column[], room: number): readonly number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, value) => sum + value, 0) - room;
  while (excess > 0) {
    const cut = widths
      .map((value, at) => ({ at, spare: value - (head[at]?.least ?? value), value }))
      .filter(({ spare }) => spare > 0)
      .sort((a, b) => b.value - a.value)[0];
    if (cut === undefined) {
      return widths;
    }
    const step = Math.min(cut.spare, excess);
    widths[cut.at] = cut.value - step;
    excess -= step;
  }
  return widths;
}

/** Text beyond the width is cut. */
function clipped(widths: readonly number[], columns: number): readonly number[] {
  let left = columns;
  return widths.map((width) => {
    const room = Math.max(0, Math.min(width, left));
    left -= width + GAP.length;
    return room;
  });
}
