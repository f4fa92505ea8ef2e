import { ReadStream } from 'node:tty';
import { AttachClient } from '../../../client/attach-client.ts';
import type { ConsoleDetail } from '../../../model/api.ts';
import { HoldfastError } from '../../../model/errors.ts';
import { keyName, parseKey } from '../../../model/key-spec.ts';
import type { ProcessState } from '../../../model/process.ts';
import { AnswerWatch } from '../attach/answer-watch.ts';
import { AttachActs } from '../attach/attach-acts.ts';
import { AttachDialog } from '../attach/attach-dialog.ts';
import { AttachKeys, type KeyAction, keyLines } from '../attach/attach-keys.ts';
import { AttachScreen, holderText } from '../attach/attach-screen.ts';
import { newsText, standingLines, unreadText } from '../attach/attach-standing.ts';
import { RawTerminal } from '../attach/raw-terminal.ts';
import { text, whole } from '../command/arguments.ts';
import type { Command, Context } from '../command/command.ts';
import { EXIT, exitCodeOf, UsageError } from '../command/exit-codes.ts';
import { givenReason, REASON_OPTION, reasonFor, wantedFor } from '../parts/reason.ts';
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

/** After such an answer there is one more to a key that is not sent. */
const REMIND_MS = 1000;
/** Time for an answer to a typed line. */
const ANSWER_MS = 10_000;
const CTRL_C = 0x03;
const CTRL_D = 0x04;

/** States that others may have caused. */
const NEWS: ReadonlySet<ProcessState> = new Set<ProcessState>(['held', 'stopped', 'starting']);
/** More comes of what was asked for. */
const PASSING_STATES: ReadonlySet<ProcessState> = new Set<ProcessState>(['stopping', 'waiting', 'starting']);

interface Wish {
  readonly lines: number;
  /** Code of the key; undefined: there is none. */
  readonly escapeCode: number | undefined;
  readonly lingerMs: number;
  readonly reason: string | undefined;
}

