/** One session on a console: reads from a place in the stream, writes while it has the keyboard. */

import type { Backend } from '../model/backend.ts';
import { HoldfastError } from '../model/errors.ts';
import type { AttachHandlers, Attachment } from '../model/host-port.ts';
import type { Principal } from '../model/principal.ts';
import type { Subscription } from '../model/subscription.ts';
import { QuestionFilter } from '../model/terminal-questions.ts';
import type { ProcessConsole } from './process-console.ts';
import type { Entry, SessionRegistry } from './session-registry.ts';

export interface AttachParts {
  readonly console: ProcessConsole;
  readonly backend: Backend;
  readonly registry: SessionRegistry;
  readonly by: Principal;
  readonly from: { readonly lines: number } | { readonly offset: number };
  readonly handlers: AttachHandlers;
  /** Input for the source. */
  readonly type: (bytes: Uint8Array) => void;
}

export async function attach({
  console,
  backend,
  registry,
  by,
  from,
  handlers,
  type,
}: AttachParts): Promise<Attachment> {
  const release = await backend.read('offset' in from ? from.offset : undefined);
  if (registry.closed) {
    release();
    throw new HoldfastError('HF_NO_CONSOLE', 'the console was removed meanwhile');
  }
  const { stream } = console;
  const live = stream.ring.head;
  const wanted = 'offset' in from ? from.offset : stream.startOfLines(from.lines);
  const offset = Math.max(stream.ring.tail, Math.min(live, wanted));
  const waiting = new Set<() => void>();
  let at = offset;
  let over = false;
  // Who continues at an offset has missed what is between, and a program may wait for the answer.
  const past = 'lines' in from && offset < live ? new PastWithoutQuestions(live, handlers.output) : undefined;
  const subscription: Subscription = stream.subscribe(
    {
      write: (bytes) => {
        const start = at;
        at += bytes.length;
        return past ? past.output(bytes, start) : handlers.output(bytes, start);
      },
      missed: (bytes) => {
        at += bytes;
        handlers.missed(bytes);
      },
    },
    offset,
    true,
  );
  const entry: Entry = registry.enter(by, 'read', {
    writerChanged: (writer) => handlers.writer(writer),
    evicted: (reason) => {
      leave();
      handlers.closed(reason);
    },
    tell: (text) => handlers.said?.(text),
  });

  function leave(): void {
    if (over) {
      return;
    }
    over = true;
    stream.leave(subscription);
    for (const action of waiting) {
      console.forget(action);
    }
    registry.leave(entry);
    release();
  }

  // Only when the caller has its attachment: what is there already comes with the next turn.
  setImmediate(() => {
    if (!over) {
      subscription.resume();
    }
  });

  return {
    get session() {
      return entry.info;
    },
    offset,
    live,
    get writer() {
      return registry.writer;
    },
    get sessions() {
      return registry.size;
    },
    take: (force) => registry.take(entry, force),
    release: () => registry.release(entry),
    write: (bytes) => {
      if (!registry.has(entry)) {
        return false;
      }
      registry.heard(entry);
      type(bytes);
      return true;
    },
    get full() {
      return console.full;
    },
    whenRoom: (action) => {
      waiting.add(action);
      console.whenRoom(action);
    },
    resize: (columns, rows) => {
      if (registry.has(entry)) {
        console.resize(columns, rows);
      }
    },
    resume: () => subscription.resume(),
    detach: leave,
  };
}

/** The output of a session that begins with history: what comes before offset `live` asks its terminal nothing. */
class PastWithoutQuestions {
  readonly #live: number;
  readonly #output: AttachHandlers['output'];
  #filter: QuestionFilter | undefined = new QuestionFilter();

  constructor(live: number, output: AttachHandlers['output']) {
    this.#live = live;
    this.#output = output;
  }

  /** A piece of history counts as ending where what was taken ends, so that whoever continues from there misses nothing. */
  output(bytes: Uint8Array, start: number): boolean {
    const filter = this.#filter;
    if (!filter) {
      return this.#output(bytes, start);
    }
    const shown = filter.feed(bytes.subarray(0, Math.max(0, this.#live - start)));
    const end = start + bytes.length;
    if (end < this.#live) {
      return this.#output(shown, end - filter.pending - shown.length);
    }
    this.#filter = undefined;
    const rest = Buffer.concat([shown, filter.end(true)]);
    const room = this.#output(rest, this.#live - rest.length);
    const since = bytes.subarray(Math.max(0, this.#live - start));
    return since.length === 0 ? room : this.#output(since, this.#live);
  }
}
