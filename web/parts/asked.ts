/** A request of a view: sent when it is drawn, on demand, and when the server is back. */
import { type Signal, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { standing } from '../standing.ts';

export interface Asked<Answer> {
  /** The last answer; undefined: none yet. */
  readonly answer: Signal<Answer | undefined>;
  /** Why the last request failed. */
  readonly fault: Signal<Error | undefined>;
  readonly isAsking: Signal<boolean>;
  /** Resolves when it is answered or has failed. */
  readonly again: () => Promise<void>;
}

export function useAsked<Answer>(ask: () => Promise<Answer>): Asked<Answer> {
  const answer = useSignal<Answer | undefined>(undefined);
  const fault = useSignal<Error | undefined>(undefined);
  const isAsking = useSignal(false);
  const latest = useRef({ ask, number: 0 });
  latest.current.ask = ask;
  const again = async (): Promise<void> => {
    const number = ++latest.current.number;
    isAsking.value = true;
    try {
      const found = await latest.current.ask();
      if (number === latest.current.number) {
        answer.value = found;
        fault.value = undefined;
      }
    } catch (error) {
      if (number === latest.current.number) {
        fault.value = error as Error;
      }
    }
    if (number === latest.current.number) {
      isAsking.value = false;
    }
  };
  useSignalEffect(() => {
    // Also at first.
    if (standing.value.is === 'live') {
      void again();
    }
  });
  useEffect(
    () => () => {
      // The view is gone: drop the answer.
      latest.current.number++;
    },
    [],
  );
  return { answer, fault, isAsking, again };
}
