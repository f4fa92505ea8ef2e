/** The byte layer of the conserver protocol: 0xFF quoting and out-of-band signals, both directions (spec/conserver.md 2.1). */

/** The version of conserver whose protocol and messages these are. */
export const CONSERVER_VERSION = 'conserver.com version 8.2.7';

/** Signals of a peer outside the byte stream: `FF` and one letter. */
export type WireSignal = 'exec' | 'goto' | 'suspend' | 'abort';

export type WireEvent =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'signal'; readonly signal: WireSignal }
  /** `FF` before a byte that means nothing: the byte also follows as data, this event is for the log. */
  | { readonly kind: 'stray'; readonly byte: number };

const ESCAPE = 0xff;

const SIGNALS: ReadonlyMap<number, WireSignal> = new Map([
  [0x45, 'exec'],
  [0x47, 'goto'],
  [0x5a, 'suspend'],
  [0x2e, 'abort'],
]);

/** Undoes the quoting. Holds one bit of state (an `FF` at the end of a packet) and no bytes. */
export class WireDecoder {
  #escaped = false;

  /** The events of this packet, in order; neighbouring data bytes make one event. Never throws. */
  push(packet: Uint8Array): WireEvent[] {
    const events: WireEvent[] = [];
    const plain = new Uint8Array(packet.length);
    let used = 0;
    let sent = 0;
    const flush = () => {
      if (used > sent) {
        events.push({ kind: 'data', bytes: plain.subarray(sent, used) });
        sent = used;
      }
    };
    for (const byte of packet) {
      if (!this.#escaped) {
        if (byte === ESCAPE) {
          this.#escaped = true;
        } else {
          plain[used++] = byte;
        }
        continue;
      }
      this.#escaped = false;
      const signal = SIGNALS.get(byte);
      if (signal !== undefined) {
        flush();
        events.push({ kind: 'signal', signal });
        continue;
      }
      if (byte !== ESCAPE) {
        flush();
        events.push({ kind: 'stray', byte });
      }
      plain[used++] = byte;
    }
    flush();
    return events;
  }
}

/** Doubles every 0xFF. Returns `data` itself when there is none. */
export function quoteWire(data: Uint8Array): Uint8Array {
  const first = data.indexOf(ESCAPE);
  if (first < 0) {
    return data;
  }
  let extra = 0;
  for (let at = first; at >= 0; at = data.indexOf(ESCAPE, at + 1)) {
    extra++;
  }
  const quoted = new Uint8Array(data.length + extra);
  quoted.set(data.subarray(0, first));
  let to = first;
  for (let at = first; at < data.length; at++) {
    const byte = data[at] as number;
    quoted[to++] = byte;
    if (byte === ESCAPE) {
      quoted[to++] = ESCAPE;
    }
  }
  return quoted;
}

/** The two bytes of a signal; they bypass `quoteWire`. */
export function wireSignal(signal: WireSignal): Uint8Array {
  for (const [letter, name] of SIGNALS) {
    if (name === signal) {
      return Uint8Array.of(ESCAPE, letter);
    }
  }
  throw new Error(`no such signal: ${signal}`);
}
