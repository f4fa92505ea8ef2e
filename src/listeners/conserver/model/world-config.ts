import type {
  AccessRecord,
  BreakRecord,
  ConsoleRecord,
  HostAccess,
  TaskRecord,
} from '../../../grammar/conserver/records.ts';
import type { Findable } from './lookup.ts';

/** A configuration with everything decided: options of the command line, which consoles are ours. */
export interface WorldConfig {
  readonly consoles: readonly ConsoleRecord[];
  readonly remotes: readonly (Findable & { readonly master: string })[];
  readonly breaks: ReadonlyMap<string, BreakRecord>;
  readonly tasks: ReadonlyMap<string, TaskRecord>;
  readonly access: readonly AccessRecord[];
  readonly isThisHost: (name: string) => boolean;
  readonly defaultAccess: HostAccess;
  readonly autocomplete: boolean;
  readonly redirect: boolean;
  /** Whether people are shown the names of hosts and not their addresses. */
  readonly hostNames: boolean;
  /** Consoles of a group, which the order of the tables follows. */
  readonly groupMembers?: number;
}
