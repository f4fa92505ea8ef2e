/** Who may do what, as `[access]` says it. Pure. */
import type { Place } from './place.ts';
import type { Right } from './rights.ts';

/** The subjects of a rule. */
export type Who =
  | { readonly kind: 'everyone' }
  /** A user whose identity is verified, not merely claimed. */
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'channel'; readonly name: string }
  /** An IPv4 network or an address. */
  | { readonly kind: 'from'; readonly network: string };

/** Times of the week, by the clock of the host. */
export interface Hours {
  /** Days of the week, 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes of the day: from the first, to before the second; the second is smaller if midnight lies between them. */
  readonly from: number;
  readonly to: number;
}

export interface AccessRule {
  readonly place: Place;
  /** A readable name for its subjects, used in messages. */
  readonly label?: string;
  readonly who: readonly Who[];
  /** Patterns of names of consoles, `@group` for those of a group. A rule with `*` holds for the host as a whole, too. */
  readonly on: readonly string[];
  /** All that come with others among them. */
  readonly may: ReadonlySet<Right>;
  /** Whether an act by this rule takes a reason: people are asked for one, or it is refused without. */
  readonly reason?: 'asked' | 'required';
  /** When it holds. Absent: always. */
  readonly hours?: Hours;
}

export interface AccessConfig {
  /** They add up, in whatever order. */
  readonly rules: readonly AccessRule[];
  /** Limits: their subjects have at most the rights named here, whatever the rules grant. */
  readonly limits: readonly AccessRule[];
  /** The contact to ask for a right. */
  readonly contact?: string;
}
