/** Events as structured entries of the journal, in its native protocol: `journalctl HOLDFAST_CONSOLE=vac-01`. */
import type { HostEvent } from '../model/api.ts';
import type { Clock } from '../platform/clock.ts';
import type { SendDatagram } from './notify.ts';

export const JOURNAL_SOCKET = '/run/systemd/journal/socket';

/** syslog(3) priorities. */
const WARNING = 4;
const NOTICE = 5;
const INFO = 6;
/** Entries that wait for a journal that is busy; after that they are counted. */
const MOST_WAITING = 1000;
/** Milliseconds. */
const RETRY = 100;

type Fields = Readonly<Record<string, string | number | undefined>>;

export class Journal {
  readonly #send: SendDatagram;
  readonly #clock: Clock;
  readonly #waiting: Uint8Array[] = [];
  #missed = 0;

  constructor(send: SendDatagram, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
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
    if (this.#waiting.length >= MOST_WAITING) {
      this.#missed++;
      return;
    }
    this.#waiting.push(journalEntry(fields));
    if (this.#waiting.length === 1) {
      this.#flush();
    }
  }

  #flush(): void {
    for (let entry = this.#waiting[0]; entry; entry = this.#waiting[0]) {
      try {
        this.#send(JOURNAL_SOCKET, entry);
      } catch (error) {
        if ((error as { code?: string }).code === 'EAGAIN') {
          this.#clock.after(RETRY, () => this.#flush());
          return;
        }
        // No journal, or an entry it does not take: the event history has it all the same.
      }
      this.#waiting.shift();
    }
    if (this.#missed > 0) {
      const MESSAGE = `the journal was busy: ${this.#missed} entries are missing here, not in the event history`;
      this.#missed = 0;
      this.#queue({ MESSAGE, PRIORITY: WARNING, SYSLOG_IDENTIFIER: 'holdfast' });
    }
  }
}

/** Deaths nobody asked for and troubles stand out; who comes and goes does not. */
function priority({ type, death, to }: HostEvent): number {
  if (type === 'log' || type === 'holder' || (death && death.asked === undefined)) {
    return WARNING;
  }
  return to === 'crash-looping' || to === 'failed' ? WARNING : type === 'server' || type === 'config' ? NOTICE : INFO;
}

/** `NAME=value` lines; a value of several lines is preceded by its length, 64 bits, least byte first. */
export function journalEntry(fields: Fields): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const text = String(value);
    if (value === undefined) {
      continue;
    }
    if (!text.includes('\n')) {
      parts.push(Buffer.from(`${name}=${text}\n`));
      continue;
    }
    const bytes = Buffer.from(text);
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(bytes.length));
    parts.push(Buffer.from(`${name}\n`), size, bytes, Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}
