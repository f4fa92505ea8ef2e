/** What one can do to a console, or to those that are chosen in the list. */
import { lazy } from './lazy.tsx';

export interface ActsProps {
  /** Absent: those that are chosen. */
  readonly name?: string;
}

export const Acts = lazy<ActsProps>(async () => (await import('../acts/acts.tsx')).Acts, 'acts');
