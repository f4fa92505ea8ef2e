/** Ends, memory and processors over time: as plots, and as a table. */
import { useSignal } from '@preact/signals';
import { local } from '../../src/model/time-text.ts';
import { WHY_TEXTS } from '../texts/why.ts';
import { Plots } from './plots.tsx';
import { type Bucket, EVENTS, firstRange, RANGES, type Range, timelineOf, told } from './timeline.ts';
import type { WhyFacts } from './why-facts.ts';

export function OverTime({ askedAt, detail: { resources }, events, past }: WhyFacts) {
  const range = useSignal<Range>(firstRange({ events, past }, askedAt));
  const facts = { events, past, isCut: events.length === EVENTS, present: resources };
  const timeline = timelineOf(facts, range.value, askedAt);
  const { buckets, endsSince, usesSince } = timeline;
  const hasMemory = buckets.some(({ memoryBytes }) => memoryBytes !== undefined);
  const hasCpu = buckets.some(({ cpu }) => cpu !== undefined);
  const hasUses = hasMemory || hasCpu;
  const memory = (bytes: number | undefined) => (bytes === undefined ? undefined : WHY_TEXTS.memory(bytes));
  const present =
    resources && WHY_TEXTS.now(memory(resources.memoryBytes), memory(resources.memoryPeakBytes), resources.processes);
  return (
    <section class="over-time" aria-labelledby="over-time">
      <h2 id="over-time">{WHY_TEXTS.overTime}</h2>
      <fieldset class="ranges">
        <legend class="unseen">{WHY_TEXTS.range}</legend>
        {(Object.keys(RANGES) as Range[]).map((name) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-pressed={name === range.value}
            onClick={() => {
              range.value = name;
            }}
          >
            {WHY_TEXTS.ranges[name]}
          </button>
        ))}
        {present && <span>{present}</span>}
      </fieldset>
      <Plots timeline={timeline} hasMemory={hasMemory} hasCpu={hasCpu} />
      {!hasUses && <p>{resources?.missing ? WHY_TEXTS.missing(resources.missing) : WHY_TEXTS.noUses}</p>}
      {endsSince !== undefined && <p class="more">{WHY_TEXTS.endsSince(endsSince)}</p>}
      {hasUses && usesSince !== undefined && <p class="more">{WHY_TEXTS.usesSince(usesSince)}</p>}
      <details>
        <summary>{WHY_TEXTS.asTable}</summary>
        <Table buckets={told(buckets)} />
      </details>
    </section>
  );
}

function Table({ buckets }: { readonly buckets: readonly Bucket[] }) {
  if (buckets.length === 0) {
    return <p>{WHY_TEXTS.nothingOverTime}</p>;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="figures" aria-label={WHY_TEXTS.overTime} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {Object.entries(WHY_TEXTS.columns).map(([name, title]) => (
              <th key={name} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets.map(({ asked, at, cpu, memoryBytes, own }) => (
            <tr key={at}>
              <th scope="row">{local(new Date(at).toISOString())}</th>
              <td>{own + asked}</td>
              <td>{asked}</td>
              <td>{memoryBytes === undefined ? '' : WHY_TEXTS.memory(memoryBytes)}</td>
              <td>{cpu === undefined ? '' : WHY_TEXTS.cpu(cpu)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
