/** Data of the control API about ISIS servers, made of isis-api-schema.ts by `npm run generate`. */

/** One row of `holdfast isis`. */
export interface IsisSummary {
  readonly name: string;
  /** `waiting`: it could not be opened, or was told to end (EXEC: QUIT), and is reopened soon; `reason` says which. */
  readonly state: 'starting' | 'running' | 'waiting' | 'stopped';
  readonly since: string;
  readonly reason?: string;
  /** Its name in messages. */
  readonly id: string;
  readonly address: string;
  /** The actual one; while it is not running, the configured one. */
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
  /** In the order of their numbers; a line that hung up is not open. */
  readonly serial: readonly {
    readonly device: string;
    readonly open: boolean;
  }[];
  /** Addresses that are sent a PING at the start. */
  readonly presets: readonly string[];
}

export type ImpType =
  | 'heartbeat'
  | 'ping'
  | 'pong'
  | 'exec'
  | 'request'
  | 'status'
  | 'warning'
  | 'done'
  | 'error'
  | 'fatal';

/** One message that an ISIS server took or answered. */
export interface IsisMessage {
  /** With microseconds. */
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
