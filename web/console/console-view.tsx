/** A console: its terminal, and around it who types, and what one can do. */
import { useRef } from 'preact/hooks';
import { userText } from '../../src/model/principal.ts';
import { withLocalTimes } from '../../src/model/time-text.ts';
import { lackText, mayOn, useRefusals } from '../acts/access.ts';
import { consoleNamed } from '../list/table.ts';
import { CONSOLE_TEXTS } from '../texts/console.ts';
import type { ConsoleProps } from './console-bar.tsx';
import { type ConsoleSession, WHOLE } from './console-session.ts';
import { FindBar } from './find-bar.tsx';
import { fontSize, LARGEST_FONT, resizeFont, SMALLEST_FONT } from './font-size.ts';
import { KeyBar } from './key-bar.tsx';
import { TakeDialog } from './take-dialog.tsx';
import { useSession } from './use-session.ts';

export function ConsoleView({ name }: ConsoleProps) {
  const bar = useRef<HTMLDivElement>(null);
  const { place, session } = useSession(name, WHOLE, () => bar.current?.querySelector('button')?.focus());

  return (
    <>
      <div class="bar" ref={bar}>
        <Keyboard name={name} session={session} />
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

const FORCE = ['force'] as const;

/** The owner of the keyboard, and the buttons to take or release it. */
export function Keyboard({ name, session }: ConsoleProps & { readonly session: ConsoleSession }) {
  const writer = session.writer.value;
  const refusal = session.refusal.value;
  const refusals = useRefusals(writer && !session.isMine.value ? name : undefined, FORCE);
  // On entry the server says why the keyboard cannot be taken, but not why it cannot be taken by force.
  const whyNot =
    refusal !== undefined && refusal.code !== 'HF_REASON_NEEDED'
      ? refusal.message
      : writer && !mayOn(name, 'force')
        ? withLocalTimes(refusals.get('force') ?? lackText('force'))
        : undefined;
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
      <span class={writer ? 'writer' : 'nobody'}>
        {writer ? CONSOLE_TEXTS.writes(userText(writer), writer.from) : CONSOLE_TEXTS.nobodyWrites}
      </span>{' '}
      <button
        type="button"
        class={writer ? 'hurts' : 'main'}
        disabled={whyNot !== undefined}
        title={whyNot}
        onClick={() => session.take()}
      >
        {writer ? CONSOLE_TEXTS.force : CONSOLE_TEXTS.take}
      </button>
      {whyNot !== undefined && <small>{whyNot}</small>}
    </span>
  );
}

function Sessions({ name }: ConsoleProps) {
  return <span class="sessions">{CONSOLE_TEXTS.others(consoleNamed(name)?.value.sessions ?? 0)}</span>;
}

/** The current state, and the latest event. */
export function Says({ session }: { readonly session: ConsoleSession }) {
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
