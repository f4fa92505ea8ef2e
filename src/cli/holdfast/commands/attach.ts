import { ReadStream } from 'node:tty';
import { HoldfastError } from '../../../model/errors.ts';
import { keyName, parseKey } from '../../../model/key-spec.ts';
import { AttachClient } from '../attach/attach-client.ts';
import { AttachKeys, type KeyAction } from '../attach/attach-keys.ts';
import { AttachScreen, holderText } from '../attach/attach-screen.ts';
import { RawTerminal } from '../attach/raw-terminal.ts';
import { text, whole } from '../command/arguments.ts';
import type { Command, Context } from '../command/command.ts';
import { EXIT, exitCodeOf, UsageError } from '../command/exit-codes.ts';
import { givenReason, REASON_OPTION, reasonFor } from '../parts/reason.ts';
import { one } from '../parts/select.ts';
import { parseDuration } from '../text/times.ts';

const LINES = 50;
const LINGER = 1000;
const ESCAPE = '^]';

function escapeKey(spec: string): number | undefined {
  const key = spec === 'none' ? undefined : parseKey(spec);
  if (key !== undefined && key >= 0x20 && key !== 0x7f) {
    throw new UsageError(`--escape: '${spec}' is not a control key; write one as ^] or ^A, or none`);
  }
  return key;
}

/** Follows one console on this terminal until the user or the server ends it. */
function follow(
  context: Context,
  name: string,
  lines: number,
  escapeCode: number | undefined,
  linger: number,
  reason: string | undefined,
): Promise<number> {
  const { io, client, clock, values } = context;
  const { stdin } = process;
  const keyboard = stdin instanceof ReadStream && stdin.isTTY ? stdin : undefined;
  const write = values.write === true;
  const screen = new AttachScreen((data, taken) => io.out(data, taken), io.terminal, io.color);
  const keys = new AttachKeys(keyboard ? escapeCode : undefined);
  const prefix = escapeCode === undefined ? '' : keyName(escapeCode);
  const keyHint = (key: string, what: string) => (prefix === '' ? '' : `; ${prefix} ${key} ${what}`);
  const hint = keyHint('?', 'for help');
  const take = keyHint('t', 'takes the keyboard');
  const force = keyHint('T', 'takes it by force');
  let last = '';
  /** Somebody else has the keyboard. */
  let taken = false;
  let told = false;
  let gone = false;
  const { promise, resolve, reject } = Promise.withResolvers<number>();

  const session = new AttachClient(client, name, { write, reason }, clock, {
    output: (bytes, _offset, shown) => screen.output(bytes, shown),
    acknowledges: true,
    live: () => screen.say(`${name}: live from here${session.writing || write ? '' : ', read-only'}${hint}`),
    missed: (bytes) => screen.say(`${bytes} bytes were missed here: 'holdfast logs ${name}' has them`),
    writer(holder, own) {
      const now = holderText(holder, own);
      if (now !== last && !(last === '' && holder === undefined)) {
        screen.say(now);
      }
      last = now;
      taken = holder !== undefined && holder.id !== own;
      told = false;
      size();
      listen();
      if (listening) {
        stdin.resume();
      }
    },
    said: (text) => screen.say(text),
    refused(code, detail) {
      screen.say(
        `${code === 'HF_FORBIDDEN' ? 'read-only' : 'refused'}: ${detail}${code === 'HF_BUSY_KEYBOARD' && keyboard ? force : ''}`,
      );
      if (!keyboard && write) {
        leave(exitCodeOf(new HoldfastError(code, detail)));
      }
    },
    lost() {
      gone = true;
      told = false;
      screen.say('the server is gone; waiting for it');
      if (!keyboard) {
        stdin.pause();
      }
    },
    back(continued) {
      gone = false;
      screen.say(continued ? 'the server is back; this goes on where it stopped' : 'the server is back');
      last = '';
    },
    ended(reason, error) {
      leave(error === undefined ? EXIT.ok : exitCodeOf(error), `ended: ${reason}`);
    },
  });

  const size = () => {
    if (process.stdout.isTTY) {
      session.resize(process.stdout.columns, process.stdout.rows);
    }
  };
  const show = () => screen.title(`${name} - holdfast`);
  const terminal =
    keyboard &&
    new RawTerminal(
      keyboard,
      () => screen.undo(),
      () => {
        show();
        size();
      },
    );

  /** Prints the farewell where it stays visible: not on the alternate screen, nor in another character set. */
  const leave = (code: number, farewell?: string) => {
    session.close();
    process.stdout.off('resize', size);
    screen.finish();
    if (terminal) {
      terminal.leave();
    } else {
      screen.undo();
    }
    if (farewell !== undefined) {
      screen.say(farewell);
    }
    stdin.pause();
    resolve(code);
  };

  const obstacle = () =>
    gone ? 'the server is gone' : `${last === '' ? 'this is read-only' : last}${taken ? force : take}`;

  const act = (action: KeyAction) => {
    switch (action.kind) {
      case 'input':
        if (session.writing) {
          session.input(action.bytes);
        } else if (!told) {
          told = true;
          screen.say(`not sent: ${obstacle()}`, true);
        }
        break;
      case 'take':
      case 'force':
        session.take(action.kind === 'force');
        break;
      case 'release':
        session.release();
        break;
      case 'detach':
        screen.drop();
        leave(EXIT.ok, `detached from ${name}`);
        break;
      case 'help':
        screen.say(
          `${prefix} then: t take the keyboard, T take it by force, r release it, s send ${prefix}, d or . or ${prefix} detach`,
        );
        break;
      case 'unknown':
        screen.say(`${prefix} ${keyName(action.key)} means nothing; ${prefix} ? for help`);
    }
  };

  let begun = false;
  let listening = false;
  // Piped input waits until it may be sent; a person sees who has the keyboard.
  const listen = () => {
    if (begun && !listening && (keyboard || (write && session.writing))) {
      listening = true;
      stdin.on('data', (bytes: Buffer) => keys.feed(bytes).forEach(act));
      stdin.on('end', () => clock.after(linger, () => leave(EXIT.ok)));
    }
  };

  const begin = () => {
    if (keyboard) {
      show();
    }
    process.stdout.on('resize', size);
    size();
    begun = true;
    listen();
    io.interrupted.addEventListener('abort', () => leave(EXIT.ok));
  };
  // Raw mode comes before the first byte is shown: the terminal's replies to queries in the history must not be echoed.
  terminal?.enter();
  session.open({ lines }, begin).catch((error) => {
    terminal?.leave();
    reject(error);
  });
  return promise;
}

