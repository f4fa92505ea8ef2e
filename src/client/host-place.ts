/** A host at the other end of the network: where it is, and how it is known. */

export interface HostPlace {
  /** As the user calls it. */
  readonly name: string;
  /** Name or address. */
  readonly host: string;
  readonly port: number;
  /** How the host is known: `key` as `keyFingerprint` has it, `ca` a PEM file. Neither: whatever is there (`lookAt`). */
  readonly key?: string;
  readonly ca?: string;
}

/** The identity that a host presents. */
export interface Shown {
  readonly fingerprint: string;
  /** Of the certificate. */
  readonly subject: string;
  readonly validTo: string;
}
