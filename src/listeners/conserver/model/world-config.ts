import type { BreakRecord, TaskRecord } from '../../../grammar/conserver/records.ts';
import type { Access } from './access.ts';
import type { Findable } from './lookup.ts';

/** The configuration of the listener, with everything decided. */
export interface WorldConfig {
  readonly remotes: readonly (Findable & { readonly master: string })[];
  readonly breaks: ReadonlyMap<string, BreakRecord>;
  readonly tasks: ReadonlyMap<string, TaskRecord>;
  readonly access: Access;
  readonly autocomplete: boolean;
  readonly redirect: boolean;
  /** Whether people are shown the names of hosts and not their addresses. */
  readonly hostNames: boolean;
}
