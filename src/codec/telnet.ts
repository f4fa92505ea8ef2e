/**
 * Telnet as a console server speaks it (RFC 854, 855, 1143; reference procserv.md 4.2): bytes in, data out, answers
 * through `send`. Holds no socket. A sequence may be split anywhere over calls.
 */

const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const SE = 240;

const OPTION_ECHO = 1;
const OPTION_LINEMODE = 34;

/** What a server says first: it will echo, and asks for line mode. In this order; clients were seen to count on it. */
const GREETING = Uint8Array.of(IAC, WILL, OPTION_ECHO, IAC, DO, OPTION_LINEMODE);

type State = 'data' | 'iac' | 'will' | 'wont' | 'do' | 'dont' | 'sub' | 'sub-iac';

const COMMANDS = new Map<number, State>([
  [WILL, 'will'],
  [WONT, 'wont'],
  [DO, 'do'],
  [DONT, 'dont'],
  [SB, 'sub'],
]);

const NOTHING = new Uint8Array(0);

/** The server side of one telnet connection. */
export class TelnetServer {
  readonly #send: (bytes: Uint8Array) => void;
  #state: State = 'data';
  /** Options in effect or offered by the greeting: an answer that only confirms them is not answered (RFC 1143). */
  #echo = true;
  #linemode = true;

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  greet(): void {
    this.#send(GREETING);
  }

  /** The data bytes of `input`, without telnet commands. May return `input` itself when it holds none. */
  receive(input: Uint8Array): Uint8Array {
    if (this.#state === 'data' && input.indexOf(IAC) < 0) {
      return input;
    }
    const data = new Uint8Array(input.length);
    let length = 0;
    for (const byte of input) {
      switch (this.#state) {
        case 'data':
          if (byte === IAC) {
            this.#state = 'iac';
          } else {
            data[length++] = byte;
          }
          break;
        case 'iac':
          if (byte === IAC) {
            data[length++] = IAC;
            this.#state = 'data';
          } else {
            this.#state = COMMANDS.get(byte) ?? 'data';
          }
          break;
        case 'sub':
          if (byte === IAC) {
            this.#state = 'sub-iac';
          }
          break;
        case 'sub-iac':
          this.#state = byte === SE ? 'data' : 'sub';
          break;
        default:
          this.#negotiate(this.#state, byte);
          this.#state = 'data';
      }
    }
    return length === 0 ? NOTHING : data.subarray(0, length);
  }

  #negotiate(command: 'will' | 'wont' | 'do' | 'dont', option: number): void {
    switch (command) {
      case 'do':
        if (option !== OPTION_ECHO) {
          this.#answer(WONT, option);
        } else if (!this.#echo) {
          this.#echo = true;
          this.#answer(WILL, option);
        }
        break;
      case 'dont':
        if (option === OPTION_ECHO && this.#echo) {
          this.#echo = false;
          this.#answer(WONT, option);
        }
        break;
      case 'will':
        if (option !== OPTION_LINEMODE) {
          this.#answer(DONT, option);
        } else if (!this.#linemode) {
          this.#linemode = true;
          this.#answer(DO, option);
        }
        break;
      case 'wont':
        if (option === OPTION_LINEMODE && this.#linemode) {
          this.#linemode = false;
          this.#answer(DONT, option);
        }
        break;
    }
  }

  #answer(command: number, option: number): void {
    this.#send(Uint8Array.of(IAC, command, option));
  }
}

/** `data` as it travels to a telnet peer: 0xff doubled, nothing else changed. Returns `data` itself when it has none. */
export function escapeTelnet(data: Uint8Array): Uint8Array {
  let at = data.indexOf(IAC);
  if (at < 0) {
    return data;
  }
  let count = 0;
  for (let i = at; i >= 0; i = data.indexOf(IAC, i + 1)) {
    count++;
  }
  const out = new Uint8Array(data.length + count);
  let from = 0;
  let to = 0;
  for (; at >= 0; at = data.indexOf(IAC, from)) {
    out.set(data.subarray(from, at + 1), to);
    to += at + 1 - from;
    out[to++] = IAC;
    from = at + 1;
  }
  out.set(data.subarray(from), to);
  return out;
}
