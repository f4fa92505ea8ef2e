/** The child of a console in the holder, as far as is known here. */
import { startTimeOf } from '../platform/process/proc.ts';

export interface KnownChild {
  readonly pid: number;
  /** Names it together with its pid (platform/process/proc.ts). */
  readonly startTime: string | undefined;
  /** Wall time, milliseconds. */
  readonly startedAt: number;
  /** Offset at which it begins to speak; older holders do not say it. */
  readonly offset: number | undefined;
}

export class ChildMirror {
  #child: KnownChild | undefined;
  /** What befell it before anybody listened; undefined: somebody does. */
  #early: (() => void)[] | undefined = [];

  get child(): KnownChild | undefined {
    return this.#child;
  }

  is(child: Omit<KnownChild, 'startTime'> | undefined): void {
    this.#child = child && { ...child, startTime: startTimeOf(child.pid) };
  }

  /** The child of this pid has ended; another one may be there already. */
  ended(pid: number): void {
    if (this.#child?.pid === pid) {
      this.#child = undefined;
    }
  }

  /** Deals with what befell it, now or once somebody listens; in order. */
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
