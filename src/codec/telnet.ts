/**
 * Telnet as a console server speaks it (RFC 854, 855, 1143; spec/procserv.md 4.2): bytes in, data out, answers
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

/** The opening negotiation of a server: it will echo, and asks for line mode. Some clients depend on this order. */
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

/** The state of an option (RFC 1143). We never withdraw an offer, so WANTNO and the queues are not needed. */
type OptionState = 'refused' | 'ignored' | 'off' | 'offered' | 'on';

interface Step {
  readonly to: OptionState;
  /**
   * Absent: a reply to our offer, or a confirmation of the current state, is not answered; otherwise two peers would
   * loop.
   */
  readonly answer?: 'agree' | 'refuse';
}

/** `enable`: the peer says WILL or DO; `disable`: WONT or DONT. */
const STEPS: Readonly<Record<OptionState, { readonly enable: Step; readonly disable: Step }>> = {
  refused: { enable: { to: 'refused', answer: 'refuse' }, disable: { to: 'refused' } },
  ignored: { enable: { to: 'ignored' }, disable: { to: 'ignored' } },
  off: { enable: { to: 'on', answer: 'agree' }, disable: { to: 'off' } },
  offered: { enable: { to: 'on' }, disable: { to: 'off' } },
  on: { enable: { to: 'on' }, disable: { to: 'off', answer: 'refuse' } },
};

/** The options of one direction: ours, or the peer's. */
class Options {
  readonly #states: Map<number, OptionState>;
  readonly #others: OptionState;
  readonly #words: { readonly agree: number; readonly refuse: number };

  /** `others`: the state of every option that is not listed. */
  constructor(
    words: { readonly agree: number; readonly refuse: number },
    states: readonly (readonly [number, OptionState])[],
    others: OptionState = 'refused',
  ) {
    this.#words = words;
    this.#states = new Map(states);
    this.#others = others;
  }

  /** The command that answers the peer's, if any. */
  step(option: number, word: 'enable' | 'disable'): number | undefined {
    const { to, answer } = STEPS[this.#states.get(option) ?? this.#others][word];
    if (this.#states.has(option)) {
      this.#states.set(option, to);
    }
    return answer && this.#words[answer];
  }
}

const OURS = { agree: WILL, refuse: WONT };
const THEIRS = { agree: DO, refuse: DONT };

/** One side of a telnet connection. */
export class Telnet {
  readonly #send: (bytes: Uint8Array) => void;
  #state: State = 'data';
  readonly #ours: Options;
  readonly #theirs: Options;
  /** Answers to the block that is being received. */
  #answers: number[] = [];

  private constructor(ours: Options, theirs: Options, send: (bytes: Uint8Array) => void) {
    this.#ours = ours;
    this.#theirs = theirs;
    this.#send = send;
  }

  /** The side of a console server, which begins with `greet`. */
  static server(send: (bytes: Uint8Array) => void): Telnet {
    const ours = new Options(OURS, [[OPTION_ECHO, 'offered']]);
    return new Telnet(ours, new Options(THEIRS, [[OPTION_LINEMODE, 'offered']]), send);
  }

  /** The side of a client of a terminal server: lets the peer echo and go on without go-aheads. */
  static client(send: (bytes: Uint8Array) => void): Telnet {
    const theirs = [OPTION_BINARY, OPTION_ECHO, OPTION_SGA].map((option) => [option, 'off'] as const);
    return new Telnet(new Options(OURS, [[OPTION_SGA, 'off']]), new Options(THEIRS, theirs), send);
  }

  /**
   * As conserver does it (spec/conserver.md 8.4): the peer may echo and leave out go-aheads; nothing is agreed to on
   * our side, and other offers of the peer are ignored.
   */
  static consoleClient(send: (bytes: Uint8Array) => void): Telnet {
    const theirs = [OPTION_ECHO, OPTION_SGA].map((option) => [option, 'off'] as const);
    return new Telnet(new Options(OURS, []), new Options(THEIRS, theirs, 'ignored'), send);
  }

  greet(): void {
    this.#send(GREETING);
  }

  /**
   * The data bytes of `input` without telnet commands, which have been answered. May return `input` itself if it holds
   * none.
   */
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
    if (this.#answers.length > 0) {
      // In one piece: a block may hold thousands of requests.
      this.#send(Uint8Array.from(this.#answers));
      this.#answers = [];
    }
    return length === 0 ? NOTHING : data.subarray(0, length);
  }

  #negotiate(command: 'will' | 'wont' | 'do' | 'dont', option: number): void {
    const options = command === 'do' || command === 'dont' ? this.#ours : this.#theirs;
    const answer = options.step(option, command === 'do' || command === 'will' ? 'enable' : 'disable');
    if (answer !== undefined) {
      this.#answers.push(IAC, answer, option);
    }
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
