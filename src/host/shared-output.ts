/**
 * The output of consoles in one place: of all of them in one file (`server.unified_log`), of those marked `unloved` on standard
 * output while nobody has their keyboard. It is read only for these.
 */
import type { HostConfig } from '../model/config.ts';
import type { ConsolePort } from '../model/console-port.ts';
import type { HostService } from '../model/host-service.ts';
import { NamedLines } from './named-lines.ts';

/** Takes lines, and never waits. */
export interface LineLog {
  append(line: Uint8Array): void;
  close(): Promise<void>;
}

export interface SharedOutputParts {
  /** Opens the file of all consoles; obstacles are reported elsewhere. */
  readonly openLog: (path: string) => LineLog;
  /** A line for standard output. */
  readonly unloved: (line: Uint8Array) => void;
}

interface Followed {
  readonly console: ConsolePort;
  /** Undefined: its output goes nowhere. */
  stop: (() => void) | undefined;
}

export class SharedOutput implements HostService {
  readonly name = 'shared output';
  readonly #parts: SharedOutputParts;
  readonly #consoles = new Map<string, Followed>();
  #log: { readonly path: string; readonly log: LineLog } | undefined;
  readonly #all = new NamedLines((line) => this.#log?.log.append(line));
  readonly #unloved: NamedLines;

  constructor(parts: SharedOutputParts) {
    this.#parts = parts;
    this.#unloved = new NamedLines(parts.unloved);
  }

  async apply({ server: { unifiedLog: path } }: Pick<HostConfig, 'server'>): Promise<[]> {
    if (path !== this.#log?.path) {
      const before = this.#log;
      this.#log = path === undefined ? undefined : { path, log: this.#parts.openLog(path) };
      await before?.log.close();
      for (const followed of this.#consoles.values()) {
        this.#look(followed);
      }
    }
    return [];
  }

  consoleCame(console: ConsolePort): void {
    const followed: Followed = { console, stop: undefined };
    this.#consoles.set(console.name, followed);
    this.#look(followed);
  }

  consoleChanged({ name }: ConsolePort): void {
    const followed = this.#consoles.get(name);
    if (followed) {
      this.#look(followed);
    }
  }

  consoleWent(name: string): void {
    this.#consoles.get(name)?.stop?.();
    this.#consoles.delete(name);
    this.#all.forget(name);
    this.#unloved.forget(name);
  }

  async close(): Promise<void> {
    for (const { stop } of this.#consoles.values()) {
      stop?.();
    }
    this.#consoles.clear();
    await this.#log?.log.close();
  }

  /** Reads the console, or no longer. */
  #look(followed: Followed): void {
    const { console, stop } = followed;
    const isWanted = this.#log !== undefined || console.config.unloved === true;
    if (!isWanted) {
      stop?.();
      followed.stop = undefined;
    } else if (!stop) {
      followed.stop = console.follow({
        write: (bytes) => {
          this.#add(console, bytes);
          return true;
        },
        missed: (bytes) => this.#add(console, Buffer.from(`\r\n[-- ${bytes} bytes of output missed --]\r\n`)),
      });
    }
  }

  #add({ config, name, registry }: ConsolePort, bytes: Uint8Array): void {
    const written = registry.writer !== undefined;
    if (this.#log) {
      this.#all.add(name, bytes, written);
    }
    if (config.unloved && !written) {
      this.#unloved.add(name, bytes, written);
    }
  }
}
