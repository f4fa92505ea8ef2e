/** Records what people type on one console, by line and person, where that is configured; elsewhere it costs a question for each write. */
import type { ConsoleConfig } from '../model/config.ts';
import type { InputPort } from '../model/input-port.ts';
import type { Principal } from '../model/principal.ts';
import type { Reader } from '../model/subscription.ts';
import { VisibleLines } from '../model/visible-lines.ts';
import { TypedLine } from './typed-line.ts';

export interface InputRecordParts {
  readonly port: InputPort;
  readonly config: () => Pick<ConsoleConfig, 'name' | 'groups'>;
  /** The output from now on, until the returned function is called. */
  readonly follow: (reader: Reader) => () => void;
}

/** Of lines that are not known and follow one another only the first one is told: a file that is pasted has thousands. */
function onceUnknown(tell: (line: string | undefined) => void): (line: string | undefined) => void {
  let isKnown = true;
  return (line) => {
    if (line !== undefined || isKnown) {
      tell(line);
    }
    isKnown = line !== undefined;
  };
}

export class InputRecord {
  readonly #parts: InputRecordParts;
  /** The sessions, with the line that each one types. */
  readonly #sessions = new Map<object, TypedLine | undefined>();
  /** The screen, as far as a line needs it, and how to stop following it. */
  #screen: { readonly lines: VisibleLines; readonly stop: () => void } | undefined;

  constructor(parts: InputRecordParts) {
    this.#parts = parts;
  }

  came(session: object): void {
    this.#sessions.set(session, undefined);
    if (this.#isWanted) {
      this.#watch();
    }
  }

  left(session: object): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) {
      this.#rest();
    }
  }

  typed(session: object, by: Principal, bytes: Uint8Array): void {
    if (!this.#isWanted) {
      this.#rest();
      return;
    }
    const { config, port } = this.#parts;
    const line =
      this.#sessions.get(session) ?? new TypedLine(onceUnknown((text) => port.typed(by, config().name, text)));
    this.#sessions.set(session, line);
    line.take(bytes, this.#watch().line);
  }

  get #isWanted(): boolean {
    return this.#parts.port.recordsInput(this.#parts.config());
  }

  #watch(): VisibleLines {
    this.#screen ??= this.#newScreen();
    return this.#screen.lines;
  }

  #newScreen() {
    const lines = new VisibleLines(() => undefined);
    const decoder = new TextDecoder();
    const stop = this.#parts.follow({
      write: (bytes) => {
        lines.feed(decoder.decode(bytes, { stream: true }));
        return true;
      },
      missed: () => lines.feed('\n'),
    });
    return { lines, stop };
  }

  #rest(): void {
    this.#screen?.stop();
    this.#screen = undefined;
  }
}
