/** Actions on a console, or on the selection in the list. */
import { lazy } from './lazy.tsx';

export interface ActsProps {
  /** Absent: the selection. */
  readonly name?: string;
}

export const Acts = lazy<ActsProps>(async () => (await import('../acts/acts.tsx')).Acts, 'acts');
