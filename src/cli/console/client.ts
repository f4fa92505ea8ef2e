import type { ClientSettings } from './settings.ts';

/** The environment of every verb of the client. Texts are byte strings. */
export interface Client {
  readonly program: string;
  readonly settings: ClientSettings;
  readonly onlyUp: boolean;
  readonly verbose: boolean;
  /** To stdout as it is. */
  readonly out: (text: string | Uint8Array) => void;
  /** `console: message` and LF on stderr. */
  readonly warn: (message: string) => void;
  /** Something went wrong for which console(1) exits with 0; `--strict-exit` reports it. */
  readonly failed: (why: 'refused' | 'unreachable') => void;
  /** Bytes sent and received, for -D. */
  readonly trace?: (direction: '->' | '<-', bytes: Uint8Array) => void;
  /** Typed once, good for all connections of this run. */
  password?: string;
}

/** A server's answer that ends the matter there: `host: text` on stdout, CRLF as it came. */
export function refused(client: Client, host: string, text: string): void {
  client.out(`${host}: ${text}`);
  client.failed('refused');
}
