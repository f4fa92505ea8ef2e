/** A session on one console: keys out, output in, and what the server asks for in between (spec/conserver.md 2.6 to 2.8). */
import { fromBytes, toBytes } from '../../codec/byte-string.ts';
import type { WireSignal } from '../../codec/conserver-wire.ts';
import type { Terminal } from '../../platform/process/terminal.ts';
import type { Joined } from './call.ts';
import type { Client } from './client.ts';
import { lostConnection } from './failure.ts';
import { Inbox } from './inbox.ts';
import type { Keyboard } from './keyboard.ts';
import { LocalCommand } from './local-command.ts';
import { promptLine } from './prompt.ts';

/** The services a session uses from its program. */
export interface Surroundings {
  readonly keyboard: Keyboard;
  /** Absent when stdin is not a terminal. */
  readonly terminal: Terminal | undefined;
  /** Joins another console; undefined after a message to the user. */
  readonly join: (name: string) => Promise<Joined | undefined>;
  /** Prints the user's attach and detach texts around a suspension. */
  readonly decorate: (which: 'attach' | 'detach') => void;
}

const CTRL_C = 0x03;
const CTRL_BACKSLASH = 0x1c;
const LETTER_O = 0x6f;

export class Session {
  readonly #client: Client;
  readonly #joined: Joined;
  readonly #around: Surroundings;
  /** Reasons not to read the server: too much of it is waiting, or a command does not read. */
  readonly #held = { waiting: false, command: false };
  /** Reasons not to take input: a server that does not read, or too many keys or too much command output waiting. */
  readonly #inputHeld = { server: false, keys: false, command: false };
  readonly #inbox = new Inbox((source, full) => {
    if (source === 'server') {
      this.#hold('waiting', full);
    } else {
      this.#holdInput(source, full);
    }
  });
  #command: LocalCommand | undefined;
  /** A hang-up between a suspend and its answer is an accident. */
  #resuming = false;

  constructor(client: Client, joined: Joined, around: Surroundings) {
    this.#client = client;
    this.#joined = joined;
    this.#around = around;
  }

  /** Runs until the server hangs up (undefined) or the user has moved to another console. Throws ConsoleFailure. */
  async run(): Promise<Joined | undefined> {
    const { keyboard, terminal } = this.#around;
    const { link } = this.#joined;
    terminal?.raw();
    keyboard.listen(this.#inbox.push);
    link.onDrain = () => this.#holdInput('server', false);
    link.consume((event) => this.#inbox.push(event ? { from: 'server', event } : { from: 'server-end' }));
    try {
      return await this.#loop();
    } finally {
      this.#command?.kill('SIGHUP');
      keyboard.pause();
      terminal?.restore();
      link.close();
    }
  }

  async #loop(): Promise<Joined | undefined> {
    for (;;) {
      const next = await this.#inbox.next();
      switch (next.from) {
        case 'server-end':
          if (this.#resuming) {
            throw lostConnection();
          }
          return undefined;
        case 'server':
          if (next.event.kind === 'data') {
            this.#show(next.event.bytes);
          } else if (next.event.kind === 'signal') {
            const moved = await this.#obey(next.event.signal);
            if (moved !== undefined) {
              return moved;
            }
          }
          break;
        case 'keys':
          this.#type(next.bytes);
          break;
        case 'command':
          this.#send(next.bytes);
          break;
        case 'command-end':
          this.#endCommand(next.text);
          break;
        case 'keys-end':
          // The session lasts until the server ends it: the piped input may still be running there.
          break;
      }
    }
  }

  #show(bytes: Uint8Array): void {
    this.#resuming = false;
    const clean = this.#strip(bytes);
    if (this.#command?.feed(clean, () => this.#hold('command', false)) === false) {
      this.#hold('command', true);
    }
    if (this.#command?.shown !== false) {
      this.#client.out(clean);
    }
  }

  #hold(why: 'waiting' | 'command', held: boolean): void {
    this.#held[why] = held;
    this.#joined.link.pause(this.#held.waiting || this.#held.command);
  }

  /** A server that does not read is sent only as much as it takes. */
  #send(bytes: Uint8Array): void {
    if (!this.#joined.link.write(bytes)) {
      this.#holdInput('server', true);
    }
  }

  #holdInput(why: 'server' | 'keys' | 'command', held: boolean): void {
    this.#inputHeld[why] = held;
    const { server, keys, command } = this.#inputHeld;
    this.#around.keyboard.hold(server || keys);
    this.#command?.pause(server || command);
  }

  /** -7 and striphigh: both ways, as in the original. */
  #strip(bytes: Uint8Array): Uint8Array {
    return this.#client.settings.striphigh ? bytes.map((byte) => byte & 0x7f) : bytes;
  }

  #type(bytes: Uint8Array): void {
    const command = this.#command;
    if (command === undefined) {
      this.#send(this.#strip(bytes));
      return;
    }
    for (const byte of bytes) {
      if (byte === CTRL_C || byte === CTRL_BACKSLASH) {
        const signal = byte === CTRL_C ? 'SIGHUP' : 'SIGKILL';
        command.kill(signal);
        this.#say(`[local command sent ${signal} - pid ${command.pid}]`);
      } else if (byte === LETTER_O) {
        command.shown = !command.shown;
        this.#say(`[local command data ${command.shown ? 'on' : 'off'}]`);
      }
    }
  }

  async #obey(signal: WireSignal): Promise<Joined | undefined> {
    switch (signal) {
      case 'suspend':
        this.#suspend();
        return undefined;
      case 'goto':
        return await this.#move();
      case 'exec':
        await this.#startCommand();
        return undefined;
      case 'abort':
        if (this.#command !== undefined) {
          this.#say('[no longer read-write - aborting command]');
          this.#command.kill('SIGHUP');
        }
        return undefined;
    }
  }

  #suspend(): void {
    const { keyboard, terminal, decorate } = this.#around;
    this.#client.out('stop]');
    keyboard.pause();
    terminal?.restore();
    decorate('detach');
    // Returns when we are continued (SIGCONT).
    process.kill(process.pid, 'SIGSTOP');
    decorate('attach');
    terminal?.raw();
    this.#client.out('[press any character to continue');
    this.#resuming = true;
    keyboard.listen(this.#inbox.push);
  }

  async #move(): Promise<Joined | undefined> {
    const { keyboard, terminal, join } = this.#around;
    const { name, link } = this.#joined;
    for (let prompt = 'console: '; ; prompt = '[console: ') {
      const wanted = await promptLine(this.#inbox, prompt, this.#client.out);
      this.#client.out(']\r\n');
      if (wanted === '') {
        this.#client.out(`[returning to \`${name}'`);
        this.#resuming = true;
        link.write('\n');
        return undefined;
      }
      keyboard.pause();
      terminal?.restore();
      const joined = await join(wanted);
      if (joined !== undefined) {
        return joined;
      }
      terminal?.raw();
      keyboard.listen(this.#inbox.push);
    }
  }

  async #startCommand(): Promise<void> {
    const { link } = this.#joined;
    const text = await promptLine(this.#inbox, 'exec: ', this.#client.out);
    this.#client.out(']\r\n');
    if (text === '') {
      link.signal('abort');
      return;
    }
    link.signal('exec');
    if (!(await this.#mayRun())) {
      link.signal('abort');
      this.#say('[no longer read-write - aborting command]');
      return;
    }
    this.#command = new LocalCommand(text, this.#inbox);
    this.#say(`[local command running - pid ${this.#command.pid}]`);
  }

  /** Waits for `[rw]` or `[ro]`, which console output may precede. */
  async #mayRun(): Promise<boolean> {
    let seen = '';
    for (;;) {
      const next = await this.#inbox.next(({ from }) => from === 'server' || from === 'server-end');
      if (next.from !== 'server') {
        this.#inbox.unshift(next);
        return false;
      }
      if (next.event.kind === 'signal') {
        return false;
      }
      seen += next.event.kind === 'data' ? fromBytes(next.event.bytes) : '';
      const answer = /\[(rw|ro)\]\r\n/.exec(seen);
      if (answer !== null) {
        this.#show(toBytes(seen.slice(0, answer.index)));
        this.#inbox.unshift({
          from: 'server',
          event: { kind: 'data', bytes: toBytes(seen.slice(answer.index + answer[0].length)) },
        });
        return answer[1] === 'rw';
      }
      // Keeps no more than a split answer could need.
      const settled = Math.max(0, seen.lastIndexOf('['));
      const keep = seen.length - settled < 6 ? settled : seen.length;
      this.#show(toBytes(seen.slice(0, keep)));
      seen = seen.slice(keep);
    }
  }

  #endCommand(text: string): void {
    if (this.#command !== undefined) {
      this.#joined.link.signal('abort');
      this.#say(`[local command terminated - pid ${this.#command.pid}: ${text}]`);
      this.#command = undefined;
    }
  }

  #say(text: string): void {
    this.#client.out(`${text}\r\n`);
  }
}
