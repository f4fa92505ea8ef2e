/** Wrong passwords: how long a peer has to wait before its next one is checked. */
import type { Clock } from '../platform/time/clock.ts';
import { peerNetwork } from './peer-network.ts';

export interface LoginLimitSettings {
  /** Wrong passwords without a delay: of one user at one peer, and of all users at one peer. */
  readonly freeOfUser: number;
  readonly freeOfPeer: number;
  /** One wrong password is forgotten after this. Milliseconds. */
  readonly forget: number;
  /** The longest wait; the first is a second, each is twice the one before. Milliseconds. */
  readonly longest: number;
  /** Peers and users to remember; the one idle longest is forgotten first. */
  readonly most: number;
}

/** Nobody mistypes ten times in a row, and a host with many users should not be blocked. */
const DEFAULTS: LoginLimitSettings = {
  freeOfUser: 10,
  freeOfPeer: 100,
  forget: 60_000,
  longest: 300_000,
  most: 4096,
};
const FIRST_WAIT = 1000;

interface Failures {
  /** As of `at`, monotonic milliseconds; it decays with time. */
  count: number;
  at: number;
  /** When the next attempt is checked. */
  next: number;
}

export class LoginLimits {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #settings: LoginLimitSettings;
  /** In the order of their last failure. */
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Pick<Clock, 'monotonic'>, settings: LoginLimitSettings = DEFAULTS) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Milliseconds until a password of this user from there is checked; 0: now. */
  wait(address: string, user: string): number {
    const now = this.#clock.monotonic();
    const waits = keys(address, user).map((key) => (this.#failures.get(key)?.next ?? 0) - now);
    return Math.max(0, ...waits);
  }

  /**
   * A password is about to be checked: it counts as wrong until it turns out to be right, so that many at once count
   * too.
   */
  begin(address: string, user: string): void {
    const [peer, both] = keys(address, user);
    this.#fail(peer, this.#settings.freeOfPeer);
    this.#fail(both, this.#settings.freeOfUser);
  }

  /** It was right: the user is known, and the peer has one failure less. */
  succeeded(address: string, user: string): void {
    const [peer, both] = keys(address, user);
    this.#failures.delete(both);
    const failures = this.#failures.get(peer);
    if (failures !== undefined) {
      failures.count -= 1;
      failures.next = Math.min(failures.next, this.#clock.monotonic());
    }
  }

  get size(): number {
    return this.#failures.size;
  }

  #fail(key: string, free: number): void {
    const { forget, longest, most } = this.#settings;
    const now = this.#clock.monotonic();
    const known = this.#failures.get(key);
    const count = Math.max(0, (known?.count ?? 0) - (known === undefined ? 0 : (now - known.at) / forget)) + 1;
    const over = Math.ceil(count) - free;
    const wait = over <= 0 ? 0 : Math.min(longest, FIRST_WAIT * 2 ** Math.min(over - 1, 30));
    this.#failures.delete(key);
    this.#failures.set(key, { count, at: now, next: now + wait });
    if (this.#failures.size > most) {
      this.#failures.delete(this.#failures.keys().next().value as string);
    }
  }
}

/** Names are cut: the peer chooses them. */
function keys(address: string, user: string): readonly [string, string] {
  const peer = peerNetwork(address);
  return [peer, `${peer} ${user.slice(0, 64)}`];
}
