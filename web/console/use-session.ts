/** A session of a console with the lifetime of its component. */
import { useSignalEffect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { standing } from '../standing.ts';
import { onLook } from '../theme/theme.ts';
import { ConsoleSession, type Kept } from './console-session.ts';
import { fontSize } from './font-size.ts';

/** `leave` moves the focus out of the terminal, which is in the element of `place`. */
export function useSession(
  name: string,
  kept: Kept,
  leave: () => void,
): { readonly session: ConsoleSession; readonly place: RefObject<HTMLDivElement | null> } {
  const place = useRef<HTMLDivElement>(null);
  const session = useMemo(() => new ConsoleSession(name, fontSize.peek(), kept, leave), [name]);

  useEffect(() => {
    const element = place.current as HTMLDivElement;
    session.begin(element);
    const observer = new ResizeObserver(() => session.fit());
    observer.observe(element);
    const noLook = onLook(() => session.restyle());
    return () => {
      noLook();
      observer.disconnect();
      session.close();
    };
  }, [session]);

  useSignalEffect(() => {
    session.fontSize = fontSize.value;
  });
  useSignalEffect(() => {
    // The state of the network, as the feed knows it, holds here too.
    if (standing.value.is === 'away' && session.phase.peek().is === 'live') {
      session.suspect();
    }
  });
  return { session, place };
}
