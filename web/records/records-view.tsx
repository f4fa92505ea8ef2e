/** Past records: history and audit. */
import { AuditView } from './audit-view.tsx';
import { HistoryView } from './history-view.tsx';

export interface RecordsProps {
  readonly view: 'history' | 'audit';
  readonly query: string;
}

export function RecordsView({ query, view }: RecordsProps) {
  return view === 'history' ? <HistoryView query={query} /> : <AuditView query={query} />;
}
