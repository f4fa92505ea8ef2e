/** Progress of an action on several consoles, one by one, problems first. */

import { consoleHref } from '../route.ts';
import { ACTS_TEXTS } from '../texts/acts.ts';
import type { Run, Step, StepState } from './run.ts';
import { chooseOnly } from './selection.ts';

/** Listed one by one; the others are counted. */
const MOST_STEPS = 100;

interface RunPanelProps {
  readonly run: Run;
  readonly close: () => void;
}

export function RunPanel({ close, run }: RunPanelProps) {
  const { length } = run.steps;
  const shown = run.shown(MOST_STEPS);
  const counts = run.counts.value;
  const settled = length - (counts.waits ?? 0) - (counts.asked ?? 0) - (counts['under way'] ?? 0);
  return (
    <section class="run" aria-label={ACTS_TEXTS.run}>
      <div class="head">
        <h2>{ACTS_TEXTS.runTitle(run.verb, length)}</h2>
        <progress aria-label={ACTS_TEXTS.run} max={length} value={settled} />
        <span role="status">{countsText(counts)}</span>
        <span class="ends">
          {run.isAsking && (
            <button type="button" onClick={() => run.stop()}>
              {ACTS_TEXTS.leave}
            </button>
          )}
          {run.isOver && settled > (counts.done ?? 0) && (
            <button type="button" onClick={() => chooseOnly(run.undone)}>
              {ACTS_TEXTS.chooseUndone(length - (counts.done ?? 0))}
            </button>
          )}
          <button type="button" onClick={close}>
            {ACTS_TEXTS.close}
          </button>
        </span>
      </div>
      <ul>
        {shown.map((step) => (
          <li key={step.name}>
            <a href={consoleHref(step.name)}>{step.name}</a> <StepText step={step} />
          </li>
        ))}
        {length > shown.length && <li>{ACTS_TEXTS.moreSteps(length - shown.length)}</li>}
      </ul>
    </section>
  );
}

export function StepText({ step }: { readonly step: Step }) {
  const state = step.state.value;
  const tone = `step ${TONES[state.is]}`;
  return state.is === 'failed' || state.is === 'late' ? (
    <a class={tone} href={consoleHref(step.name, 'why')}>
      {textOf(state)}
    </a>
  ) : (
    <span class={tone}>{textOf(state)}</span>
  );
}

function textOf(state: StepState): string {
  return 'why' in state ? ACTS_TEXTS[state.is](state.why) : ACTS_TEXTS.step[state.is];
}

function countsText(counts: Run['counts']['value']): string {
  return (Object.keys(ACTS_TEXTS.counts) as StepState['is'][])
    .flatMap((is) => (counts[is] ? [`${counts[is]} ${ACTS_TEXTS.counts[is]}`] : []))
    .join(', ');
}

const TONES: Readonly<Record<StepState['is'], string>> = {
  ...{ waits: '', asked: '', left: '', 'under way': 'busy' },
  ...{ done: 'good', late: 'warn', failed: 'bad', refused: 'bad' },
};
