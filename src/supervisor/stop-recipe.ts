/** How a child is asked to end: what is sent, which signals, how long each is given. */

/** `send` goes to the child's terminal; `signal` is a number, to its group; `wait` is in milliseconds. */
export type StopStep = { readonly send: string } | { readonly signal: number } | { readonly wait: number };

const SIGKILL = 9;

/** A signal, then patience (milliseconds), then SIGKILL. */
export function signalThenKill(signal: number, patience: number): readonly StopStep[] {
  return signal === SIGKILL ? [{ signal }] : [{ signal }, { wait: patience }, { signal: SIGKILL }];
}
