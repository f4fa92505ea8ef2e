/** Lines of an audit for people. Pure. */
import type { AuditRecord } from './audit.ts';

/** That a file begins is for programs; what was begun has no line of its own if another one says what came of it. */
export class AuditRows<Each extends { readonly record: AuditRecord }> {
  readonly #begun = new Map<string, Each>();

  /** Oldest first. */
  add(each: Each): readonly Each[] {
    const { act, by, missed, outcome, torn } = each.record;
    const key = JSON.stringify([act, by]);
    if (outcome === 'begun') {
      this.#begun.set(key, each);
      return [];
    }
    this.#begun.delete(key);
    if (act === 'file' && torn === undefined && missed === undefined) {
      return [];
    }
    // An act begun before the server was killed has no other line.
    return [...(act === 'up' ? this.rest() : []), each];
  }

  /** Begun, and its end is not known. */
  rest(): readonly Each[] {
    const all = [...this.#begun.values()];
    this.#begun.clear();
    return all;
  }
}
