/** Parts of a row that load after the list. */
import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';

type Part = FunctionComponent<{ readonly name: string }>;

export interface RowParts {
  /** The box of the row. */
  readonly pick: Part;
  readonly cpu: Part;
  readonly memory: Part;
  /** The box for all rows. */
  readonly pickAll: FunctionComponent;
}

export const rowParts = signal<RowParts | undefined>(undefined);
