/** The question before the keyboard is taken from somebody, or where the rule wants a reason. */
import { userText } from '../../src/model/principal.ts';
import { reasonIn, useModal } from '../parts/modal.ts';
import { CONSOLE_TEXTS } from '../texts/console.ts';
import type { ConsoleSession } from './console-session.ts';

const TAKEN = 'taken';

export function TakeDialog({ session }: { readonly session: ConsoleSession }) {
  const question = session.question.value;
  const { dialog, onClose } = useModal(question, (returnValue) => {
    session.question.value = undefined;
    // A dialog gives the focus back to what had it: the button, which is another one by now.
    if (returnValue === TAKEN) {
      session.terminal.focus();
    }
  });
  const who = question?.from && userText(question.from);
  return (
    <dialog ref={dialog} aria-labelledby="take-question" onClose={onClose}>
      {question && (
        <form
          method="dialog"
          onSubmit={(event) => {
            event.preventDefault();
            const text = reasonIn(event.currentTarget);
            dialog.current?.close(TAKEN);
            session.answered(text);
          }}
        >
          <h2 id="take-question">{who === undefined ? `${CONSOLE_TEXTS.take}?` : CONSOLE_TEXTS.forceQuestion(who)}</h2>
          {who !== undefined && <p>{CONSOLE_TEXTS.forceWhat(who)}</p>}
          {question.wantsReason && (
            <label>
              {CONSOLE_TEXTS.reason}
              <input name="reason" required maxLength={1000} autocomplete="off" />
              <small>{CONSOLE_TEXTS.reasonNeeded}</small>
            </label>
          )}
          <p class="answers">
            <button type="button" onClick={() => dialog.current?.close('')}>
              {CONSOLE_TEXTS.cancel}
            </button>
            <button type="submit" class={who === undefined ? 'main' : 'hurts'}>
              {who === undefined ? CONSOLE_TEXTS.take : CONSOLE_TEXTS.force}
            </button>
          </p>
        </form>
      )}
    </dialog>
  );
}
