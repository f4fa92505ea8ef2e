/** A console: its terminal, and around it who types, and what one can do. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { userText } from '../../src/model/principal.ts';
import { consoleNamed } from '../list/table.ts';
import { standing } from '../standing.ts';
import { CONSOLE_TEXTS } from '../texts/console.ts';
import { ConsoleSession } from './console-session.ts';
import { FindBar } from './find-bar.tsx';
import { fontSize, LARGEST_FONT, resizeFont, SMALLEST_FONT } from './font-size.ts';
import { KeyBar } from './key-bar.tsx';
import { TakeDialog } from './take-dialog.tsx';

export function ConsoleView({ name }: { readonly name: string }) {
  const place = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const session = useMemo(
    () => new ConsoleSession(name, fontSize.peek(), () => bar.current?.querySelector('button')?.focus()),
    [name],
  );

  useEffect(() => {
    const element = place.current as HTMLDivElement;
    session.begin(element);
    const observer = new ResizeObserver(() => session.fit());
    observer.observe(element);
    const looks = matchMedia('(prefers-color-scheme: dark)');
    const restyle = (): void => session.restyle();
    looks.addEventListener('change', restyle);
    return () => {
      observer.disconnect();
      looks.removeEventListener('change', restyle);
      session.close();
    };
  }, [session]);

  useSignalEffect(() => {
    session.fontSize = fontSize.value;
  });
  useSignalEffect(() => {
    // What the feed has found out about the network holds here, too.
    if (standing.value.is === 'away' && session.phase.peek().is === 'live') {
      session.suspect();
    }
  });

  return (
    <>
      <div class="bar" ref={bar}>
        <Keyboard session={session} />
        <Sessions name={name} />
        <FindBar session={session} />
        <button type="button" onClick={() => void session.copy()}>
          {CONSOLE_TEXTS.copy}
        </button>
        <span class="sizes">
          <button
            type="button"
            aria-label={CONSOLE_TEXTS.smaller}
            disabled={fontSize.value <= SMALLEST_FONT}
            onClick={() => resizeFont(-1)}
          >
            A-
          </button>
          <button
            type="button"
            aria-label={CONSOLE_TEXTS.larger}
            disabled={fontSize.value >= LARGEST_FONT}
            onClick={() => resizeFont(1)}
          >
            A+
          </button>
        </span>
      </div>
      <Says session={session} />
      <section class="screen" aria-label={CONSOLE_TEXTS.terminal(name)}>
        <div ref={place} />
      </section>
      <KeyBar session={session} />
      <TakeDialog session={session} />
    </>
  );
}

/** Who has the keyboard, and what one can do about it. */
function Keyboard({ session }: { readonly session: ConsoleSession }) {
  const writer = session.writer.value;
  const refusal = session.refusal.value;
  const isForbidden = refusal !== undefined && refusal.code !== 'HF_REASON_NEEDED';
  if (session.phase.value.is !== 'live') {
    return <span class="keyboard" />;
  }
  return session.isMine.value ? (
    <span class="keyboard mine">
      <b>{CONSOLE_TEXTS.youWrite}</b>{' '}
      <button type="button" onClick={() => session.giveBack()}>
        {CONSOLE_TEXTS.giveBack}
      </button>
      <small class="hint">{CONSOLE_TEXTS.leaveTerminal}</small>
    </span>
  ) : (
    <span class="keyboard">
      {writer ? CONSOLE_TEXTS.writes(userText(writer), writer.from) : CONSOLE_TEXTS.nobodyWrites}{' '}
      <button
        type="button"
        class={writer ? 'hurts' : 'main'}
        disabled={isForbidden}
        title={isForbidden ? refusal.message : undefined}
        onClick={() => session.take()}
      >
        {writer ? CONSOLE_TEXTS.force : CONSOLE_TEXTS.take}
      </button>
      {isForbidden && <small>{refusal.message}</small>}
    </span>
  );
}

function Sessions({ name }: { readonly name: string }) {
  return <span class="sessions">{CONSOLE_TEXTS.others(consoleNamed(name)?.value.sessions ?? 0)}</span>;
}

/** What is so, and what has just happened. */
function Says({ session }: { readonly session: ConsoleSession }) {
  const phase = session.phase.value;
  const notice = session.notice.value;
  return (
    <div class="says" role="status">
      {phase.is === 'connecting' && <p>{CONSOLE_TEXTS.connecting}</p>}
      {phase.is === 'history' && <p>{CONSOLE_TEXTS.history}</p>}
      {phase.is === 'waiting' && <p class="away">{CONSOLE_TEXTS.waiting(phase.reason)}</p>}
      {phase.is === 'over' && (
        <p class="away">
          {CONSOLE_TEXTS.ended(phase.reason)}{' '}
          <button type="button" onClick={() => session.reconnect()}>
            {CONSOLE_TEXTS.again}
          </button>
        </p>
      )}
      {notice !== '' && <p>{notice}</p>}
    </div>
  );
}
