/** `holdfast top` on a terminal: it hands news to the model, draws what comes of them, and does what is asked for. */
import { spawn } from 'node:child_process';
import type { ReadStream } from 'node:tty';
import { Uses } from '../../../client/uses.ts';
import { WatchFeed } from '../../../client/watch-feed.ts';
import { byUrgency } from '../../../model/condition.ts';
import type { Timer } from '../../../platform/time/clock.ts';
import { RawTerminal } from '../attach/raw-terminal.ts';
import type { Context } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { wantedFor } from '../parts/reason.ts';
import { withLocalTimes } from '../text/times.ts';
import { Frames } from './frames.ts';
import { ENTER, LEAVE, TerminalGuard } from './guard.ts';
import { KeyReader } from './keys.ts';
import type { Looks } from './looks.ts';
import { openSource, type PaneTexts, pastLines } from './pane-source.ts';
import { type Intent, type News, type Request, type Top, topOf } from './state.ts';
import { step } from './step.ts';
import { screenOf } from './view.ts';

const SECOND_MS = 1000;
/** After an escape: a key sends the rest of its sequence at once, even over a slow line. */
const ESCAPE_MS = 100;
const USAGE_MS = 5000;
/** Another pane is opened when the list has stopped moving. */
const OPEN_MS = 80;
/** Consoles that are acted on at once. */
const AT_ONCE = 16;

export class TopApp {
  readonly #context: Context;
  readonly #texts: PaneTexts;
  readonly #looks: Looks;
  readonly #input: ReadStream;
  readonly #terminal: RawTerminal;
  readonly #frames = new Frames();
  readonly #keys = new KeyReader();
  readonly #over = new AbortController();
  readonly #uses: Uses;
  #guard: TerminalGuard | undefined;
  #state: Top;
  /** Not while another program has the terminal. */
  #isShown = false;
  #isWriting = false;
  #soon: NodeJS.Immediate | undefined;
  #tick: Timer | undefined;
  #escape: Timer | undefined;
  #usage: Timer | undefined;
  #opening: Timer | undefined;
  #closePane: () => void = () => undefined;

