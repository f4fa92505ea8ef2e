/** The current operation on the file of a log: one write, or one change of the file itself, at a time. */

/**
 * `idle`: none. `writing`: a write is under way. `full`: the FIFO takes nothing more for now. `moving`: the file is
 * being changed, no write begins. `closed`: nothing is awaited any more.
 */
export type TurnState = 'idle' | 'writing' | 'full' | 'moving' | 'closed';

/** `filled`: a write that the FIFO did not take completely. `room`: it may take data again. */
export type TurnEvent = 'write' | 'written' | 'filled' | 'room' | 'move' | 'moved' | 'close';

/** `null`: not now, or too late. */
export const TURNS: Readonly<Record<TurnState, Readonly<Record<TurnEvent, TurnState | null>>>> = {
  idle: {
    ...{ write: 'writing', move: 'moving', close: 'closed' },
    ...{ written: null, filled: null, room: null, moved: null },
  },
  writing: {
    ...{ written: 'idle', filled: 'full', close: 'closed' },
    ...{ write: null, room: null, move: null, moved: null },
  },
  full: {
    ...{ room: 'idle', move: 'moving', close: 'closed' },
    ...{ write: null, written: null, filled: null, moved: null },
  },
  moving: {
    ...{ moved: 'idle', close: 'closed' },
    ...{ write: null, written: null, filled: null, room: null, move: null },
  },
  closed: { write: null, written: null, filled: null, room: null, move: null, moved: null, close: null },
};

export class LogTurn {
  #state: TurnState = 'idle';

  get state(): TurnState {
    return this.#state;
  }

  /** Whether neither a write nor a change of the file is under way. */
  get isFree(): boolean {
    return this.#state === 'idle' || this.#state === 'full';
  }

  /** Whether the event is possible now. */
  take(event: TurnEvent): boolean {
    const next = TURNS[this.#state][event];
    this.#state = next ?? this.#state;
    return next !== null;
  }
}
