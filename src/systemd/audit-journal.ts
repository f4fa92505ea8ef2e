/** The second copy of the audit, which whoever may write to its file does not have: `journalctl -t holdfast-audit`. */
import type { AuditEntry, AuditHead } from '../model/audit.ts';
import { auditText } from '../model/audit-text.ts';
import { nameOf, placeOf } from '../model/principal.ts';
import type { Clock } from '../platform/time/clock.ts';
import { INFO, JournalSocket, NOTICE, WARNING } from './journal-socket.ts';
import type { SendDatagram } from './notify.ts';

const SYSLOG_IDENTIFIER = 'holdfast-audit';

export class AuditJournal {
  readonly #socket: JournalSocket;
  #missed = 0;

  constructor(send: SendDatagram, clock: Clock) {
    this.#socket = new JournalSocket(send, clock, () => this.#confess());
  }

  /** `place`: its number and hash in the file; absent: it is not there, or not yet. */
  copy(entry: AuditEntry, place?: AuditHead): void {
    const { act, by, console, details, error, outcome, reason = by.reason, right } = entry;
    const sent = this.#socket.offer({
      MESSAGE: auditText({ ...entry, ...(reason === undefined ? {} : { reason }) }),
      PRIORITY: outcome === 'refused' ? WARNING : outcome === 'done' ? INFO : NOTICE,
      SYSLOG_IDENTIFIER,
      HOLDFAST_ACT: act,
      HOLDFAST_OUTCOME: outcome,
      HOLDFAST_CONSOLE: console,
      HOLDFAST_USER: by.user,
      HOLDFAST_BEHIND: by.behind,
      HOLDFAST_ACTOR: nameOf(by),
      HOLDFAST_ACTOR_CHANNEL: by.channel,
      HOLDFAST_ACTOR_FROM: placeOf(by),
      HOLDFAST_ASSURANCE: by.assurance,
      HOLDFAST_REASON: reason,
      HOLDFAST_RIGHT: right,
      HOLDFAST_ERROR: error?.code,
      HOLDFAST_DETAILS: details && JSON.stringify(details),
      HOLDFAST_AUDIT_SEQ: place?.seq,
      HOLDFAST_AUDIT_HASH: place?.hash,
    });
    this.#missed += sent ? 0 : 1;
  }

  #confess(): void {
    if (this.#missed > 0) {
      const MESSAGE = `the journal was busy: ${this.#missed} lines of the audit are missing here`;
      this.#missed = 0;
      this.#socket.offer({ MESSAGE, PRIORITY: WARNING, SYSLOG_IDENTIFIER });
    }
  }
}
