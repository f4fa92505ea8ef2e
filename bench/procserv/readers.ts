import { ask, Program } from '../lib/process.ts';
import type { Settings } from '../lib/suite.ts';

/** The counts of one client of `bench/native/read.c`; bytes and seconds of the measured window only. */
export type ClientReport = {
  bytes: number;
  seconds: number;
  lines: number;
  skipped: number;
  damaged: number;
  /** From the go to the last line. */
  lastMs: number;
};

/** `cpu`: seconds of processor time that the reading program itself took in the window. */
export type ReadReport = { cpu: number; clients: ClientReport[] };

export type ReadOptions = {
  /** Characters of a line without its line feed, as given to flood.c. */
  length: number;
  clients?: number;
  /** Clients that connect before the others and never read. */
  deaf?: number;
  /** Ends when every client has seen this many lines. */
  lines?: number;
  /** Ends this long after the start of the flood, not counting the first `warmup`; seconds. */
  window?: { warmup: number; seconds: number };
};

function words(address: string, options: ReadOptions): string[] {
  const { clients = 1, deaf = 0, length, lines = 0, window = { warmup: 0, seconds: 0 } } = options;
  return [address, ...[clients, deaf, length, lines, window.warmup, window.seconds, 60].map(String)];
}

/** Clients that read everything, attached and waiting for `go()`. */
export class Readers {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async attach(settings: Settings, address: string, options: ReadOptions): Promise<Readers> {
    const program = new Program(settings.native('read'), words(address, options));
    await program.line();
    return new Readers(program);
  }

  /** Opens the gate of flood.c. */
  go(): void {
    this.#program.send('\n');
  }

  /** Resolves when the first client has read both notices of the child's death. */
  async dead(): Promise<void> {
    await this.#program.line();
  }

  async report(): Promise<ReadReport> {
    const line = await this.#program.line();
    const report = line === 'dead' ? await this.#program.line() : line;
    await this.#program.ended;
    return JSON.parse(report) as ReadReport;
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}

/** Checks the lines of a log in the same way. */
export async function checkLog(settings: Settings, path: string, length: number): Promise<ClientReport> {
  const report = await ask<ReadReport>(settings.native('read'), words(`file:${path}`, { length }));
  const [log] = report.clients;
  if (log === undefined) {
    throw new Error(`bench: no report on ${path}`);
  }
  return log;
}
