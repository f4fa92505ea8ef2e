/** The conserver listener of a host server, with everything decided. */
import type { Place } from './place.ts';

/** `@name` is a group of the system, `*` everybody. */
export interface AllowedUser {
  readonly name: string;
  readonly allowed: boolean;
}

/** Settings of one console, or of all that have none of their own. */
export interface ConserverRights {
  readonly write: readonly AllowedUser[];
  readonly read: readonly AllowedUser[];
}

/** Console settings of a conserver.cf, other than those of its line. */
export interface ConserverDetails extends ConserverRights {
  readonly aliases: readonly string[];
  readonly motd?: string;
  readonly login: boolean;
  readonly break: string;
  readonly breaklist: '*' | readonly string[];
  readonly tasklist: '*' | readonly string[];
}

export type ConserverTls =
  | { readonly kind: 'none' }
  /** Encrypted, but without authentication. */
  | { readonly kind: 'legacy' }
  /** Absolute paths of PEM files; with `ca` a client must show a certificate of one of these authorities. */
  | { readonly kind: 'certificate'; readonly cert: string; readonly key: string; readonly ca?: string };

export interface ConserverListener {
  readonly place: Place;
  /** The conserver.cf with the remaining settings. */
  readonly cf?: string;
  readonly listen: readonly string[];
  readonly port: number;
  /** 0: any free one. */
  readonly groupPort: number;
  readonly tls: ConserverTls;
  readonly tlsRequired: boolean;
  /** Absent: the passwords of the system. */
  readonly passwordFile?: string;
  /** The first pattern that matches decides; none: `defaultAccess`. */
  readonly hosts: readonly { readonly access: 'rejected' | 'allowed' | 'trusted'; readonly pattern: string }[];
  readonly defaultAccess: 'rejected' | 'allowed' | 'trusted';
  readonly admin: readonly AllowedUser[];
  readonly limited: readonly AllowedUser[];
  /** Patterns of names, `@GROUP`. */
  readonly consoles: readonly string[];
  readonly aliases: Readonly<Record<string, string>>;
  /** By pattern of names; the first that matches decides, then `everybody`. */
  readonly rights: readonly (ConserverRights & { readonly pattern: string })[];
  readonly everybody: ConserverRights;
  /** By name of the console. */
  readonly details: ReadonlyMap<string, ConserverDetails>;
  /** Consoles of other servers. */
  readonly remotes: readonly {
    readonly name: string;
    readonly aliases: readonly string[];
    readonly master: string;
  }[];
  readonly autocomplete: boolean;
  readonly redirect: boolean;
  readonly hostNames: boolean;
  readonly breaks: Readonly<
    Record<string, { readonly string: string; readonly delay: number; readonly confirm: boolean }>
  >;
  readonly tasks: Readonly<
    Record<
      string,
      {
        readonly cmd: string;
        readonly description?: string;
        readonly confirm: boolean;
        readonly runas?: { readonly user?: string; readonly group?: string };
        readonly subst?: string;
        /** `{name}` in its command stands for the console. */
        readonly named?: true;
      }
    >
  >;
}