  constructor(context: Context, input: ReadStream, unicode: boolean, texts: PaneTexts) {
    const { io, host } = context;
    this.#context = context;
    this.#input = input;
    this.#texts = texts;
    this.#uses = new Uses(context.client, context.clock);
    this.#looks = { color: io.color, unicode, host };
    this.#state = topOf(io.columns, io.rows, io.now());
    this.#terminal = new RawTerminal(
      input,
      () => this.#givenBack(),
      () => this.#taken(),
    );
  }

  /** Until the user leaves. Rejects, with the terminal as it was, if there is no server to begin with. */
  async run(): Promise<number> {
    const { client, clock } = this.#context;
    const feed = new WatchFeed(client, clock);
    try {
      for await (const _ of feed.follow(this.#over.signal)) {
        if (!this.#tick) {
          await this.#begin();
        }
        const consoles = [...feed.table.consoles].sort(byUrgency);
        this.#tell(feed.lost ? { kind: 'lost' } : { kind: 'table', consoles });
      }
    } finally {
      this.#end();
    }
    return EXIT.ok;
  }

  async #begin(): Promise<void> {
    this.#guard = await TerminalGuard.start();
    process.stdout.on('resize', this.#resized);
    this.#show();
    this.#nextTick();
  }

  #end(): void {
    this.#over.abort();
    for (const timer of [this.#tick, this.#escape, this.#usage, this.#opening]) {
      timer?.cancel();
    }
    this.#closePane();
    process.stdout.off('resize', this.#resized);
    this.#hide();
    this.#guard?.end();
  }

  #show(): void {
    this.#input.on('data', this.#typed);
    this.#terminal.enter();
    this.#taken();
    this.#input.resume();
  }

  #hide(): void {
    this.#input.off('data', this.#typed);
    this.#input.pause();
    this.#terminal.leave();
  }

  #taken(): void {
    this.#isShown = true;
    this.#guard?.tell('in');
    this.#frames.forget();
    this.#context.io.out(ENTER);
    this.#resized();
  }

  #givenBack(): void {
    this.#isShown = false;
    this.#context.io.out(LEAVE);
    this.#guard?.tell('out');
  }

  readonly #resized = (): void => {
    const { columns, rows } = this.#context.io;
    this.#frames.forget();
    this.#tell({ kind: 'size', columns, rows });
  };

  readonly #typed = (bytes: Buffer): void => {
    this.#escape?.cancel();
    for (const key of this.#keys.feed(bytes)) {
      this.#tell({ kind: 'key', key });
    }
    if (this.#keys.waits) {
      this.#escape = this.#context.clock.after(ESCAPE_MS, () => {
        for (const key of this.#keys.flush()) {
          this.#tell({ kind: 'key', key });
        }
      });
    }
  };

  #nextTick(): void {
    const wait = SECOND_MS - (this.#context.io.now() % SECOND_MS);
    this.#tick = this.#context.clock.after(wait, () => {
      this.#tell({ kind: 'tick' });
      this.#nextTick();
    });
  }

  #tell(news: News): void {
    if (this.#over.signal.aborted) {
      return;
    }
    const { state, requests } = step(this.#state, news, this.#context.io.now());
    this.#state = state;
    this.#drawSoon();
    for (const request of requests) {
      this.#do(request);
    }
  }

  #drawSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#draw();
    });
  }

  /** On a slow line the next frame is made when the last one has been taken. */
  #draw(): void {
    if (!this.#isShown || this.#isWriting || this.#over.signal.aborted) {
      return;
    }
    const frame = this.#frames.next(screenOf(this.#state, this.#looks));
    if (frame !== '') {
      this.#isWriting = true;
      this.#context.io.out(frame, () => {
        this.#isWriting = false;
        this.#drawSoon();
      });
    }
  }

  #do(request: Request): void {
    const { clock } = this.#context;
    switch (request.kind) {
      case 'open':
        this.#opening?.cancel();
        this.#closePane();
        this.#closePane = () => undefined;
        this.#opening = clock.after(OPEN_MS, () => {
          const site = { ...this.#context, tell: (news: News) => this.#tell(news), texts: this.#texts };
          this.#closePane = openSource(site, request.pane, request.console, request.id);
        });
        break;
      case 'close':
        this.#opening?.cancel();
        this.#closePane();
        this.#closePane = () => undefined;
        break;
      case 'past':
        void this.#past(request);
        break;
      case 'wanted':
        void this.#ask(request.intent);
        break;
      case 'act':
        void this.#act(request.intent, request.reason);
        break;
      case 'attach':
        void this.#attach(request.console, request.write);
        break;
      case 'usage':
        this.#usage?.cancel();
        if (request.on) {
          void this.#look();
        }
        break;
      case 'redraw':
        this.#frames.forget();
        break;
      case 'suspend':
        // As the terminal does it: to all processes of the job.
        process.kill(0, 'SIGTSTP');
        break;
      case 'leave':
        this.#over.abort();
    }
  }

  async #past({ console, id, tail, most }: Extract<Request, { kind: 'past' }>): Promise<void> {
    try {
      this.#tell({ kind: 'past', id, lines: await pastLines(this.#context.client, console, tail, most) });
    } catch (error) {
      this.#tell({ kind: 'pastFailed', id, text: (error as Error).message });
    }
  }

  async #ask(intent: Intent): Promise<void> {
    try {
      const wanted = await wantedFor(this.#context.client, intent.verb, intent.targets);
      // Where no rule gives the right, the server says so in its own words.
      this.#tell({ kind: 'wanted', intent, wanted: wanted === 'forbidden' ? undefined : wanted });
    } catch (error) {
      this.#tell({ kind: 'said', text: `${intent.verb}: ${(error as Error).message}`, bad: true });
    }
  }

  async #act(intent: Intent, reason: string | undefined): Promise<void> {
    const { client } = this.#context;
    const { verb, targets } = intent;
    const refused: { name: string; text: string }[] = [];
    for (let at = 0; at < targets.length; at += AT_ONCE) {
      await Promise.all(
        targets.slice(at, at + AT_ONCE).map(async (name) => {
          try {
            await (verb === 'hold' ? client.hold(name, reason ?? '', undefined) : client[verb](name, reason));
          } catch (error) {
            refused.push({ name, text: withLocalTimes((error as Error).message) });
          }
        }),
      );
    }
    this.#tell({ kind: 'done', intent, refused });
  }

  async #look(): Promise<void> {
    const { clock } = this.#context;
    try {
      await this.#uses.look();
      this.#tell({ kind: 'usage', found: this.#uses.now });
    } catch (error) {
      this.#tell({ kind: 'said', text: (error as Error).message, bad: true });
    }
    if (this.#state.usage && !this.#over.signal.aborted) {
      this.#usage = clock.after(USAGE_MS, () => void this.#look());
    }
  }

  /** Another process of this program has the terminal until it ends. */
  async #attach(console: string, write: boolean): Promise<void> {
    const { socket, host } = this.#context;
    const where = host === undefined ? ['--socket', socket] : ['--host', host];
    const [, bundle = '', launcher = ''] = process.argv;
    const words = ['attach', ...(write ? ['--write'] : []), ...where, '--', console];
    this.#hide();
    const child = spawn(process.execPath, [...process.execArgv, bundle, launcher, ...words], {
      stdio: ['inherit', 'inherit', 'pipe'],
    });
    const end = () => child.kill();
    process.on('SIGTERM', end);
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said = `${said}${bytes}`.slice(-1000);
    });
    const code = await new Promise((resolve) => {
      child.once('error', (error) => {
        said = error.message;
        resolve(1);
      });
      child.once('close', resolve);
    });
    process.off('SIGTERM', end);
    if (this.#over.signal.aborted) {
      return;
    }
    this.#show();
    if (code !== 0 && said.trim() !== '') {
      this.#tell({ kind: 'said', text: said.trim().replaceAll('\n', '; '), bad: true });
    }
  }
}
