/** The frame of history and audit: filter, errors, links to older records. */
import type { ComponentChildren } from 'preact';
import { queryHref } from '../route.ts';
import { RECORDS_TEXTS as TEXTS } from '../texts/records.ts';
import { FilterForm } from './filter-form.tsx';
import { fieldsOf, queryOf } from './records-query.ts';

/** Records per page, before repeated ones are folded. */
export const PAGE = 300;

interface PlaceProps {
  readonly view: 'history' | 'audit';
  readonly query: string;
  readonly about: string;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function RecordPlace({ about, children, query, tools, view }: PlaceProps) {
  return (
    <main class="records">
      <div class="place">
        <h1>{TEXTS[view]}</h1>
        <span class="description">{about}</span>
        <span class="tools">{tools}</span>
      </div>
      <FilterForm view={view} query={query} />
      {children}
    </main>
  );
}

interface RowsProps {
  readonly view: 'history' | 'audit';
  readonly query: string;
  readonly columns: readonly (keyof typeof TEXTS.columns)[];
  /** Undefined: not loaded yet. */
  readonly rows: readonly ComponentChildren[] | undefined;
  readonly fault: Error | undefined;
  /** How recent they are. */
  readonly head: string;
  /** Number of the oldest one, if there may be older ones. */
  readonly oldest: number | undefined;
}

export function RecordRows({ columns, fault, head, oldest, query, rows, view }: RowsProps) {
  const { before, ...fields } = fieldsOf(query);
  return (
    // It scrolls, so the keyboard must reach it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class="scrolls" aria-label={TEXTS[view]} tabIndex={0}>
      <div role="status">
        {fault && <p class="away">{rows ? TEXTS.stale(fault.message) : TEXTS.fault(fault.message)}</p>}
        {!rows && !fault && <p class="nothing">{TEXTS.asking}</p>}
        {rows?.length === 0 && <p class="nothing">{TEXTS.nothing}</p>}
      </div>
      {rows && rows.length > 0 && (
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" class={column}>
                  {TEXTS.columns[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{rows}</tbody>
        </table>
      )}
      {rows && (
        <p class="pages">
          {before === undefined ? (
            <span>{head}</span>
          ) : (
            <>
              <span>{TEXTS.earlier}</span> <a href={queryHref(view, queryOf(fields))}>{TEXTS.newest}</a>
            </>
          )}{' '}
          {oldest === undefined ? (
            <span>{TEXTS.oldest}</span>
          ) : (
            <a href={queryHref(view, queryOf({ ...fields, before: String(oldest) }))}>{TEXTS.older}</a>
          )}
        </p>
      )}
    </section>
  );
}
