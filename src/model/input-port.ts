/** The record of what people type, as consoles see it. Implemented by `AuditLog` in host/. Pure. */
import type { Principal } from './principal.ts';

export interface InputPort {
  /** Whether lines of this console are recorded, as it is configured now. */
  recordsInput(console: { readonly name: string; readonly groups: readonly string[] }): boolean;
  /** `line` undefined: it was not shown while it was typed, as a password is not. */
  typed(by: Principal, console: string, line: string | undefined): void;
}