/** Follows one console on this terminal until the user or the server ends it. */
function follow(
  context: Context,
  detail: ConsoleDetail,
  { escapeCode, lines, lingerMs, reason }: Wish,
): Promise<number> {
  const { io, client, clock, values } = context;
  const { name } = detail;
  const { stdin } = process;
  const keyboard = stdin instanceof ReadStream && stdin.isTTY ? stdin : undefined;
  const write = values.write === true;
  const screen = new AttachScreen(
    (data, taken) => io.out(data, taken),
    io.terminal,
    io.color,
    () => io.columns,
  );
  const say = (text: string) => screen.say(text);
  const keys = new AttachKeys(keyboard ? escapeCode : undefined);
  const prefix = keyboard === undefined || escapeCode === undefined ? undefined : keyName(escapeCode);
  const key = (character: string) => (prefix === undefined ? undefined : `${prefix} ${character}`);
  const keyHint = (character: string, what: string) => (prefix === undefined ? '' : `; ${prefix} ${character} ${what}`);
  const helpful = { start: key('s'), hold: key('h') };
  const take = keyHint('t', 'takes the keyboard');
  const force = keyHint('T', 'takes it by force');
  const acts = new AttachActs({
    ...{ client, name, say, holdKey: key('h') ?? '' },
    acting(is) {
      isMine = is;
    },
    wanted: (verb) => wantedFor(client, verb, [name]),
  });
  const dialog = new AttachDialog(screen, clock, (bytes) => typed(bytes));
  const answer = new AnswerWatch(clock, ANSWER_MS, () =>
    say(`nothing has come back for ${ANSWER_MS / 1000} s: it is busy with this, or it hangs`),
  );
  let last = '';
  /** Somebody else has the keyboard. */
  let taken = false;
  let told = false;
  let reminded = Number.NEGATIVE_INFINITY;
  let gone = false;
  let state: ProcessState | undefined;
  /** Its state changes were requested here. */
  let isMine = false;
  let over = false;
  const { promise, resolve, reject } = Promise.withResolvers<number>();

  const session = new AttachClient(client, name, { write, reason }, clock, {
    output(bytes, _offset, shown) {
      answer.heard(bytes);
      screen.output(bytes, shown);
    },
    acknowledges: true,
    live() {
      const readOnly =
        session.writing || write
          ? ''
          : `, read-only${mayTake() && detail.writer === undefined ? ` (${key('t')} to type)` : ''}`;
      say(`${name}: live from here${readOnly}${prefix === undefined ? '' : `; ${prefix} ? for help`}`);
      standingLines(detail, helpful, io.now()).forEach(say);
      if (!write && session.refusal?.code === 'HF_FORBIDDEN') {
        say(`read-only: ${session.refusal.message}`);
      }
    },
    missed: (bytes) => say(`${bytes} bytes were missed here: 'holdfast logs ${name}' has them`),
    writer(holder, own) {
      const now = holderText(holder, own);
      taken = holder !== undefined && holder.id !== own;
      if (now !== last && !(last === '' && holder === undefined)) {
        say(`${now}${taken && mayTake() ? force : ''}`);
      }
      last = now;
      told = false;
      size();
      listen();
      if (listening) {
        stdin.resume();
      }
    },
    said: say,
    state(next) {
      if (state !== undefined && next !== undefined && next !== state) {
        tellNews(state, next);
      }
      state = next;
      told = false;
      answer.forget();
    },
    refused(code, text) {
      say(`${code === 'HF_FORBIDDEN' ? 'read-only' : 'refused'}: ${text}${code === 'HF_BUSY_KEYBOARD' ? force : ''}`);
      if (!keyboard && write) {
        leave(exitCodeOf(new HoldfastError(code, text)));
      }
    },
    lost() {
      gone = true;
      told = false;
      answer.forget();
      dialog.cancel();
      say('the server is gone; waiting for it');
      if (!keyboard) {
        stdin.pause();
      }
    },
    back(continued) {
      gone = false;
      say(continued ? 'the server is back; this goes on where it stopped' : 'the server is back');
      last = '';
    },
    ended(why, error) {
      leave(error === undefined ? EXIT.ok : exitCodeOf(error), `ended: ${why}`);
    },
  });

  const tellNews = (before: ProcessState, now: ProcessState) => {
    if (!isMine && NEWS.has(now)) {
      void client.detail(name).then(
        (since) => {
          const news = newsText([before, now], since, helpful);
          if (news !== undefined && !over) {
            say(news);
          }
        },
        () => undefined,
      );
    }
    isMine &&= PASSING_STATES.has(now);
  };
  const mayTake = () => prefix !== undefined && session.refusal?.code !== 'HF_FORBIDDEN';
  const size = () => {
    if (process.stdout.isTTY) {
      session.resize(process.stdout.columns, process.stdout.rows);
    }
  };
  const show = () => {
    if (io.env.TERM !== 'dumb') {
      screen.title(`${name} - holdfast`);
    }
  };
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
    over = true;
    session.close();
    answer.forget();
    dialog.cancel();
    process.stdout.off('resize', size);
    screen.finish();
    if (terminal) {
      terminal.leave();
    } else {
      screen.undo();
    }
    if (farewell !== undefined) {
      say(farewell);
    }
    stdin.pause();
    resolve(code);
  };

  const obstacle = () =>
    gone
      ? 'the server is gone'
      : `${last === '' || !mayTake() ? 'this is read-only' : last}${!mayTake() ? '' : taken ? force : take}`;
  const exit = prefix === undefined ? `'kill ${process.pid}' ends this` : `${prefix} d leaves`;

  const input = (bytes: Uint8Array) => {
    if (session.writing) {
      const unread = gone ? undefined : unreadText(state, helpful);
      session.input(bytes);
      if (unread === undefined) {
        answer.asked(bytes);
      } else if (!told) {
        told = true;
        screen.say(unread, true);
      }
      return;
    }
    const quits = [CTRL_C, CTRL_D].find((code) => bytes.includes(code));
    if (quits !== undefined && clock.monotonic() - reminded >= REMIND_MS) {
      reminded = clock.monotonic();
      screen.say(`${keyName(quits)} is not sent, since this is read-only; ${exit}`);
    } else if (quits === undefined && !told) {
      told = true;
      screen.say(`not sent: ${obstacle()}`, true);
    }
  };

  const takeKeyboard = (isForced: boolean) =>
    dialog.settle(async (ask) => {
      const why = reason ?? (await acts.whyTake(isForced ? 'force' : 'take', ask));
      if (why !== false) {
        session.take(isForced, why);
      }
    });

  const settle = (what: 'start' | 'restart' | 'hold') => void dialog.settle((ask) => acts.act(what, ask));

  const act = (action: KeyAction) => {
    switch (action.kind) {
      case 'input':
        input(action.bytes);
        break;
      case 'take':
      case 'force':
        void takeKeyboard(action.kind === 'force');
        break;
      case 'release':
        session.release();
        break;
      case 'start':
      case 'restart':
      case 'hold':
        settle(action.kind);
        break;
      case 'detach':
        screen.drop();
        leave(EXIT.ok, `detached from ${name}`);
        break;
      case 'help':
        say(`after ${prefix}:`);
        keyLines(prefix ?? '').forEach(say);
        break;
      case 'unknown':
        say(`${prefix} ${keyName(action.key)} means nothing; ${prefix} ? for help`);
    }
  };

  const typed = (bytes: Uint8Array) => {
    for (let left = bytes; left.length > 0; ) {
      if (dialog.isOpen) {
        dialog.feed(left);
        return;
      }
      const [action, rest] = keys.take(left);
      left = rest;
      if (action) {
        act(action);
      }
    }
  };

  let begun = false;
  let listening = false;
  // Piped input waits until it may be sent; a person sees who has the keyboard.
  const listen = () => {
    if (begun && !listening && (keyboard || (write && session.writing))) {
      listening = true;
      stdin.on('data', typed);
      stdin.on('end', () => clock.after(lingerMs, () => leave(EXIT.ok)));
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
    io.interrupted().addEventListener('abort', () => leave(EXIT.ok));
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
  help: `Shows the history first, then live output. Read-only by default. Inside, ${ESCAPE} and then
${keyLines(ESCAPE)
  .map((line) => `  ${line}`)
  .join('\n')}
What stops the process is asked about first; so is the reason, where [access] wants one.
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
    const lingerMs = lingerText === undefined ? LINGER : parseDuration(lingerText, '--linger');
    const name = await one(context, words[0] as string);
    const reason = values.write === true ? await reasonFor(context, 'take', [name]) : givenReason(context);
    return follow(context, await context.client.detail(name), { lines, escapeCode, lingerMs, reason });
  },
};
