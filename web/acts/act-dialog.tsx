/** The dialog before an action: confirmation, reason, end of a hold. */
import { type Signal, useSignal } from '@preact/signals';
import type { ReasonWanted } from '../../src/model/access-told.ts';
import type { ConsoleSummary } from '../../src/model/api.ts';
import { someOf } from '../../src/model/counted.ts';
import { userText } from '../../src/model/principal.ts';
import type { WaitedVerb } from '../../src/model/verb-progress.ts';
import { now } from '../now.ts';
import { reasonIn, useModal } from '../parts/modal.ts';
import { who } from '../person.ts';
import { ACTS_TEXTS } from '../texts/acts.ts';
import { mayOn, reasonFor } from './access.ts';

export interface Question {
  readonly verb: WaitedVerb;
  readonly consoles: readonly ConsoleSummary[];
  /** How many selected consoles it would not change. */
  readonly leftOut: number;
}

export interface Answer {
  readonly reason: string | undefined;
  /** End of a hold, milliseconds since 1970; undefined: until it is released. */
  readonly until: number | undefined;
}

interface ActDialogProps {
  readonly question: Signal<Question | undefined>;
  readonly answered: (question: Question, answer: Answer) => void;
}

/** Most names in a question. */
const SHOWN = 12;
const MINUTE_MS = 60_000;

export function ActDialog({ answered, question }: ActDialogProps) {
  const asked = question.value;
  const { dialog, onClose } = useModal(asked, () => {
    question.value = undefined;
  });
  return (
    <dialog ref={dialog} class="act" aria-labelledby="act-question" onClose={onClose}>
      {asked && (
        <Form
          question={asked}
          cancel={() => dialog.current?.close()}
          answered={(answer) => {
            dialog.current?.close();
            answered(asked, answer);
          }}
        />
      )}
    </dialog>
  );
}

interface FormProps {
  readonly question: Question;
  readonly cancel: () => void;
  readonly answered: (answer: Answer) => void;
}

function Form({ answered, cancel, question: { consoles, leftOut, verb } }: FormProps) {
  const names = consoles.map(({ name }) => name);
  const named = names.length === 1 ? (names[0] ?? '') : ACTS_TEXTS.consoles(names.length, someOf(names, SHOWN));
  const refused = names.filter((name) => !mayOn(name, verb));
  const writers = consoles.flatMap(({ name, writer }) =>
    writer && writer.user !== who.peek()?.user ? [ACTS_TEXTS.writer(userText(writer), name)] : [],
  );
  const wanted = verb === 'hold' ? 'required' : reasonFor(verb, names);
  const what = ACTS_TEXTS.what[verb];
  return (
    <form
      method="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        const text = reasonIn(event.currentTarget);
        const until = untilOf(event.currentTarget);
        if (until !== 'past') {
          answered({ reason: text === '' ? undefined : text, until });
        }
      }}
    >
      <h2 id="act-question">{ACTS_TEXTS.question(verb, named)}</h2>
      {what !== undefined && <p>{what}</p>}
      {writers.length > 0 && <p class="warned">{ACTS_TEXTS.writers(someOf(writers, SHOWN))}</p>}
      {refused.length > 0 && <p class="warned">{ACTS_TEXTS.mayNot(someOf(refused, SHOWN))}</p>}
      {leftOut > 0 && <p>{ACTS_TEXTS.leftOut(leftOut, verb)}</p>}
      {(wanted === 'asked' || wanted === 'required') && <Reason verb={verb} wanted={wanted} />}
      {verb === 'hold' && <HoldEnd />}
      <p class="answers">
        <button type="button" onClick={cancel}>
          {ACTS_TEXTS.cancel}
        </button>
        <button type="submit" class={verb === 'start' || verb === 'release' ? 'main' : 'hurts'}>
          {ACTS_TEXTS.verb[verb]}
        </button>
      </p>
    </form>
  );
}

function Reason({ verb, wanted }: { readonly verb: WaitedVerb; readonly wanted: NonNullable<ReasonWanted> }) {
  const hint =
    verb === 'hold'
      ? ACTS_TEXTS.reasonOfHold
      : wanted === 'required'
        ? ACTS_TEXTS.reasonNeeded
        : ACTS_TEXTS.reasonAsked;
  return (
    <label>
      {ACTS_TEXTS.reason}
      <input
        name="reason"
        required={wanted === 'required'}
        pattern=".*\S.*"
        maxLength={1000}
        autocomplete="off"
        autofocus
      />
      <small>{hint}</small>
    </label>
  );
}

/** When a hold ends. */
function HoldEnd() {
  const end = useSignal('release');
  return (
    <div class="ends">
      <label>
        {ACTS_TEXTS.holdEnd}
        <select
          name="end"
          value={end.value}
          onChange={({ currentTarget: { value } }) => {
            end.value = value;
          }}
        >
          {Object.entries(ACTS_TEXTS.holdEnds).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      {end.value === 'at' && (
        <label>
          {ACTS_TEXTS.holdTime}
          <input
            name="time"
            type="datetime-local"
            required
            onInput={({ currentTarget }) => currentTarget.setCustomValidity('')}
          />
        </label>
      )}
    </div>
  );
}

/** Milliseconds since 1970. */
function untilOf({ elements }: HTMLFormElement): number | undefined | 'past' {
  const { end, time } = elements as unknown as { end?: HTMLSelectElement; time?: HTMLInputElement };
  if (time) {
    const at = new Date(time.value).getTime();
    if (at > now.peek()) {
      return at;
    }
    time.setCustomValidity(ACTS_TEXTS.hasPassed);
    time.reportValidity();
    return 'past';
  }
  const minutes = Number(end?.value);
  return minutes > 0 ? now.peek() + minutes * MINUTE_MS : undefined;
}
