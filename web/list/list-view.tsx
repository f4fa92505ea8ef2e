/** The list: only the rows that are in sight are there. */
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Acts } from '../parts/acts.tsx';
import { standing } from '../standing.ts';
import { TEXTS } from '../texts/page.ts';
import { Chips } from './chips.tsx';
import { current, linkOf } from './current.ts';
import { clear, filters } from './filter.ts';
import { RowView } from './row.tsx';
import { rowParts } from './row-parts.ts';
import { all, listed } from './table.ts';
import { heightOf, placeOf, rowAt } from './window.ts';

/** Rows above and below what is in sight. */
const MORE = 8;

const COLUMNS = ['pick', 'state', 'name', 'since', 'restarts', 'writer', 'cpu', 'memory', 'last'] as const;

/** Scroll position of the list, kept for the way back from a console. */
const sight = signal({ top: 0, height: 0 });
/** Of rows, as the style has it. Pixels. */
const sizes = signal({ large: 1, small: 1 });

export function ListView() {
  const scroller = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = scroller.current as HTMLDivElement;
    const measured = (): void => {
      const style = getComputedStyle(element);
      const size = (name: string) => Number.parseFloat(style.getPropertyValue(name));
      sizes.value = { large: size('--large-row'), small: size('--small-row') };
      sight.value = { top: element.scrollTop, height: element.clientHeight };
    };
    element.scrollTop = sight.peek().top;
    measured();
    const observer = new ResizeObserver(measured);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const { rows, large } = listed.value;
  const parts = rowParts.value;
  const layout = { count: rows.length, largeRows: large, ...sizes.value };
  const first = Math.max(0, rowAt(layout, sight.value.top) - MORE);
  const last = Math.min(rows.length, rowAt(layout, sight.value.top + sight.value.height) + 1 + MORE);
  const at = Math.max(
    0,
    rows.findIndex(({ name }) => name === current.value),
  );
  // Where that is out of sight, `Tab` leads to the first row that is not.
  const reached = at >= first && at < last ? at : first;

  /** The row that is to have the focus, which may have to be drawn first: a key that follows is for it. */
  const wanted = useRef<string | undefined>(undefined);
  const focusWanted = (): void => {
    const link = wanted.current === undefined ? null : linkOf(scroller.current, wanted.current);
    if (link) {
      wanted.current = undefined;
      link.focus({ preventScroll: true });
    }
  };
  useLayoutEffect(focusWanted);

  const go = (to: number): void => {
    const element = scroller.current;
    const next = Math.min(rows.length - 1, Math.max(0, to));
    if (!element || next < 0) {
      return;
    }
    const begin = placeOf(layout, next);
    const end = placeOf(layout, next + 1);
    const { clientHeight, scrollTop } = element;
    if (begin < scrollTop || end > scrollTop + clientHeight) {
      element.scrollTop = begin < scrollTop ? begin : end - clientHeight;
      sight.value = { top: element.scrollTop, height: clientHeight };
    }
    const { name } = listed.peek().rows[next] as { readonly name: string };
    current.value = name;
    wanted.current = name;
    focusWanted();
  };
  useKeys(scroller, () => at, go);

  return (
    <main class={`list ${standing.value.is}`}>
      <h1 class="unseen">{TEXTS.consoles}</h1>
      <Chips />
      <div class="table" role="table" aria-label={TEXTS.consoles} aria-rowcount={rows.length + 1}>
        <div role="rowgroup">
          <div role="row" aria-rowindex={1} class="titles">
            {COLUMNS.map((name) => (
              <span key={name} role="columnheader" class={name}>
                <span class={name === 'pick' ? 'unseen' : undefined}>{TEXTS.columns[name]}</span>
                {name === 'pick' && parts && <parts.pickAll />}
              </span>
            ))}
          </div>
        </div>
        <div
          class="rows"
          role="rowgroup"
          ref={scroller}
          onFocusIn={({ target }) => {
            current.value = (target as HTMLElement).dataset.name ?? current.peek();
          }}
          onScroll={({ currentTarget: { clientHeight, scrollTop } }) => {
            sight.value = { top: scrollTop, height: clientHeight };
          }}
        >
          <div role="none" class="whole" style={{ height: `${heightOf(layout)}px` }}>
            <div role="none" class="sight" style={{ transform: `translateY(${placeOf(layout, first)}px)` }}>
              {rows.slice(first, last).map((row, index) => (
                <RowView
                  key={row.name}
                  row={row}
                  at={first + index}
                  isLarge={first + index < large}
                  isCurrent={first + index === reached}
                />
              ))}
            </div>
          </div>
        </div>
      </div>
      {rows.length === 0 && standing.value.is !== 'loading' && <Nothing />}
      {standing.value.is !== 'loading' && <Acts />}
    </main>
  );
}

function Nothing() {
  return (
    <p class="nothing">
      {all.value.length === 0 ? TEXTS.noConsoles : TEXTS.noMatch}{' '}
      {filters.value && (
        <button type="button" onClick={clear}>
          {TEXTS.clearFilter}
        </button>
      )}
    </p>
  );
}

/** Arrows, pages and ends go through the list, also where nothing has the focus. */
function useKeys(scroller: { readonly current: HTMLElement | null }, at: () => number, go: (to: number) => void): void {
  const latest = useRef({ at, go });
  latest.current = { at, go };
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const { activeElement, body } = document;
      const isHere = activeElement === body || scroller.current?.contains(activeElement) === true;
      if (!isHere || event.ctrlKey || event.altKey || event.metaKey) {
        return;
      }
      // Without a focused row, start at the current one.
      const from = activeElement === body ? latest.current.at() - 1 : latest.current.at();
      const step = STEPS[event.key];
      if (step !== undefined) {
        event.preventDefault();
        latest.current.go(step === 'first' ? 0 : step === 'last' ? Number.MAX_SAFE_INTEGER : Math.max(0, from + step));
      }
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

const PAGE = 20;
const STEPS: Readonly<Record<string, number | 'first' | 'last'>> = {
  ...{ ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: PAGE, PageUp: -PAGE },
  ...({ Home: 'first', End: 'last' } as const),
};
