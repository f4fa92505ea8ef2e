/** Where the lines of a pane come from: a session on the console, its log, or what is asked of the server. */

import { AttachClient } from '../../../client/attach-client.ts';
import type { ConsoleDetail, EventInfo } from '../../../model/api.ts';
import type { HostClient } from '../../../model/host-port.ts';
import { VisibleLines } from '../../../model/visible-lines.ts';
import { linesOf } from '../../../platform/lines.ts';
import type { Clock, Timer } from '../../../platform/time/clock.ts';
import { clean } from '../text/display.ts';
import { CHUNK_LINES, LONGEST_LINE } from './pane.ts';
import type { News, PaneKind } from './state.ts';

/** Lines are shown together so often: whatever a console prints, this program has little to do. */
const GATHER_MS = 50;
const MOST_GATHERED = 5000;
const EVENTS = 500;
const WHY_EVENTS = 12;

export interface PaneTexts {
  readonly why: (detail: ConsoleDetail, events: readonly EventInfo[]) => readonly string[];
  readonly event: (event: EventInfo) => string;
}

export interface SourceSite {
  readonly client: HostClient;
  readonly clock: Clock;
  readonly tell: (news: News) => void;
  readonly texts: PaneTexts;
}

/** Begins to tell; the result ends it. */
export function openSource(site: SourceSite, kind: PaneKind, console: string, id: number): () => void {
  const lines = new Gathered(site, id);
  if (kind === 'console') {
    return fromConsole(site, console, lines);
  }
  const ended = new AbortController();
  const source = kind === 'log' ? fromLog : kind === 'events' ? fromEvents : fromWhy;
  source(site, console, lines, ended.signal).catch((error: Error) => {
    lines.add(`-- ${error.message} --`);
  });
  return () => {
    ended.abort();
    lines.end();
  };
}

/** Lines that wait to be told. */
class Gathered {
  readonly #site: SourceSite;
  readonly #id: number;
  #lines: string[] = [];
  #timer: Timer | undefined;
  #isFirst = true;
  #done: (() => void)[] = [];
  rest: () => string = () => '';

  constructor(site: SourceSite, id: number) {
    this.#site = site;
    this.#id = id;
  }

  add(line: string): void {
    this.#lines.push(shownLine(line));
    this.soon();
  }

  /** `done`: called when all that there is so far has been told. */
  soon(done?: () => void): void {
    if (done) {
      this.#done.push(done);
    }
    this.#timer ??= this.#site.clock.after(this.#isFirst ? 0 : GATHER_MS, () => this.#tell());
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    if (this.#lines.length >= MOST_GATHERED) {
      await new Promise<void>((resolve) => this.soon(resolve));
    }
  }

  end(): void {
    this.#timer?.cancel();
    this.#done = [];
  }

  #tell(): void {
    const [lines, done] = [this.#lines, this.#done];
    this.#timer = undefined;
    this.#lines = [];
    this.#done = [];
    const anew = this.#isFirst ? { anew: true } : {};
    this.#isFirst = false;
    this.#site.tell({ kind: 'lines', id: this.#id, lines, rest: shownLine(this.rest()), ...anew });
    for (const each of done) {
      each();
    }
  }
}

function shownLine(line: string): string {
  return clean(line.slice(0, LONGEST_LINE));
}

function fromConsole({ client, clock }: SourceSite, console: string, lines: Gathered): () => void {
  const visible = new VisibleLines((line) => lines.add(line));
  const decoder = new TextDecoder();
  lines.rest = () => visible.line;
  const note = (text: string): void => lines.add(`-- ${text} --`);
  const session = new AttachClient(client, console, { write: false }, clock, {
    acknowledges: true,
    output: (bytes, _offset, shown) => {
      visible.feed(decoder.decode(bytes, { stream: true }));
      lines.soon(shown);
    },
    live: () => lines.soon(),
    missed: (bytes) => note(`${bytes} bytes were missed here: the log has them`),
    writer: () => undefined,
    said: note,
    refused: (_code, detail) => note(detail),
    lost: () => note('the server is gone; waiting for it'),
    back: (continued) => note(continued ? 'the server is back; this goes on where it stopped' : 'the server is back'),
    ended: (reason) => note(`ended: ${reason}`),
  });
  session.open({ lines: CHUNK_LINES / 2 }).catch((error: Error) => note(error.message));
  return () => {
    session.close();
    lines.end();
  };
}

async function fromLog({ client }: SourceSite, console: string, lines: Gathered, ended: AbortSignal): Promise<void> {
  for await (const line of linesOf(client.log(console, { tail: CHUNK_LINES, follow: true }, ended))) {
    lines.add(line);
    await lines.room();
  }
}

async function fromEvents(
  { client, texts }: SourceSite,
  console: string,
  lines: Gathered,
  ended: AbortSignal,
): Promise<void> {
  for await (const event of client.followEvents({ console, limit: EVENTS }, ended)) {
    lines.add(texts.event(event));
    await lines.room();
  }
}

async function fromWhy({ client, texts }: SourceSite, console: string, lines: Gathered): Promise<void> {
  const [detail, events] = await Promise.all([
    client.detail(console),
    client.events({ console, limit: WHY_EVENTS, changes: true }),
  ]);
  for (const line of texts.why(detail, events)) {
    lines.add(line);
  }
}

/** The first `most` of the last `tail` lines of a log. */
export async function pastLines(
  client: HostClient,
  console: string,
  tail: number,
  most: number,
): Promise<readonly string[]> {
  const enough = new AbortController();
  const found: string[] = [];
  try {
    for await (const line of linesOf(client.log(console, { tail }, enough.signal))) {
      found.push(shownLine(line));
      if (found.length >= most) {
        break;
      }
    }
  } finally {
    enough.abort();
  }
  return found;
}
