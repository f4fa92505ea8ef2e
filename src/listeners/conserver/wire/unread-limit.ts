/** Total unread data of all clients: if it is too much, the client with the most is disconnected. */

/** Bytes. */
const MOST_IN_ALL = 128 << 20;

export interface Debtor {
  /** Bytes that it was sent and has not taken. */
  readonly unread: number;
  /** Its memory is needed by others. */
  giveUp(why: string): void;
}

export class UnreadLimit {
  readonly #most: number;
  /** Each client's unread data when it was last sent something: an upper bound of the current value. */
  readonly #debts = new Map<Debtor, number>();
  #total = 0;

  constructor(most = MOST_IN_ALL) {
    this.#most = most;
  }

  /** This client was sent more than it takes at once. */
  owes(debtor: Debtor): void {
    this.#note(debtor);
    if (this.#total <= this.#most) {
      return;
    }
    let worst = debtor;
    for (const each of this.#debts.keys()) {
      this.#note(each);
      worst = each.unread > worst.unread ? each : worst;
    }
    if (this.#total > this.#most) {
      const why = `${worst.unread} bytes unread, ${this.#total} with those of others: hung up`;
      this.settled(worst);
      worst.giveUp(why);
    }
  }

  /** It has read everything, or is gone. */
  settled(debtor: Debtor): void {
    this.#total -= this.#debts.get(debtor) ?? 0;
    this.#debts.delete(debtor);
  }

  #note(debtor: Debtor): void {
    const { unread } = debtor;
    this.#total += unread - (this.#debts.get(debtor) ?? 0);
    this.#debts.set(debtor, unread);
  }
}
