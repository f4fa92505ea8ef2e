/** Console events as lines of conserver's own log (spec/conserver.md 7.3). */
import type { ConsoleRecord } from '../../grammar/conserver/records.ts';
import type { HostEvent } from '../../model/events.ts';
import { exitText } from '../../model/exit-text.ts';
import { NO_PID, type ProcessState } from '../../model/process.ts';
import { signalNumber } from '../../model/signals.ts';
import { userAtHost } from './model/rows.ts';

export interface JournalLinesParts {
  /** Of a console that is there. */
  readonly record: (console: string) => ConsoleRecord | undefined;
  readonly state: (console: string) => ProcessState | undefined;
  /** Path of the terminal of its command. */
  readonly terminal: (console: string) => string;
  readonly say: (text: string) => void;
  readonly complain: (text: string) => void;
  /** If verbose. */
  readonly inform: (text: string) => void;
}

/** Before it was up: nobody asked it to end. */
const WAS_UP: ReadonlySet<ProcessState> = new Set(['running', 'ready']);

export class JournalLines {
  readonly #parts: JournalLinesParts;
  /** By console: the last complaint about opening it, which is made once. */
  readonly #complaints = new Map<string, string>();
  /** Sessions of a console that is removed leave it later. */
  readonly #known = new Map<string, ConsoleRecord>();

  constructor(parts: JournalLinesParts) {
    this.#parts = parts;
  }

  /** A listener of the host's events. */
  hear(event: HostEvent): void {
    const { console } = event;
    const record = console === undefined ? undefined : (this.#parts.record(console) ?? this.#known.get(console));
    if (console === undefined || record === undefined) {
      return;
    }
    this.#known.set(console, record);
    const { say, complain } = this.#parts;
    const name = `[${record.name}]`;
    switch (event.type) {
      case 'attached':
      case 'detached':
        if (event.by) {
          say(
            `${name} ${event.type === 'attached' ? 'login' : 'logout'} ${userAtHost({ ...event.by, host: event.by.from })}`,
          );
        }
        break;
      case 'started':
        this.#complaints.delete(console);
        if (record.type !== 'noop') {
          say(`${name} console up`);
          this.#parts.inform(`${name} ${this.#whereabouts(console, record, event.pid)}`);
        }
        break;
      case 'notStarted':
        this.#notOpened(console, name, event.reason);
        break;
      case 'ended': {
        const { askedBy, code, pid, signal, coreDumped } = event.death;
        if (askedBy === undefined && pid === NO_PID) {
          complain(`${name} read failure: unexpected EOF`);
        } else if (askedBy === undefined) {
          say(
            `${name} ${exitText({ code, signal: signal === null ? null : (signalNumber(signal) ?? 0), coreDumped })}`,
          );
        }
        break;
      }
      case 'state':
        this.#changed(name, event);
        break;
      case 'note':
        if ('what' in event && event.what === 'init') {
          const { pid, reason } = event;
          say(`${name} initcmd ${reason === undefined ? `started: pid ${pid}` : `terminated: pid ${pid}: ${reason}`}`);
        }
        break;
      case 'log':
        // One that cannot be opened keeps its line down, which is told.
        if (WAS_UP.has(this.#parts.state(console) ?? 'stopped')) {
          complain(`${name} ${event.text}`);
        }
        break;
    }
  }

  #changed(name: string, { from, to, cause }: HostEvent & { readonly type: 'state' }): void {
    const { say, complain } = this.#parts;
    if (!WAS_UP.has(from) || (to !== 'waiting' && to !== 'crash-looping')) {
      return;
    }
    say(`${name} automatic reinitialization`);
    if (cause === 'ended-brake') {
      complain(`${name} initialization rate exceeded: forcing down`);
    }
  }

  /** Said once, not at every attempt, which may have another descriptor. */
  #notOpened(console: string, name: string, why: string): void {
    const kind = why.replace(/^connect\(\d+\)/, 'connect');
    if (this.#parts.state(console) !== 'stopping' && this.#complaints.get(console) !== kind) {
      this.#complaints.set(console, kind);
      this.#parts.complain(`${name} ${why}: forcing down`);
    }
  }

  #whereabouts(console: string, { host, port, uds, device }: ConsoleRecord, pid: number): string {
    return pid !== NO_PID
      ? `pid ${pid} on ${this.#parts.terminal(console)}`
      : port === undefined
        ? `on ${uds ?? device}`
        : `port ${port} on ${host}`;
  }
}
