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

const OPTION_BINARY = 0;
const OPTION_ECHO = 1;
const OPTION_SGA = 3;
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

/** Whether an option is in effect; an option that is not in the table is never agreed to. */
type Options = Map<number, boolean>;

/** One side of a telnet connection. */
export class Telnet {
  readonly #send: (bytes: Uint8Array) => void;
  #state: State = 'data';
  /** What we do and what the peer does. */
  readonly #ours: Options;
  readonly #theirs: Options;
  /** Says nothing to what the peer offers or takes back beyond the first agreement. */
  readonly #terse: boolean;

  private constructor(ours: Options, theirs: Options, send: (bytes: Uint8Array) => void, terse = false) {
    this.#ours = ours;
    this.#theirs = theirs;
    this.#send = send;
    this.#terse = terse;
  }

  /** The side of a console server. `greet` counts as done: an answer that only confirms it is not answered (RFC 1143). */
  static server(send: (bytes: Uint8Array) => void): Telnet {
    return new Telnet(new Map([[OPTION_ECHO, true]]), new Map([[OPTION_LINEMODE, true]]), send);
  }

  /** The side of a client of a terminal server: lets the peer echo and go on without go-aheads. */
  static client(send: (bytes: Uint8Array) => void): Telnet {
    const theirs = [OPTION_BINARY, OPTION_ECHO, OPTION_SGA].map((option) => [option, false] as const);
    return new Telnet(new Map([[OPTION_SGA, false]]), new Map(theirs), send);
  }

  /**
   * As conserver does it (conserver.md 8): the peer may echo and leave out go-aheads, which it is told once; nothing is agreed to on
   * our side, and what else the peer would do is passed over in silence.
   */
  static consoleClient(send: (bytes: Uint8Array) => void): Telnet {
    const theirs = [OPTION_ECHO, OPTION_SGA].map((option) => [option, false] as const);
    return new Telnet(new Map(), new Map(theirs), send, true);
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
    const ours = command === 'do' || command === 'dont';
    const options = ours ? this.#ours : this.#theirs;
    const [yes, no] = ours ? [WILL, WONT] : [DO, DONT];
    const now = options.get(option);
    if (this.#terse && (command === 'wont' || (command === 'will' && now === undefined))) {
      return;
    }
    if (command === 'will' || command === 'do') {
      if (now === undefined) {
        this.#answer(no, option);
      } else if (!now) {
        options.set(option, true);
        this.#answer(yes, option);
      }
    } else if (now) {
      options.set(option, false);
      this.#answer(no, option);
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
