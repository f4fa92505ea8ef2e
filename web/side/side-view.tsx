/** Several consoles side by side, as the address says. */
import { useRef } from 'preact/hooks';
import { conditionOf } from '../../src/model/condition.ts';
import type { ConsoleProps } from '../console/console-bar.tsx';
import { FEW } from '../console/console-session.ts';
import { Keyboard, Says } from '../console/console-view.tsx';
import { KeyBar } from '../console/key-bar.tsx';
import { TakeDialog } from '../console/take-dialog.tsx';
import { useSession } from '../console/use-session.ts';
import { all, consoleNamed } from '../list/table.ts';
import { ChooseConsoles } from '../parts/choose-consoles.tsx';
import { Mark } from '../parts/mark.tsx';
import { consoleHref, consolesHref, queryHref } from '../route.ts';
import { standing } from '../standing.ts';
import { BAR_TEXTS } from '../texts/bar.ts';
import { SIDE_TEXTS } from '../texts/side.ts';
import { columnsFor, MOST_SIDES, neighbour, type Sides, sidesOf, sidesText } from './side-query.ts';

export function SideView({ query }: { readonly query: string }) {
  const sides = sidesOf(query);
  const { large, leftOut, names } = sides;
  const go = (next: Pick<Sides, 'names' | 'large'>): void => location.assign(queryHref('side', sidesText(next)));
  return (
    <main class="side">
      <h1 class="unseen">{SIDE_TEXTS.title}</h1>
      <div class="bar">
        {names.length < MOST_SIDES ? (
          <ChooseConsoles
            label={SIDE_TEXTS.consoles}
            none=""
            groups={true}
            chosen={names}
            add={(word) => go({ names: [...names, ...meantBy(word)], large: undefined })}
          />
        ) : (
          <span>{SIDE_TEXTS.full}</span>
        )}
        {names.length > 0 && <a href={consolesHref('log', names)}>{SIDE_TEXTS.logs}</a>}
        {names.length > 1 && <small class="hint">{SIDE_TEXTS.hint}</small>}
      </div>
      {leftOut.length > 0 && (
        <p class="left-out" role="status">
          {SIDE_TEXTS.leftOut(leftOut)}
        </p>
      )}
      {names.length === 0 && <p class="nothing">{SIDE_TEXTS.empty}</p>}
      <div class={`sides columns-${large === undefined ? columnsFor(names.length) : 1}`}>
        {names.map((name) => (
          <Side
            key={name}
            name={name}
            isLarge={name === large}
            isHidden={large !== undefined && name !== large}
            canGrow={names.length > 1}
            grow={(isLarge) => go({ names, large: isLarge ? name : undefined })}
            close={() => go({ names: names.filter((each) => each !== name), large })}
          />
        ))}
      </div>
    </main>
  );
}

interface SideProps extends ConsoleProps {
  readonly isLarge: boolean;
  /** Hidden behind the enlarged one. */
  readonly isHidden: boolean;
  readonly canGrow: boolean;
  grow(isLarge: boolean): void;
  close(): void;
}

function Side({ canGrow, close, grow, isHidden, isLarge, name }: SideProps) {
  const whole = useRef<HTMLElement>(null);
  const { place, session } = useSession(name, FEW, () => whole.current?.focus());
  const found = consoleNamed(name);
  const growText = isLarge ? SIDE_TEXTS.back : SIDE_TEXTS.enlarge(name);
  return (
    <section
      class={`one${session.isMine.value ? ' mine' : ''}`}
      aria-label={name}
      hidden={isHidden}
      ref={whole}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target === whole.current) {
          event.preventDefault();
          session.terminal.focus();
        } else if (whole.current) {
          moves(event, whole.current);
        }
      }}
    >
      <div class="head">
        <h2>
          <a href={consoleHref(name)}>{name}</a>
        </h2>
        {found && <Mark condition={conditionOf(found.value)} />}
        <Keyboard name={name} session={session} />
        {canGrow && (
          <button type="button" class="icon" aria-label={growText} title={growText} onClick={() => grow(!isLarge)}>
            {isLarge ? '▣' : '□'}
          </button>
        )}
        <button
          type="button"
          class="icon"
          aria-label={SIDE_TEXTS.close(name)}
          title={SIDE_TEXTS.close(name)}
          onClick={close}
        >
          ×
        </button>
      </div>
      {found === undefined && standing.value.is === 'live' ? (
        <p class="nothing">{BAR_TEXTS.noConsole(name)}</p>
      ) : (
        <Says session={session} />
      )}
      <div class="screen">
        <div ref={place} />
      </div>
      <KeyBar session={session} />
      <TakeDialog session={session} />
    </section>
  );
}

/** A console, or those of a group. */
function meantBy(word: string): readonly string[] {
  return word.startsWith('@')
    ? all
        .peek()
        .filter(({ groups }) => groups.includes(word.slice(1)))
        .map(({ name }) => name)
    : [word];
}

/** Arrows go from one to the next, but not out of a terminal or a field. */
function moves(event: KeyboardEvent, from: HTMLElement): void {
  const grid = from.parentElement;
  if (grid === null || (event.target as HTMLElement).closest('input, textarea, dialog')) {
    return;
  }
  const ones = [...grid.querySelectorAll<HTMLElement>('.one:not([hidden])')];
  const columns = getComputedStyle(grid).gridTemplateColumns.split(' ').length;
  const next = neighbour(ones.indexOf(from), event.key, ones.length, columns);
  if (next !== undefined) {
    event.preventDefault();
    ones[next]?.focus();
  }
}
