/** Parts of a row that load after the list. */
import { signal } from '@preact/signals';
import type { FunctionComponent } from 'preact';

type Part = FunctionComponent<{ readonly name: string }>;

export interface RowParts {
  /** By which it is chosen. */
  readonly pick: Part;
  readonly cpu: Part;
  readonly memory: Part;
  /** By which all of them are. */
  readonly pickAll: FunctionComponent;
}

export const rowParts = signal<RowParts | undefined>(undefined);