export const attach: Command = {
  name: 'attach',
  usage: 'NAME [--write]',
  summary: 'look at a console, and type into it with --write or after ^] t',
  help: `Shows the history first, then live output. Read-only by default. Inside, ^] and then
  t  take the keyboard, if nobody has it        T  take it by force
  r  release it                                 s  send ^] itself
  d  detach (also . and ^])                     ?  this list
The size of your window is passed on only while you have the keyboard. On a slow line, ^C, ^Z and ^\\ discard the output that
waits to be shown. When the server restarts, this waits for it and continues where it stopped. With --write and
standard input from a pipe, the input is sent, then --linger passes.`,
  options: [
    { name: 'write', short: 'w', help: 'ask for the keyboard at once' },
    { ...REASON_OPTION, help: 'why the keyboard is taken: as for restart' },
    { name: 'lines', short: 'n', value: 'N', help: `lines of history [${LINES}]` },
    {
      name: 'escape',
      short: 'e',
      value: 'KEY',
      help: `key that begins a command, such as ^A, or none [${ESCAPE}]`,
    },
    { name: 'linger', value: 'DURATION', help: 'stay this long after the end of piped input [1s]' },
  ],
  completes: 'console',
  operands: [1, 1],
  async run(context) {
    const { values, words } = context;
    const lines = whole(values, 'lines') ?? LINES;
    const escapeCode = escapeKey(text(values, 'escape') ?? ESCAPE);
    const lingerText = text(values, 'linger');
    const linger = lingerText === undefined ? LINGER : parseDuration(lingerText, '--linger');
    const name = await one(context, words[0] as string);
    const reason = values.write === true ? await reasonFor(context, 'take', [name]) : givenReason(context);
    return follow(context, name, lines, escapeCode, linger, reason);
  },
};
