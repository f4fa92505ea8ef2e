/** Whether a source takes input, and the senders that wait until it does again. */
export class InputRoom {
  #full = false;
  readonly #waiting = new Set<() => void>();

  /** The source does not read, and much input waits: senders should pause until `whenRoom` calls back. */
  get full(): boolean {
    return this.#full;
  }

  /** The answer of the source to the last input. */
  set full(full: boolean) {
    this.#full = full;
  }

  /** Calls back once. */
  whenRoom(action: () => void): void {
    this.#waiting.add(action);
  }

  forget(action: () => void): void {
    this.#waiting.delete(action);
  }

  /** There is room again, or there is no sender left. */
  drained(): void {
    this.#full = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const action of waiting) {
      action();
    }
  }
}
