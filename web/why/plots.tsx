/** Plots of ends, memory and CPU over time. */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { TEXTS } from '../texts/page.ts';
import { WHY_TEXTS } from '../texts/why.ts';
import type { Plot, PlotSpec } from './plot.ts';
import type { Timeline } from './timeline.ts';

const MIB = 2 ** 20;

const SPECS = {
  ends: {
    lines: [
      { label: WHY_TEXTS.own, colour: '--bad', value: ({ asked, own }) => own + asked || null, isBar: true },
      { label: WHY_TEXTS.asked, colour: '--off', value: ({ asked }) => asked || null, isBar: true },
    ],
    say: String,
    least: 4,
    step: 1,
  },
  memory: {
    lines: [{ colour: '--busy', value: ({ memoryBytes }) => memoryBytes ?? null }],
    say: WHY_TEXTS.memory,
    least: MIB,
    step: MIB,
  },
  cpu: { lines: [{ colour: '--good', value: ({ cpu }) => cpu ?? null }], say: WHY_TEXTS.cpu, least: 0.01 },
} as const satisfies Readonly<Record<string, PlotSpec>>;

type Name = keyof typeof SPECS;

interface PlotsProps {
  readonly timeline: Timeline;
  readonly hasMemory: boolean;
  readonly hasCpu: boolean;
}

export function Plots({ hasCpu, hasMemory, timeline }: PlotsProps) {
  const shown: readonly Name[] = [
    'ends',
    ...(hasMemory ? (['memory'] as const) : []),
    ...(hasCpu ? (['cpu'] as const) : []),
  ];
  return (
    <div class="plots">
      {shown.map((name) => (
        <Figure key={name} name={name} timeline={timeline} />
      ))}
    </div>
  );
}

function Figure({ name, timeline }: { readonly name: Name; readonly timeline: Timeline }) {
  const fault = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const latest = useRef(timeline);
  latest.current = timeline;
  const spec: PlotSpec = SPECS[name];
  useEffect(() => {
    let isOver = false;
    import('./plot.ts').then(
      (loaded) => {
        if (!isOver && place.current) {
          plot.current = new loaded.Plot(place.current, spec, latest.current);
        }
      },
      () => {
        fault.value = true;
      },
    );
    return () => {
      isOver = true;
      plot.current?.end();
    };
  }, []);
  useLayoutEffect(() => plot.current?.show(timeline), [timeline]);
  return (
    <figure>
      <figcaption>
        {WHY_TEXTS.plots[name]}
        {spec.lines.map(
          ({ colour, label }) =>
            label && (
              <span key={label}>
                <i aria-hidden="true" style={{ background: `var(${colour})` }} />
                {label}
              </span>
            ),
        )}
      </figcaption>
      {fault.value && <p>{TEXTS.notLoaded}.</p>}
      <div ref={place} class="plot" role="img" aria-label={WHY_TEXTS.drawn(WHY_TEXTS.plots[name])} />
    </figure>
  );
}
