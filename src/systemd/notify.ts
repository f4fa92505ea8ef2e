/**
 * Notifications to the service manager: sd_notify(3), sent as a datagram by the addon. Without a manager nothing
 * happens.
 */
import { uptime } from '../platform/process/boot.ts';
import type { Clock, Timer } from '../platform/time/clock.ts';

/** One datagram to a unix socket; throws where it cannot be delivered. */
export type SendDatagram = (path: string, data: Uint8Array, fds?: readonly number[]) => void;

/** Characters. `STATUS=` is one line for people; nobody reads a longer one in `systemctl status`. */
const MAX_STATUS = 200;
/**
 * Milliseconds between retries while the manager is busy: its socket takes ten datagrams, and fifty services may start
 * at once.
 */
const RETRY = 20;

export interface NotifierParts {
  /** `NOTIFY_SOCKET`. */
  readonly socket: string;
  /** Watchdog interval in milliseconds; undefined if the manager does not watch us. */
  readonly watchdog?: number;
  readonly send: SendDatagram;
  readonly clock: Clock;
}

interface Message {
  readonly text: Uint8Array;
  /** A descriptor to be stored under this name; `taken` is called once the manager has it, or never can have it. */
  readonly kept?: { readonly name: string; readonly fds: readonly number[]; readonly taken?: (() => void) | undefined };
}

export class Notifier {
  readonly #parts: NotifierParts | undefined;
  #status = '';
  #beat: Timer | undefined;
  readonly #waiting: Message[] = [];

  /** `undefined`: there is no manager to notify. */
  constructor(parts: NotifierParts | undefined) {
    this.#parts = parts;
  }

  /**
   * Takes `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` out of the environment: they are for this process, and a child
   * that answered in its place would keep a dead server alive.
   */
  static take(env: NodeJS.ProcessEnv, send: SendDatagram, clock: Clock): Notifier {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: micros, WATCHDOG_PID: pid } = env;
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) {
      delete env[name];
    }
    if (!socket) {
      return new Notifier(undefined);
    }
    const watched = Number(micros) > 0 && (pid === undefined || Number(pid) === process.pid);
    return new Notifier({ socket, send, clock, ...(watched ? { watchdog: Number(micros) / 1000 } : {}) });
  }

  /** Whether there is a manager to notify. */
  get managed(): boolean {
    return this.#parts !== undefined;
  }

  /** Ready, as this process; from now on the watchdog is fed three times per interval. */
  ready(status: string): void {
    this.#status = line(status);
    this.#tell({ READY: 1, MAINPID: process.pid, STATUS: this.#status });
    if (!this.#beat) {
      this.#turn();
    }
  }

  /** The one line of `systemctl status`; the same one again is not sent. */
  status(text: string): void {
    const status = line(text);
    if (status !== this.#status) {
      this.#status = status;
      this.#tell({ STATUS: status });
    }
  }

  /** Followed by `ready` when it is done. */
  reloading(): void {
    this.#tell({ RELOADING: 1, MONOTONIC_USEC: Math.trunc(uptime() * 1000) });
  }

  stopping(status: string): void {
    this.#tell({ STOPPING: 1, STATUS: line(status) });
  }

  /** Reports that it ends without having served, and why. */
  failed(why: string): void {
    this.#tell({ STATUS: line(why) });
  }

  /**
   * Has the manager keep descriptors for whoever is started after our death (`FileDescriptorStoreMax=`). They have to
   * stay open until `unkeep`. `taken` may be called at once: the manager has them, or never will. Without `FDPOLL=0` it
   * would drop a terminal whose other side is closed, with the output still in it.
   */
  keep(name: string, fds: readonly number[], taken?: () => void): void {
    if (this.#parts) {
      this.#tell({ FDSTORE: 1, FDNAME: name, FDPOLL: 0 }, { name, fds, taken });
    } else {
      taken?.();
    }
  }

  unkeep(name: string): void {
    // Unsent descriptors are withdrawn: their numbers may soon belong to other files.
    const others = this.#waiting.filter(({ kept }) => kept?.name !== name);
    this.#waiting.splice(0, this.#waiting.length, ...others);
    this.#tell({ FDSTOREREMOVE: 1, FDNAME: name });
  }

  /** Deliberately a timer of the main loop: if the loop hangs, the watchdog is not fed. */
  #turn(): void {
    const { watchdog, clock } = this.#parts ?? {};
    if (watchdog !== undefined && clock) {
      this.#beat = clock.after(watchdog / 3, () => {
        if (this.#waiting.length === 0) {
          this.#tell({ WATCHDOG: 1 });
        }
        this.#turn();
      });
    }
  }

  #tell(fields: Readonly<Record<string, string | number>>, kept?: Message['kept']): void {
    if (!this.#parts) {
      return;
    }
    const text = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
    this.#waiting.push({ text: Buffer.from(text.join('\n')), ...(kept ? { kept } : {}) });
    if (this.#waiting.length === 1) {
      this.#flush(this.#parts);
    }
  }

  /** In order, with retries while the socket is full: a lost READY would be a service that never comes up. */
  #flush(parts: NotifierParts): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      try {
        parts.send(parts.socket, next.text, next.kept?.fds);
      } catch (error) {
        if ((error as { code?: string }).code === 'EAGAIN') {
          parts.clock.after(RETRY, () => this.#flush(parts));
          return;
        }
        // A manager that does not listen is not a reason to stop serving.
      }
      this.#waiting.shift();
      next.kept?.taken?.();
    }
  }
}

function line(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').slice(0, MAX_STATUS);
}
