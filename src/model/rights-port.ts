/** Rights as consoles and services ask for them. Implemented by `AccessControl` in host/. Pure. */
import type { HoldfastError } from './errors.ts';
import type { Principal } from './principal.ts';
import type { Verb } from './rights.ts';

export interface RightsPort {
  /** Resolves when the groups of this principal are known, or have not become so in time: before `refusal`. */
  learn(by: Principal): Promise<void>;
  /** Why this principal may not do this, HF_FORBIDDEN or HF_REASON_NEEDED; undefined: it may. `console` absent: to the host as a whole. */
  refusal(by: Principal, verb: Verb, console?: string): HoldfastError | undefined;
}

/** Rights, and the record of those who use them. */
export interface GuardPort extends RightsPort {
  /** As `refusal`, of somebody who is about to do it: a refusal is recorded. */
  ask(by: Principal, verb: Verb, console?: string): HoldfastError | undefined;
  /** Records that it was refused by other rules than those of the host. */
  deny(by: Principal, verb: Verb, console: string | undefined, why: Error): void;
  /** Records that it was done. */
  done(by: Principal, verb: Verb, console?: string, details?: Readonly<Record<string, unknown>>): void;
}
