/** The audit of a host over its control API. */
import type { AuditFilter, AuditReader, AuditRecord, AuditVerdict, PlacedRecord } from '../model/audit.ts';
import { queryText } from './query-text.ts';
import type { Requests } from './requests.ts';

export class FarAudit implements AuditReader {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  async *records({ since, until, ...rest }: AuditFilter): AsyncGenerator<PlacedRecord> {
    const query = {
      ...rest,
      ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
      ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    };
    type Line = AuditRecord & Pick<PlacedRecord, 'file' | 'line'>;
    for await (const { file, line, ...record } of this.#requests.documents<Line>(`/v1/audit${queryText(query)}`)) {
      yield { record, file, line };
    }
  }

  verify(): Promise<AuditVerdict> {
    return this.#requests.get('/v1/audit/verify');
  }
}
