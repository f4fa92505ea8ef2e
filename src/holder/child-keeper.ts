/**
 * Makes the child of one console outlive the holder: keeps its terminal in the store, and supplies its part of the
 * record. The order of the steps is that of the table in docs/decisions/0064: whenever the holder dies, the next one
 * finds the child.
 */
import { closeSync } from 'node:fs';
import { native, type OpenTerminal } from '../platform/native.ts';
import { startTimeOf } from '../platform/process/proc.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { Foreign } from '../terminal/foreign-end.ts';
import type { SavedChild, SavedConsole, SavedStart } from './saved-console.ts';
import { newKey, oldKeyOf, type TerminalStore } from './terminal-store.ts';

/** The descriptors of a child in a store. */
export interface KeptTerminal {
  readonly fd: number;
  readonly pidfd?: number;
}

export interface ChildKeeperParts {
  readonly console: string;
  readonly store: TerminalStore;
  readonly clock: Clock;
  /** Writes the whole record: the result of `saved` has changed. */
  readonly save: () => void;
}

/**
 * A manager that takes nothing for this long is not waited for: a process that would be lost with us is better than
 * none.
 */
const TIMEOUT_MS = 2000;
/** A child whose parent has just died may not have opened its terminal yet. */
const RETRY_DELAY_MS = 5;
const TRIES = 200;

export class ChildKeeper {
  readonly #parts: ChildKeeperParts;
  #key: string | undefined;
  #starting: SavedStart | undefined;
  #child: SavedChild | undefined;
  #pidfd: number | undefined;

  constructor(parts: ChildKeeperParts) {
    this.#parts = parts;
  }

  /** For the record. */
  get saved(): Pick<SavedConsole, 'key' | 'starting' | 'child'> {
    return {
      ...(this.#key === undefined ? {} : { key: this.#key }),
      ...(this.#starting ? { starting: this.#starting } : {}),
      ...(this.#child ? { child: this.#child } : {}),
    };
  }

  /**
   * Opens a terminal for a child that is about to start; `go` is called, perhaps at once, when it is kept. Throws with
   * `code` if there is no terminal.
   */
  begin(
    start: SavedStart,
    size: { columns: number; rows: number; uid: number },
    go: (terminal: OpenTerminal) => void,
  ): void {
    const { clock, console, save, store } = this.#parts;
    const terminal = native.openTerminal(size.columns, size.rows, size.uid);
    const key = newKey(console);
    this.#key = key;
    this.#starting = start;
    save();
    let gone = false;
    const once = (): void => {
      if (!gone) {
        gone = true;
        patience.cancel();
        go(terminal);
      }
    };
    const patience = clock.after(TIMEOUT_MS, once);
    store.put(key, [terminal.master], once);
  }

  /** There is a child. */
  started(pid: number, { startedAt, startOffset }: SavedStart): void {
    const startTime = startTimeOf(pid);
    if (this.#starting && startTime !== undefined) {
      this.#child = { pid, startTime, ...this.#starting, startedAt, startOffset };
      this.#starting = undefined;
      this.#parts.save();
      this.#keepPidfd();
    }
  }

  /** There is none any more. The record is removed first: the next holder releases a terminal without a record. */
  forget(): void {
    const [key, pidfd] = [this.#key, this.#pidfd];
    this.#key = this.#starting = this.#child = this.#pidfd = undefined;
    this.#parts.save();
    if (key !== undefined) {
      this.#parts.store.drop(key);
    }
    if (pidfd !== undefined) {
      closeSync(pidfd);
    }
  }

  /**
   * Continues with the child of an earlier holder; undefined if there is none. Data that the record already has is not
   * written.
   */
  takeOver({ key, starting, child: known }: SavedConsole, terminal: KeptTerminal): (SavedChild & Foreign) | undefined {
    const child = known ?? (starting && childOn(terminal.fd, starting));
    if (!child) {
      return undefined;
    }
    this.#key = key ?? oldKeyOf(child);
    this.#child = child;
    this.#pidfd = terminal.pidfd;
    if (!known) {
      this.#parts.save();
    }
    if (this.#pidfd === undefined && startTimeOf(child.pid) === child.startTime) {
      this.#keepPidfd();
    }
    return { ...child, ...(this.#pidfd === undefined ? {} : { pidfd: this.#pidfd }) };
  }

  /** If the kernel has such descriptors. */
  #keepPidfd(): void {
    try {
      const pidfd = native.openPidfd((this.#child as SavedChild).pid);
      this.#pidfd = pidfd;
      this.#parts.store.put(this.#key as string, [pidfd]);
    } catch {
      // Its end is still seen, but not its exit status.
    }
  }
}

/** The child that took this terminal, as the kernel knows it. */
function childOn(terminal: number, start: SavedStart): SavedChild | undefined {
  const moment = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = TRIES; tries > 0; tries--) {
    const pid = native.terminalSession(terminal);
    const startTime = pid === undefined ? undefined : startTimeOf(pid);
    if (pid !== undefined && startTime !== undefined) {
      return { pid, startTime, ...start };
    }
    // Nothing has the other side open, and nothing will.
    if (native.hungUp(terminal)) {
      return undefined;
    }
    Atomics.wait(moment, 0, 0, RETRY_DELAY_MS);
  }
  return undefined;
}
