/** Shared by the modal dialogs of the page. */
import type { TargetedEvent } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Opens the dialog with each new `shown` that is not false or undefined, and closes it without one. `closed` is called after the dialog was
 * closed, by whatever, with what it was closed with.
 */
export function useModal(shown: unknown, closed: (returnValue: string) => void) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Not after the next frame: a late close event would find it closed, and take away what it is about to show.
  useLayoutEffect(() => {
    if (shown) {
      dialog.current?.showModal();
    } else {
      dialog.current?.close('');
    }
  }, [shown]);
  const onClose = ({ currentTarget: { open, returnValue } }: TargetedEvent<HTMLDialogElement>): void => {
    // It comes late: the dialog may be open again.
    if (!open) {
      closed(returnValue);
    }
  };
  return { dialog, onClose };
}

/** The value of the field `reason` of a form, if it has one. */
export function reasonIn(form: HTMLFormElement): string {
  const { reason } = form.elements as unknown as { readonly reason?: HTMLInputElement };
  return reason?.value.trim() ?? '';
}
