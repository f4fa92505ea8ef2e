/** Events as structured entries of the journal, in its native protocol: `journalctl HOLDFAST_CONSOLE=vac-01`. */
import type { HostEvent } from '../model/api.ts';
import type { HostService } from '../model/host-service.ts';
import type { Clock } from '../platform/time/clock.ts';
import { type Fields, INFO, JournalSocket, NOTICE, WARNING } from './journal-socket.ts';
import type { SendDatagram } from './notify.ts';

export class Journal {
  readonly #socket: JournalSocket;
  #missed = 0;

  constructor(send: SendDatagram, clock: Clock) {
    this.#socket = new JournalSocket(send, clock, () => this.#confess());
  }

  event(event: HostEvent): void {
    const { console, type, text, actor, from, to, death, seq } = event;
    this.#queue({
      MESSAGE: console === undefined ? text : `${console}: ${text}`,
      PRIORITY: priority(event),
      SYSLOG_IDENTIFIER: 'holdfast',
      HOLDFAST_CONSOLE: console,
      HOLDFAST_EVENT: type,
      HOLDFAST_EVENT_SEQ: seq,
      HOLDFAST_ACTOR: actor,
      HOLDFAST_STATE_FROM: from,
      HOLDFAST_STATE_TO: to,
      HOLDFAST_CHILD_PID: death?.pid,
      HOLDFAST_EXIT_CODE: death?.code ?? undefined,
      HOLDFAST_EXIT_SIGNAL: death?.signal ?? undefined,
      HOLDFAST_LAST_LINES: death?.lastLines.join('\n') || undefined,
    });
  }

  #queue(fields: Fields): void {
    if (!this.#socket.offer(fields)) {
      this.#missed++;
    }
  }

  #confess(): void {
    if (this.#missed > 0) {
      const MESSAGE = `the journal was busy: ${this.#missed} entries are missing here, not in the event history`;
      this.#missed = 0;
      this.#queue({ MESSAGE, PRIORITY: WARNING, SYSLOG_IDENTIFIER: 'holdfast' });
    }
  }
}

/** Sends the events of the host to the journal. */
export class JournalService implements HostService {
  readonly name = 'journal';

  /** `listen`: to every event from now on. */
  constructor(listen: (handler: (event: HostEvent) => void) => void, send: SendDatagram, clock: Clock) {
    const journal = new Journal(send, clock);
    listen((event) => journal.event(event));
  }

  /** Goes on to the last event: while the others close, their clients leave. */
  async close(): Promise<void> {}
}

/** Unrequested deaths and troubles stand out; sessions that come and go do not. */
function priority({ type, death, to }: HostEvent): number {
  if (type === 'log' || type === 'holder' || (death && death.asked === undefined)) {
    return WARNING;
  }
  return to === 'crash-looping' || to === 'failed' ? WARNING : type === 'server' || type === 'config' ? NOTICE : INFO;
}
