/** A small plot, drawn by uPlot, in a chunk that shares nothing with others, so that they are not split. */
import uPlot from 'uplot';
import type { Bucket, Timeline } from './timeline.ts';

const HEIGHT = 96;
const AXIS_WIDTH = 72;
const FONT = '11px system-ui, sans-serif';
/** Events that change the colours of the page. A canvas does not follow the style. */
const LOOKS = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'];

/** Steps between labels of an axis: from 1 to 50,000,000. */
const STEPS = Array.from({ length: 8 }, (_, at) => [1, 2, 5].map((each) => each * 10 ** at)).flat();

export interface Line {
  readonly label?: string;
  /** A colour of the page. */
  readonly colour: string;
  readonly value: (bucket: Bucket) => number | null;
  readonly isBar?: boolean;
}

export interface PlotSpec {
  readonly lines: readonly Line[];
  /** Label of a value at the axis. */
  readonly say: (value: number) => string;
  /** Least upper end of the axis. */
  readonly least: number;
  /** Least step between two labels of the axis. */
  readonly step?: number;
}

export class Plot {
  readonly #element: HTMLElement;
  readonly #spec: PlotSpec;
  readonly #ended = new AbortController();
  #timeline: Timeline;
  #drawn: uPlot;

  constructor(element: HTMLElement, spec: PlotSpec, timeline: Timeline) {
    this.#element = element;
    this.#spec = spec;
    this.#timeline = timeline;
    this.#drawn = this.#draw();
    const { signal } = this.#ended;
    const again = (): void => {
      this.#drawn.destroy();
      this.#drawn = this.#draw();
    };
    for (const look of LOOKS) {
      matchMedia(look).addEventListener('change', again, { signal });
    }
    const observers = [
      new ResizeObserver(() => this.#drawn.setSize({ width: element.clientWidth, height: HEIGHT })),
      new MutationObserver(again),
    ] as const;
    observers[0].observe(element);
    // Set by the choice of colours.
    observers[1].observe(document.documentElement, { attributes: true });
    signal.addEventListener('abort', () => {
      for (const observer of observers) {
        observer.disconnect();
      }
    });
  }

  show(timeline: Timeline): void {
    this.#timeline = timeline;
    this.#drawn.setData(this.#data);
  }

  end(): void {
    this.#ended.abort();
    this.#drawn.destroy();
  }

  /** In the middle of its bucket, seconds. */
  get #data(): uPlot.AlignedData {
    const { buckets, ms } = this.#timeline;
    return [buckets.map(({ at }) => (at + ms / 2) / 1000), ...this.#spec.lines.map(({ value }) => buckets.map(value))];
  }

  #draw(): uPlot {
    return new uPlot(optionsOf(this.#element, this.#spec), this.#data, this.#element);
  }
}

function optionsOf(element: HTMLElement, { least, lines, say, step }: PlotSpec): uPlot.Options {
  const style = getComputedStyle(element);
  const colourOf = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    ...{ stroke: style.color, font: FONT, grid: { stroke: colourOf('--line'), width: 1 } },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 18, 0, 0],
    scales: { y: { range: (_, __, max) => [0, Math.max(least, max * 1.05)] } },
    axes: [
      { ...axis, size: 22, values: (_, seconds) => seconds.map(clock) },
      {
        ...axis,
        size: AXIS_WIDTH,
        space: 28,
        values: (_, values) => values.map(say),
        ...(step === undefined ? {} : { incrs: STEPS.map((each) => each * step) }),
      },
    ],
    series: [{}, ...lines.map(({ colour, isBar }) => seriesOf(colourOf(colour), isBar))],
  };
}

function seriesOf(stroke: string, isBar = false): uPlot.Series {
  if (isBar) {
    const paths = uPlot.paths.bars?.({ size: [0.7, 24, 2] });
    return { stroke, fill: stroke, width: 0, points: { show: false }, ...(paths && { paths }) };
  }
  return {
    ...{ stroke, width: 1.5, spanGaps: false },
    fill: `color-mix(in srgb, ${stroke} 15%, transparent)`,
    points: { show: true, size: 5, fill: stroke, filter: ({ data }, series) => alone(data[series] ?? []) },
  };
}

/** Values without a line to either side, which would be invisible. */
function alone(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values, (_, at) => at).filter(
    (at) => values[at] != null && values[at - 1] == null && values[at + 1] == null,
  );
}

/** `03:15`, in local time. */
function clock(seconds: number): string {
  const time = new Date(seconds * 1000);
  return [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}
