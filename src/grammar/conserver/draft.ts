/** Values of `console` and `default` blocks while they are collected (spec/conserver.md 7.2). */
import type { ConserverEnvironment, ConsoleOption, ConsoleRecord, RunAs, Timestamp, UserEntry } from './records.ts';
import type { SubstRule } from './subst.ts';
import { mergeUsers, type UserGroups } from './users.ts';

export const SUBST_KEYS = ['devicesubst', 'execsubst', 'initsubst', 'udssubst'] as const;

/** Only values that were set; `undefined` is never stored, so that merging drafts merges exactly those. */
export interface ConsoleDraft {
  type?: string;
  master?: string;
  host?: string;
  port?: number;
  portbase?: number;
  portinc?: number;
  protocol?: ConsoleRecord['protocol'];
  exec?: string;
  execrunas?: RunAs;
  uds?: string;
  device?: string;
  baud?: string;
  parity?: string;
  initcmd?: string;
  initrunas?: RunAs;
  logfile?: string;
  logfilemax?: number;
  timestamp?: Timestamp;
  break?: string;
  breaklist?: '*' | readonly string[];
  tasklist?: '*' | readonly string[];
  motd?: string;
  idletimeout?: number;
  idlestring?: string;
  initspinmax?: number;
  initspintimer?: number;
  replstring?: string;
  devicesubst?: readonly SubstRule[];
  execsubst?: readonly SubstRule[];
  initsubst?: readonly SubstRule[];
  udssubst?: readonly SubstRule[];
  options: Partial<Record<ConsoleOption, boolean>>;
  rw: UserEntry[];
  ro: UserEntry[];
  /** Of consoles only. */
  aliases: string[];
}

/** Context that readers need from earlier blocks. */
export interface DraftContext {
  readonly groups: UserGroups;
  readonly defaults: ReadonlyMap<string, ConsoleDraft>;
  readonly environment: ConserverEnvironment;
}

export function newDraft(): ConsoleDraft {
  return { options: {}, rw: [], ro: [], aliases: [] };
}

/** Values of `from` replace those of `to`; user lists accumulate. */
export function mergeDraft(to: ConsoleDraft, from: ConsoleDraft): void {
  const { options, rw, ro, aliases: _, ...values } = from;
  Object.assign(to, values);
  Object.assign(to.options, options);
  mergeUsers(to.rw, rw);
  mergeUsers(to.ro, ro);
}
