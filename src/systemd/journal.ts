/** Events as structured entries of the journal, in its native protocol: `journalctl HOLDFAST_CONSOLE=vac-01`. */
import { eventText } from '../model/event-text.ts';
import type { HostEvent } from '../model/events.ts';
import type { HostService } from '../model/host-service.ts';
import { nameOf, placeOf } from '../model/principal.ts';
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
    const { console, type, by, seq } = event;
    const text = eventText(event);
    const { from, to } = event.type === 'state' ? event : {};
    const death = event.type === 'ended' ? event.death : undefined;
    this.#queue({
      MESSAGE: console === undefined ? text : `${console}: ${text}`,
      PRIORITY: priority(event),
      SYSLOG_IDENTIFIER: 'holdfast',
      HOLDFAST_CONSOLE: console,
      HOLDFAST_EVENT: type,
      HOLDFAST_EVENT_SEQ: seq,
      HOLDFAST_ACTOR: by && nameOf(by),
      HOLDFAST_ACTOR_CHANNEL: by?.channel,
      HOLDFAST_ACTOR_FROM: by && placeOf(by),
      HOLDFAST_REASON: by?.reason,
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
function priority(event: HostEvent): number {
  switch (event.type) {
    case 'log':
    case 'holder':
      return WARNING;
    case 'ended':
      return event.death.askedBy ? INFO : WARNING;
    case 'state':
      return event.to === 'crash-looping' || event.to === 'failed' ? WARNING : INFO;
    case 'server':
    case 'config':
      return NOTICE;
    default:
      return INFO;
  }
}
