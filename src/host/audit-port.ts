/** The guard's interface to the audit. */
import { HoldfastError } from '../model/errors.ts';
import type { Principal } from '../model/principal.ts';
import type { Verb } from '../model/rights.ts';

export interface Deed {
  readonly verb: Verb;
  readonly by: Principal;
  /** Absent: done to the host. */
  readonly console?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditPort {
  /** Rejects with HF_NO_AUDIT if this must not be done while nothing can be recorded. */
  mayDo(deed: Deed): Promise<void>;
  done(deed: Deed): void;
  /** The right was there, and it could not be done. */
  failed(deed: Deed, error: Error): void;
  refused(deed: Deed, refusal: Error): void;
}

export function auditIsOff(): HoldfastError {
  return new HoldfastError(
    'HF_AUDIT_OFF',
    'this server records nothing: its configuration has neither [audit] nor [access]',
  );
}

export const NO_AUDIT: AuditPort = {
  mayDo: async () => undefined,
  done: () => undefined,
  failed: () => undefined,
  refused: () => undefined,
};
