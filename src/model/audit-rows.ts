/** Lines of an audit for people. Pure. */
import type { AuditRecord } from './audit.ts';

/** That a file begins is for programs; what was begun has no line of its own if another one says what came of it. */
export class AuditRows {
  readonly #begun = new Map<string, AuditRecord>();

  /** Oldest first. */
  add(record: AuditRecord): readonly AuditRecord[] {
    const { act, by, missed, outcome, torn } = record;
    const key = JSON.stringify([act, by]);
    if (outcome === 'begun') {
      this.#begun.set(key, record);
      return [];
    }
    this.#begun.delete(key);
    if (act === 'file' && torn === undefined && missed === undefined) {
      return [];
    }
    // What was begun before the server was killed has no other line.
    return [...(act === 'up' ? this.rest() : []), record];
  }

  /** What was begun, and nothing is known of its end. */
  rest(): readonly AuditRecord[] {
    const records = [...this.#begun.values()];
    this.#begun.clear();
    return records;
  }
}
