/** The ISIS servers of a host as the control API uses them. Implemented in src/isis; listeners know this file only. */

import type { ImpType, IsisHostInfo, IsisMessage, IsisPorts, IsisReply, IsisSummary } from './api.ts';
import type { EndSignal } from './end-signal.ts';
import type { Principal } from './principal.ts';

export const IMP_TYPES = [
  'heartbeat',
  'ping',
  'pong',
  'exec',
  'request',
  'status',
  'warning',
  'done',
  'error',
  'fatal',
] as const;
export type { ImpType, IsisHostInfo, IsisMessage, IsisPorts, IsisReply, IsisSummary };

/** Selects messages: those that match all that is given. */
export interface IsisFilter {
  /** From or to this host; `*` any text, `?` one character. */
  readonly host?: string | undefined;
  /** One of these types, with commas between them. */
  readonly type?: string | undefined;
  /** `SRC>DST body` has this text somewhere, of any case; `*`, `?`. */
  readonly pattern?: string | undefined;
}

/** `missed`: so many more were dropped after these, since the watcher was slow. */
export interface IsisTraffic {
  readonly messages: readonly IsisMessage[];
  readonly missed: number;
}

/** As `HostPort`. Calls reject with HF_NO_ISIS, HF_NO_ISIS_HOST, HF_ISIS_DOWN, HF_BAD_REQUEST. */
export interface IsisPort<By extends readonly unknown[] = readonly [by: Principal]> {
  list(): Promise<readonly IsisSummary[]>;
  hosts(name: string): Promise<readonly IsisHostInfo[]>;
  ports(name: string): Promise<IsisPorts>;
  /** Sends as the server. To the server's own name: a command to it. `seconds` 0: waits for no reply. */
  send(name: string, to: string, text: string, seconds: number, ...by: By): Promise<IsisReply>;
  ping(name: string, to: string, seconds: number): Promise<IsisReply>;
  /**
   * The traffic after routing, from the call on until `ended`, or until the server is no longer configured. Throws at once, or when it
   * is first read.
   */
  watch(name: string, filter: IsisFilter, ended: EndSignal): AsyncIterable<IsisTraffic>;
}
