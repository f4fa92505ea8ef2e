import { median } from './statistics.ts';

/** One measured quantity of all sides; `samples` one per round, `limit` that of a bare C program in its place. */
export type Row = {
  what: string;
  unit: string;
  ours: readonly number[];
  theirs: readonly number[];
  limit?: readonly number[];
  /** Absent: a figure for information. */
  goal?: Goal;
};

export type Goal = { text: string; met(ours: number, theirs: number): boolean };

/** At least `factor` times theirs. */
export function atLeastTimes(factor: number): Goal {
  return { text: `>= ${factor}x`, met: (ours, theirs) => ours >= factor * theirs };
}

/** At most `factor` times theirs. */
export function atMostTimes(factor: number): Goal {
  return { text: `<= ${factor}x`, met: (ours, theirs) => ours <= factor * theirs };
}

/** At most `bound`, whatever theirs. */
export function atMost(bound: number, unit: string): Goal {
  return { text: `<= ${bound} ${unit}`.trim(), met: (ours) => ours <= bound };
}

/** Below `bound`, whatever theirs. */
export function below(bound: number, unit: string): Goal {
  return { text: `< ${bound} ${unit}`.trim(), met: (ours) => ours < bound };
}

function figure(value: number): string {
  if (Number.isInteger(value)) {
    return String(value);
  }
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

/** `median (least - most)`, or the value alone when there is no spread. */
function spread(samples: readonly number[] | undefined): string {
  if (samples === undefined || samples.length === 0) {
    return '';
  }
  const least = figure(Math.min(...samples));
  const most = figure(Math.max(...samples));
  return least === most ? least : `${figure(median(samples))} (${least} - ${most})`;
}

export type Verdict = 'met' | 'MISSED' | '';

export function verdict(row: Row): Verdict {
  if (row.goal === undefined) {
    return '';
  }
  return row.goal.met(median(row.ours), median(row.theirs)) ? 'met' : 'MISSED';
}

/** The rows as a Markdown table: medians over the rounds with least and most, ratio of the medians. */
export function markdownTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const ratio = median(row.ours) / median(row.theirs);
    const cells = [
      row.what,
      row.unit,
      spread(row.ours),
      spread(row.theirs),
      spread(row.limit),
      Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : '',
      row.goal?.text ?? '',
      verdict(row),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| what | unit | ours | theirs | limit | ratio | goal | |',
    `| --- | --- |${' ---: |'.repeat(4)} --- | --- |`,
    ...lines,
  ].join('\n');
}
