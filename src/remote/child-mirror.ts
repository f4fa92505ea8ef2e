/** The child of a console in the holder, as known here. */
import { startTimeOf } from '../platform/process/proc.ts';

export interface KnownChild {
  readonly pid: number;
  /** Names it together with its pid (platform/process/proc.ts). */
  readonly startTime: string | undefined;
  /** Wall time, milliseconds. */
  readonly startedAt: number;
  /** Offset at which its output begins; missing from older holders. */
  readonly offset: number | undefined;
}

export class ChildMirror {
  #child: KnownChild | undefined;
  /** Its events from before anyone listened; undefined once someone does. */
  #early: (() => void)[] | undefined = [];

  get child(): KnownChild | undefined {
    return this.#child;
  }

  is(child: Omit<KnownChild, 'startTime'> | undefined): void {
    this.#child = child && { ...child, startTime: startTimeOf(child.pid) };
  }

  /** The child with this pid has ended; there may be another one already. */
  ended(pid: number): void {
    if (this.#child?.pid === pid) {
      this.#child = undefined;
    }
  }

  /** Handles its events, now or once someone listens; in order. */
  befell(deal: () => void): void {
    if (this.#early) {
      this.#early.push(deal);
    } else {
      deal();
    }
  }

  listen(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const deal of early) {
      deal();
    }
  }
}
