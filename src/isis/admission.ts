import { ipv4Number } from '../model/ipv4.ts';
import type { IsisConfig } from '../model/isis-config.ts';

interface Bucket {
  tokens: number;
  filled: number;
}

interface Network {
  readonly base: number;
  readonly mask: number;
}

/** More senders than this at once indicate a flood with forged addresses: the table is cleared and does not grow. */
const MAX_BUCKETS = 4096;

function numberOf(address: string): number {
  return (ipv4Number(address) ?? 0) >>> 0;
}

/** Admission control: allowed networks, names pinned to addresses, messages per second. Off by default. */
export class Admission {
  readonly #networks: readonly Network[];
  readonly #pins: IsisConfig['pins'];
  readonly #rate: number;
  readonly #buckets = new Map<string, Bucket>();
  /** Without rules nothing is looked up per message. */
  readonly open: boolean;

  constructor(config: Pick<IsisConfig, 'allow' | 'pins' | 'rateLimit'>) {
    this.#networks = config.allow.map((network) => {
      const [address = '', bits = '32'] = network.split('/');
      const mask = Number(bits) === 0 ? 0 : (0xffffffff << (32 - Number(bits))) >>> 0;
      return { base: (numberOf(address) & mask) >>> 0, mask };
    });
    this.#pins = config.pins;
    this.#rate = config.rateLimit;
    this.open = config.allow.length === 0 && config.pins.length === 0 && config.rateLimit === 0;
  }

  /** Checks the address of a datagram before its text is parsed. Returns the reason for a refusal. */
  refuseAddress(address: string): string | undefined {
    if (this.#networks.length === 0) {
      return undefined;
    }
    const value = numberOf(address);
    const allowed = this.#networks.some(({ base, mask }) => (value & mask) >>> 0 === base);
    return allowed ? undefined : `${address} is in no allowed network`;
  }

  /**
   * Whether a host, `from` its address or line, exceeds its rate. Names that are not in the table share one
   * allowance: a new name for each message gains nothing, and a stranger using the name of a host does not use up that
   * host's.
   */
  refuseRate(name: string, known: boolean, from: string, now: number): string | undefined {
    return this.#rate > 0 && !this.#take(known ? `${name} ${from}` : from, now)
      ? `${known ? `${name} at ${from}` : from} sends more than ${this.#rate} messages/s`
      : undefined;
  }

  /**
   * Whether `name` may speak from here; `address` is undefined for a serial line, where a pinned name is not allowed.
   */
  refuseName(name: string, address: string | undefined, port: number): string | undefined {
    const pins = this.#pins.filter((pin) => pin.name === name);
    const fits = pins.some((pin) => pin.address === address && (pin.port === undefined || pin.port === port));
    return pins.length === 0 || fits ? undefined : `${name} is pinned to another address than ${address ?? 'a line'}`;
  }

  #take(who: string, now: number): boolean {
    let bucket = this.#buckets.get(who);
    const most = Math.max(1, this.#rate);
    if (!bucket) {
      if (this.#buckets.size >= MAX_BUCKETS) {
        this.#buckets.clear();
      }
      bucket = { tokens: most, filled: now };
      this.#buckets.set(who, bucket);
    }
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.filled) / 1000) * this.#rate);
    bucket.filled = now;
    if (bucket.tokens < 1) {
      return false;
    }
    bucket.tokens -= 1;
    return true;
  }
}
