/** Lines of an audit for people. Pure. */
import type { AuditRecord } from './audit.ts';

/** Omits the lines that begin a file, which are for programs, and the start of an act whose outcome has a line. */
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
