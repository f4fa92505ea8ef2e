/** Rights and audit in one, for those that ask for one and tell the other. */
import type { GuardPort, RightsPort } from '../model/rights-port.ts';
import type { AuditPort, Deed } from './audit-port.ts';

export interface GuardParts {
  readonly access: RightsPort;
  readonly audit: AuditPort;
}

export function guardOf({ access, audit }: GuardParts): GuardPort {
  return {
    learn: (by) => access.learn(by),
    refusal: (by, verb, console) => access.refusal(by, verb, console),
    ask: (by, verb, console) => {
      const refusal = access.refusal(by, verb, console);
      if (refusal) {
        audit.refused(deed(by, verb, console), refusal);
      }
      return refusal;
    },
    deny: (by, verb, console, why) => audit.refused(deed(by, verb, console), why),
    done: (by, verb, console, details) => audit.done({ ...deed(by, verb, console), ...(details && { details }) }),
  };
}

function deed(by: Deed['by'], verb: Deed['verb'], console: string | undefined): Deed {
  return { verb, by, ...(console === undefined ? {} : { console }) };
}
