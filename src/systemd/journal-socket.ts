/** Writes to the journal: its native protocol, one datagram for each entry, and a short queue for when it is busy. */
import type { Clock } from '../platform/time/clock.ts';
import type { SendDatagram } from './notify.ts';

const JOURNAL_SOCKET = '/run/systemd/journal/socket';
/** Entries that may wait for a busy journal. */
const MAX_WAITING = 1000;
const RETRY_MS = 100;

/** syslog(3) priorities. */
export const WARNING = 4;
export const NOTICE = 5;
export const INFO = 6;

export type Fields = Readonly<Record<string, string | number | undefined>>;

export class JournalSocket {
  readonly #send: SendDatagram;
  readonly #clock: Clock;
  readonly #idle: () => void;
  readonly #waiting: Uint8Array[] = [];

  /** `idle` is called whenever nothing is waiting any more. */
  constructor(send: SendDatagram, clock: Clock, idle: () => void = () => undefined) {
    this.#send = send;
    this.#clock = clock;
    this.#idle = idle;
  }

  /** Sends an entry, now or as soon as the journal takes it; false: too many are waiting. */
  offer(fields: Fields): boolean {
    if (this.#waiting.length >= MAX_WAITING) {
      return false;
    }
    this.#waiting.push(journalEntry(fields));
    if (this.#waiting.length === 1) {
      this.#flush();
    }
    return true;
  }

  #flush(): void {
    for (let entry = this.#waiting[0]; entry; entry = this.#waiting[0]) {
      try {
        this.#send(JOURNAL_SOCKET, entry);
      } catch (error) {
        if ((error as { code?: string }).code === 'EAGAIN') {
          this.#clock.after(RETRY_MS, () => this.#flush());
          return;
        }
        // No journal, or an entry it refuses: its content is in the event history or in a log anyway.
      }
      this.#waiting.shift();
    }
    this.#idle();
  }
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
