/** Types a line into one console, with the keyboard for that moment only, and gathers what it answers. */
import type { ErrorCode } from '../../../model/errors.ts';
import { HoldfastError } from '../../../model/errors.ts';
import type { ClientSession, HostClient } from '../../../model/host-port.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';
import { LineAssembler } from '../attach/line-assembler.ts';
import { clean } from '../text/display.ts';

/** Of an answer; the rest is left out. Characters. */
export const MOST_CHARACTERS = 64 * 1024;
/** A prompt is the end only if nothing follows it for this long. Milliseconds. */
const SETTLE_MS = 100;
/** An echo comes within this time, or there is none. Milliseconds. */
const ECHO_MS = 200;
/** Without any prompt, so much silence is the end. Milliseconds. */
export const QUIET_MS = 2000;
const SILENCE = `nothing has come back for ${QUIET_MS / 1000} s: it is busy, or it hangs`;
/** The usual prompts of a program that waits for a line: `epics> `, `$ `, `ioc:3# `. */
const PROMPT = /[>$#%] ?$/;

export interface SendRequest {
  readonly line: string;
  /** At the end of the answer; undefined: one of the usual ones, or silence. */
  readonly prompt: RegExp | undefined;
  /** Of the console: the usual prompts, and this one where nothing follows it in its line. */
  readonly ready?: string | undefined;
  /** Milliseconds: so long everything is an answer. */
  readonly for: number | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly force: boolean;
  readonly reason: string | undefined;
}

export interface Answer {
  readonly outcome: 'done' | 'failed' | 'timedOut' | 'interrupted';
  readonly lines: readonly string[];
  readonly problem?: string;
  /** Of the error that `problem` tells of. */
  readonly code?: ErrorCode;
  /** There was more. */
  readonly cut?: true;
}

export function sendLine(
  client: Pick<HostClient, 'enter'>,
  name: string,
  request: SendRequest,
  clock: Clock,
  interrupted: AbortSignal,
): Promise<Answer> {
  return new Sending(request, clock).run(client, name, interrupted);
}

class Sending {
  readonly #request: SendRequest;
  readonly #clock: Clock;
  readonly #lines: string[] = [];
  readonly #assembler = new LineAssembler((line) => this.#lines.push(line));
  readonly #answer = Promise.withResolvers<Answer>();
  readonly #isPrompt: (line: string) => boolean;
  readonly #decoder = new TextDecoder();
  /** Since the last line end. */
  #last = '';
  #length = 0;
  #isTyped = false;
  /** The line is there, but not its Enter. */
  #echo: Timer | undefined;
  #isForced = false;
  #session: ClientSession | undefined;
  #limit: Timer | undefined;
  #end: Timer | undefined;

  constructor(request: SendRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
    this.#isPrompt = promptOf(request);
  }

  async run(client: Pick<HostClient, 'enter'>, name: string, interrupted: AbortSignal): Promise<Answer> {
    const { reason, timeout } = this.#request;
    const leave = (): void => this.#over('interrupted');
    interrupted.addEventListener('abort', leave, { once: true });
    this.#limit = this.#clock.after(timeout, () => this.#late());
    this.#session = client.enter(
      name,
      { from: { lines: 0 }, mode: 'write', reason },
      {
        entered: () => this.#type(),
        refused: (error) => this.#fail(error),
        denied: (error) => this.#denied(error),
        output: (bytes) => {
          this.#output(bytes);
          return true;
        },
        missed: () => undefined,
        writer: () => this.#type(),
        said: () => undefined,
        room: () => undefined,
        closed: (why) => this.#over('failed', why),
      },
    );
    if (interrupted.aborted) {
      leave();
    }
    try {
      return await this.#answer.promise;
    } finally {
      interrupted.removeEventListener('abort', leave);
      this.#limit.cancel();
      this.#end?.cancel();
      this.#echo?.cancel();
      this.#session.leave();
    }
  }

  #type(): void {
    const session = this.#session;
    if (this.#isTyped || !session || session.writer === undefined || session.writer.id !== session.info.id) {
      return;
    }
    this.#isTyped = true;
    const { line } = this.#request;
    session.write(Buffer.from(line));
    // The audit records what was visible when Enter came: a line and its Enter in one piece would look like a password.
    this.#echo = this.#clock.after(line === '' ? 0 : ECHO_MS, () => this.#enter());
  }

  #enter(): void {
    this.#echo?.cancel();
    this.#echo = undefined;
    this.#session?.write(Buffer.from('\r'));
    const { for: span } = this.#request;
    if (span === undefined) {
      this.#awaitQuiet();
    } else {
      this.#limit?.cancel();
      this.#endAfter(span);
    }
  }

  #denied(error: HoldfastError): void {
    if (error.code === 'HF_BUSY_KEYBOARD' && this.#request.force && !this.#isForced) {
      this.#isForced = true;
      this.#session?.take(true, this.#request.reason);
    } else {
      this.#fail(error);
    }
  }

  #output(bytes: Uint8Array): void {
    if (!this.#isTyped) {
      return;
    }
    this.#assembler.feed(bytes);
    const text = this.#decoder.decode(bytes, { stream: true });
    this.#length += text.length;
    this.#last = `${this.#last}${text}`.split('\n').at(-1)?.slice(-1000) ?? '';
    if (this.#echo) {
      if (clean(this.#last).endsWith(clean(this.#request.line))) {
        this.#enter();
      }
    } else if (this.#length > MOST_CHARACTERS) {
      this.#over('done', undefined, true);
    } else if (this.#request.for === undefined) {
      if (this.#isPrompt(clean(this.#last))) {
        this.#endAfter(SETTLE_MS);
      } else {
        this.#awaitQuiet();
      }
    }
  }

  #awaitQuiet(): void {
    this.#end?.cancel();
    if (this.#request.prompt === undefined) {
      this.#end = this.#clock.after(QUIET_MS, () => this.#quiet());
    }
  }

  /** There was no prompt. Not even an answer may be normal for a device, but not for a shell. */
  #quiet(): void {
    this.#assembler.flush();
    const isSilent = answerOf(this.#lines.map(clean), this.#request, this.#isPrompt).every(
      (line) => line.trim() === '',
    );
    this.#over('done', isSilent ? SILENCE : undefined);
  }

  #endAfter(milliseconds: number): void {
    this.#end?.cancel();
    this.#end = this.#clock.after(milliseconds, () => this.#over('done'));
  }

  #late(): void {
    this.#over(
      'timedOut',
      this.#isTyped ? 'the line was typed, but no prompt came in time' : 'it did not answer in time',
    );
  }

  #fail(error: Error): void {
    this.#answer.resolve({
      outcome: 'failed',
      lines: [],
      problem: error.message,
      ...(error instanceof HoldfastError ? { code: error.code } : {}),
    });
  }

  #over(outcome: Answer['outcome'], problem?: string, cut = false): void {
    this.#assembler.flush();
    this.#answer.resolve({
      outcome,
      lines: answerOf(this.#lines.map(clean), this.#request, this.#isPrompt),
      ...(problem === undefined ? {} : { problem }),
      ...(cut ? { cut } : {}),
    });
  }
}

/** Whether a line is what waits for the next one. Most of what a console says when it is ready it says once, and ends the line. */
function promptOf({ prompt, ready }: SendRequest): (line: string) => boolean {
  if (prompt) {
    return (line) => prompt.test(line);
  }
  const own = ready === undefined ? undefined : new RegExp(`(?:${ready})\\s*$`);
  return (line) => PROMPT.test(line) || (line !== '' && own?.test(line) === true);
}

/** Without the echo of the line before it, and the prompt after it. */
function answerOf(
  lines: readonly string[],
  { line, for: span }: SendRequest,
  isPrompt: (line: string) => boolean,
): readonly string[] {
  const [first, ...others] = lines;
  const answer = first !== undefined && line !== '' && first.trimEnd().endsWith(clean(line).trimEnd()) ? others : lines;
  const last = answer.at(-1);
  const hasPrompt = span === undefined && last !== undefined && isPrompt(last);
  return hasPrompt ? answer.slice(0, -1) : answer;
}
