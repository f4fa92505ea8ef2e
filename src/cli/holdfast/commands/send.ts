import type { ConsoleSummary } from '../../../model/api.ts';
import { conditionOf } from '../../../model/condition.ts';
import { HoldfastError } from '../../../model/errors.ts';
import { text } from '../command/arguments.ts';
import type { Command, Context } from '../command/command.ts';
import { EXIT, exitCodeOf, UsageError } from '../command/exit-codes.ts';
import { REASON_OPTION, reasonFor } from '../parts/reason.ts';
import { hintAtRelease } from '../parts/release-hint.ts';
import { several } from '../parts/select.ts';
import { type Answer, MOST_CHARACTERS, QUIET_MS, type SendRequest, sendLine } from '../parts/send-line.ts';
import { complaint } from '../parts/verb-report.ts';
import { confirmed, SELECTION } from '../parts/verbs.ts';
import { clean, width } from '../text/display.ts';
import { paint } from '../text/styles.ts';
import { parseDuration } from '../text/times.ts';

const TIMEOUT = '10s';
/** Consoles that are typed into at the same time. */
const AT_ONCE = 16;

const CODE: Readonly<Record<Answer['outcome'], number>> = {
  done: EXIT.ok,
  failed: EXIT.failed,
  timedOut: EXIT.timedOut,
  interrupted: EXIT.interrupted,
};

export const send: Command = {
  name: 'send',
  usage: 'NAME or PATTERN ... LINE',
  summary: 'type a line into one console or several, and print what each answers',
  help: `Takes the keyboard of each console for that moment only; where somebody else has it, nothing is typed unless --force. An answer ends with
a prompt (the console's own ready.pattern, or one that ends in >, $, # or %), or after ${QUIET_MS / 1000} s of silence; with --prompt only with that, with --for when that is over. At most ${MOST_CHARACTERS / 1024} KiB of it are kept.
Where nothing comes back at all, that is said. The exit code is that of the first console that has failed: 4 if no prompt came in time.`,
  options: [
    { name: 'prompt', short: 'p', value: 'REGEX', help: 'the answer is over when its last line matches this' },
    { name: 'for', value: 'DURATION', help: 'print what comes during this time' },
    { name: 'timeout', short: 't', value: 'DURATION', help: `wait for the prompt at most this long [${TIMEOUT}]` },
    { name: 'force', short: 'F', help: 'take the keyboard from whoever has it' },
    REASON_OPTION,
    ...SELECTION,
  ],
  completes: 'console',
  lastIsText: true,
  operands: [1, Number.POSITIVE_INFINITY],
  async run(context) {
    const { client, clock, io, values, words } = context;
    const request = requestOf(context);
    const chosen = await several({ ...context, words: words.slice(0, -1) }, 'none');
    if (chosen.length > 1 && !values.yes && io.interactive && !(await confirmed(context, 'send to', chosen))) {
      io.err('nothing was done\n');
      return EXIT.usage;
    }
    const names = chosen.map(({ name }) => name);
    const reason = await reasonFor(context, request.force ? 'force' : 'take', names);
    const interrupted = io.interrupted();
    const answers = new Map<string, Answer>();
    const room = Math.max(...names.map((name) => width(clean(name))));
    const isBlock = chosen.length > 1;
    await inTurns(chosen, async (console) => {
      const answer = isTyping(console)
        ? await sendLine(
            client,
            console.name,
            { ...request, reason, ready: await readyOf(context, console.name, request) },
            clock,
            interrupted,
          )
        : notRunning(console);
      answers.set(console.name, answer);
      if (!values.json) {
        print(context, console.name, answer, isBlock ? room : undefined);
      }
    });
    if (values.json) {
      const all = names.map((name) => ({ name, ...answers.get(name) }));
      io.out(`${JSON.stringify(all, undefined, 2)}\n`);
    }
    const held = names.filter((name) => answers.get(name)?.code === 'HF_HELD');
    await hintAtRelease(context, 'send', held);
    return names.map((name) => codeOf(answers.get(name))).find((code) => code !== EXIT.ok) ?? EXIT.ok;
  },
};

function requestOf({ values, words }: Pick<Context, 'values' | 'words'>): Omit<SendRequest, 'reason'> {
  const line = words.at(-1) ?? '';
  if (words.length < 2 && values.group === undefined) {
    throw new UsageError("send: name a console, a pattern, or --group, then the LINE, as in holdfast send 'vac-*' dbl");
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would be keys, or several lines
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(line)) {
    throw new UsageError('send: the LINE has control characters; it is one line of text, and Enter is added');
  }
  const [prompt, span] = [text(values, 'prompt'), text(values, 'for')];
  if (span !== undefined && (prompt !== undefined || values.timeout !== undefined)) {
    throw new UsageError('send: --for goes without --prompt and --timeout');
  }
  return {
    line,
    prompt: prompt === undefined ? undefined : regexOf(prompt),
    for: span === undefined ? undefined : parseDuration(span, '--for'),
    timeout: parseDuration(text(values, 'timeout') ?? TIMEOUT, '--timeout'),
    force: values.force === true,
  };
}

function regexOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new UsageError(`--prompt: ${(error as Error).message}`);
  }
}

/** By which the console is ready, if an answer may end with it. It is not told to those who may not look at it. */
async function readyOf({ client }: Context, name: string, request: ReturnType<typeof requestOf>) {
  const isAsked = request.prompt === undefined && request.for === undefined;
  return isAsked ? (await client.detail(name).catch(() => undefined))?.readyPattern : undefined;
}

function isTyping({ state }: ConsoleSummary): boolean {
  return state === 'running' || state === 'ready' || state === 'starting';
}

function notRunning(console: ConsoleSummary): Answer {
  const { hold } = console;
  const problem = hold ? `it is held by ${hold.by}: ${hold.reason}` : `it is ${conditionOf(console)}`;
  return { outcome: 'failed', lines: [], problem, code: hold ? 'HF_HELD' : 'HF_NOT_RUNNING' };
}

function codeOf(answer: Answer | undefined): number {
  if (answer === undefined) {
    return EXIT.interrupted;
  }
  return answer.code === undefined ? CODE[answer.outcome] : exitCodeOf(new HoldfastError(answer.code, ''));
}

/** `room`: cells for the name, which then stands before each line. */
function print({ io }: Context, name: string, answer: Answer, room: number | undefined): void {
  const { cut, lines, outcome, problem } = answer;
  const shown = clean(name);
  const prefix =
    room === undefined ? '' : paint(io.color, 'cyan', `${shown}${' '.repeat(Math.max(0, room - width(shown)))} | `);
  io.out(lines.map((line) => `${prefix}${line}\n`).join(''));
  if (cut) {
    io.err(complaint('send', name, `more than ${MOST_CHARACTERS / 1024} KiB; the rest is left out`));
  }
  if (problem !== undefined || outcome === 'interrupted') {
    io.err(complaint('send', name, problem ?? 'not waiting any more; what was typed stays typed'));
  }
}

/** Each once, a bounded number at the same time. */
async function inTurns<T>(all: readonly T[], act: (each: T) => Promise<void>): Promise<void> {
  const rest = all.values();
  const turn = async (): Promise<void> => {
    for (const each of rest) {
      await act(each);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
}
