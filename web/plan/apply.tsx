/** The dialog before a configuration is applied, and the result. */
import { type Signal, useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import type { PlanResult } from '../../src/model/api.ts';
import { someOf } from '../../src/model/counted.ts';
import { HoldfastError } from '../../src/model/errors.ts';
import { entryText, failedText, type PlanEntry, planEntries, unopenedText } from '../../src/model/plan-text.ts';
import { withLocalTimes } from '../../src/model/time-text.ts';
import { patient } from '../host.ts';
import { reasonIn, useModal } from '../parts/modal.ts';
import { consoleHref } from '../route.ts';
import { PLAN_TEXTS as TEXTS } from '../texts/plan.ts';

/** Most consoles named in a question. */
const NAMED = 12;
/** Most lines of a result. */
const MOST = 200;

interface DialogProps {
  readonly isOpen: Signal<boolean>;
  readonly plan: PlanResult | undefined;
  readonly done: (result: PlanResult) => void;
  /** The plan has changed. */
  readonly changed: () => void;
}

export function ApplyDialog({ changed, done, isOpen, plan }: DialogProps) {
  const isApplying = useSignal(false);
  const fault = useSignal<Error | undefined>(undefined);
  const isShown = isOpen.value;
  const { dialog, onClose } = useModal(isShown, () => {
    isOpen.value = false;
  });
  useLayoutEffect(() => {
    fault.value = undefined;
  }, [isShown]);
  const apply = async (reason: string): Promise<void> => {
    isApplying.value = true;
    fault.value = undefined;
    try {
      const result = await patient.apply(reason === '' ? undefined : reason, plan?.id);
      isOpen.value = false;
      done(result);
    } catch (error) {
      fault.value = error as Error;
      if (error instanceof HoldfastError && error.code === 'HF_PLAN_CHANGED') {
        changed();
      }
    }
    isApplying.value = false;
  };
  // At once, not with the close event, which comes late: it may be opened again before.
  const cancel = (): void => {
    if (!isApplying.peek()) {
      isOpen.value = false;
    }
  };
  const needsReason = fault.value instanceof HoldfastError && fault.value.code === 'HF_REASON_NEEDED';
  return (
    <dialog
      ref={dialog}
      class="apply"
      aria-labelledby="apply-question"
      onCancel={(event) => {
        event.preventDefault();
        cancel();
      }}
      onClose={onClose}
    >
      {isShown && plan && (
        <form
          method="dialog"
          onSubmit={(event) => {
            event.preventDefault();
            void apply(reasonIn(event.currentTarget));
          }}
        >
          <Question plan={plan} />
          <label>
            {TEXTS.reason}
            <input name="reason" required={needsReason} maxLength={1000} autocomplete="off" />
            <small>{TEXTS.reasonHint}</small>
          </label>
          <div role="status">
            {isApplying.value && <p>{TEXTS.applying}</p>}
            {fault.value && (
              <p class="away">
                {TEXTS.fault(withLocalTimes(fault.value.message))} {isUnknown(fault.value) && TEXTS.unknown}
              </p>
            )}
          </div>
          <p class="answers">
            <button type="button" disabled={isApplying.value} onClick={cancel}>
              {TEXTS.cancel}
            </button>
            <button type="submit" class={hurts(plan) ? 'hurts' : 'main'} disabled={isApplying.value}>
              {TEXTS.apply}
            </button>
          </p>
        </form>
      )}
    </dialog>
  );
}

/** It may have been done all the same. */
function isUnknown(error: Error): boolean {
  return !(error instanceof HoldfastError) || error.code === 'HF_NO_ANSWER' || error.code === 'HF_NO_SERVER';
}

function hurts({ steps }: PlanResult): boolean {
  return steps.some(({ action }) => action === 'remove');
}

/** The consoles that are stopped, new, and unchanged. */
function Question({ plan }: { readonly plan: PlanResult }) {
  const entries = planEntries(plan.steps);
  const named = (isOne: (entry: PlanEntry) => boolean): string | undefined => {
    const names = entries.filter(isOne).map(({ console }) => console);
    return names.length === 0 ? undefined : someOf(names, NAMED);
  };
  const live =
    entries.filter(({ act, effect }) => act === 'change' && effect === 'live').length +
    plan.server.filter(({ effect }) => effect === 'live').length;
  const [removed, replaced, added, later] = [
    named(({ act }) => act === 'remove'),
    named(({ act }) => act === 'replace'),
    named(({ act }) => act === 'add'),
    named(({ effect }) => effect === 'restart'),
  ];
  return (
    <>
      <h2 id="apply-question">
        {TEXTS.question(entries.length + plan.server.filter(({ effect }) => effect === 'live').length)}
      </h2>
      <ul>
        {removed && <li class="bad">{TEXTS.hurts.remove(removed)}</li>}
        {replaced && <li class="bad">{TEXTS.hurts.replace(replaced)}</li>}
        {!removed && !replaced && <li>{TEXTS.none}</li>}
        {added && <li>{TEXTS.hurts.add(added)}</li>}
        {later && <li>{TEXTS.hurts.later(later)}</li>}
        {live > 0 && <li>{TEXTS.hurts.live(live)}</li>}
      </ul>
    </>
  );
}

export function Applied({ result }: { readonly result: PlanResult }) {
  const { failed = [], server, steps, unopened = [] } = result;
  const entries = planEntries(steps);
  const waiting = entries.filter(({ effect }) => effect === 'restart');
  const count = entries.length + server.filter(({ effect }) => effect === 'live').length;
  return (
    <section class={failed.length > 0 ? 'bad' : 'good'}>
      <h2>{TEXTS.applied(count)}</h2>
      <ul>
        {entries.slice(0, MOST).map((entry) => (
          <li key={entry.console}>
            <b>{entry.console}</b> {entry.act === 'change' ? entryText(entry) : TEXTS.groups[entry.act]}
          </li>
        ))}
      </ul>
      {waiting.length > 0 && (
        <p>
          {TEXTS.waits}:{' '}
          {waiting.slice(0, MOST).map(({ console }) => (
            <a key={console} href={consoleHref(console)}>
              {console}
            </a>
          ))}
        </p>
      )}
      {failed.length > 0 && (
        <>
          <h2>{TEXTS.notApplied(failed.length)}</h2>
          <ul>
            {failed.slice(0, MOST).map((each) => (
              <li key={each.console}>
                <b>{each.console}</b> {failedText(each)}
              </li>
            ))}
          </ul>
        </>
      )}
      {unopened.slice(0, MOST).map((each) => (
        <p key={`${each.console} ${each.endpoint}`}>{unopenedText(each)}</p>
      ))}
    </section>
  );
}
