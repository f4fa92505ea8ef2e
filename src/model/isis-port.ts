/** The ISIS servers of a host as the control API uses them. Implemented in src/isis; listeners know this file only. */

import type { EndSignal } from './end-signal.ts';
import type { Principal } from './principal.ts';

/** One row of `holdfast isis`. Times are ISO 8601 with milliseconds, UTC. */
export interface IsisSummary {
  readonly name: string;
  /** `waiting`: it could not be opened, or was told to end (EXEC: QUIT), and is reopened soon; `reason` says which. */
  readonly state: 'starting' | 'running' | 'waiting' | 'stopped';
  readonly since: string;
  readonly reason?: string;
  /** Its name in messages. */
  readonly id: string;
  readonly address: string;
  /** The actual port; while it is not running, the configured one. */
  readonly port: number;
  readonly hosts: number;
  readonly maxHosts: number;
  /** The message log of today; absent: none is kept. */
  readonly log?: string;
  /** The file that configures it. */
  readonly source: string;
}

/** A host that was heard, and its last address. */
export interface IsisHostInfo {
  readonly name: string;
  readonly slot: number;
  readonly via: 'udp' | 'serial';
  /** `10.0.0.3:10700`, or the device. */
  readonly address: string;
  readonly idleSeconds: number;
}

export interface IsisPorts {
  /** Serial lines in the order of their numbers; a line that hung up is not open. */
  readonly serial: readonly { readonly device: string; readonly open: boolean }[];
  /** Addresses that are sent a PING at the start. */
  readonly presets: readonly string[];
}

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
export type ImpType = (typeof IMP_TYPES)[number];

/** One message that an ISIS server took or answered. */
export interface IsisMessage {
  /** ISO 8601 with microseconds, UTC. */
  readonly time: string;
  readonly direction: 'received' | 'sent';
  readonly from: string;
  readonly to: string;
  readonly type: ImpType;
  /** With its TYPE word. Bytes that are not UTF-8 are shown as U+FFFD. */
  readonly body: string;
}

/** The answers to one message. */
export interface IsisReply {
  /** STATUS: and WARNING: messages in order, then the one that ended it. */
  readonly messages: readonly IsisMessage[];
  /** `sent`: no answer was waited for; `timeout`: nothing ended it in time. */
  readonly outcome: 'done' | 'error' | 'fatal' | 'pong' | 'sent' | 'timeout';
  readonly milliseconds: number;
}

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
