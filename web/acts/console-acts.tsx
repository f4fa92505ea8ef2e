/** Actions on one console, below its name. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ConsoleSummary, HoldInfo } from '../../src/model/api.ts';
import { local } from '../../src/model/time-text.ts';
import type { WaitedVerb } from '../../src/model/verb-progress.ts';
import { consoleNamed } from '../list/table.ts';
import { ACTS_TEXTS } from '../texts/acts.ts';
import { sentence, TEXTS } from '../texts/page.ts';
import { ActButtons } from './act-buttons.tsx';
import { ActDialog, type Answer, type Question } from './act-dialog.tsx';
import { begin, isToBeAsked, questionOf, runOf } from './ordering.ts';
import type { Run } from './run.ts';
import { StepText } from './run-panel.tsx';

const NO_ANSWER: Answer = { reason: undefined, until: undefined };

export function ConsoleActs({ name }: { readonly name: string }) {
  const console = consoleNamed(name)?.value;
  const question = useSignal<Question | undefined>(undefined);
  const run = useSignal<Run | undefined>(undefined);
  useEffect(() => () => run.peek()?.close(), []);
  const act = (verb: WaitedVerb, on: ConsoleSummary): void => {
    const next = questionOf(verb, [on]);
    if (isToBeAsked(next)) {
      question.value = next;
    } else {
      begin(run, runOf(next, NO_ANSWER));
    }
  };
  return (
    <>
      {console && <ActButtons consoles={[console]} act={(verb) => act(verb, console)} />}
      {console?.hold && <p class="held-why">{heldText(console.hold)}</p>}
      <div class="outcome" role="status">
        {run.value && <Outcome run={run.value} close={() => begin(run, undefined)} />}
      </div>
      <ActDialog question={question} answered={(asked, answer) => begin(run, runOf(asked, answer))} />
    </>
  );
}

function heldText({ by, reason, until }: HoldInfo): string {
  return sentence(TEXTS.held(by, until && local(until).slice(0, 'yyyy-mm-dd hh:mm'.length), reason));
}

function Outcome({ close, run }: { readonly run: Run; readonly close: () => void }) {
  const [step] = run.steps;
  return (
    <>
      {step && (
        <p>
          <b>{ACTS_TEXTS.verb[run.verb]}:</b> <StepText step={step} />
        </p>
      )}
      <button type="button" class="quiet" onClick={close}>
        {ACTS_TEXTS.close}
      </button>
    </>
  );
}
