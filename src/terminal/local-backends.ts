/** The consoles of a server that keeps their terminals and logs itself, without a holder: `bin/conserver`. */
import type { Backend, Backends } from '../model/backend.ts';
import type { KeptConsole, LogSpec } from '../model/holder-protocol.ts';
import type { MemoryBudget } from '../model/memory-budget.ts';
import type { Resources } from '../model/resources.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { ChildKernel } from './child-kernel.ts';
import { LocalBackend } from './local-backend.ts';
import type { LogWriter } from './log-writer.ts';

export interface LocalBackendsParts {
  readonly clock: Clock;
  /** Bytes of output kept for each console with or without readers. */
  readonly keepBytes: number;
  readonly writer: LogWriter;
  /** Of all consoles: memory for lagging readers, and for output that waits for the disk. */
  readonly budget?: MemoryBudget;
  /** Absent: that of this machine. */
  readonly kernel?: ChildKernel;
}

export class LocalBackends implements Backends {
  readonly #parts: LocalBackendsParts;
  readonly #backends = new Map<string, LocalBackend>();
  readonly endWithServer = true;
  /** Nothing here can fail to answer. */
  readonly silence = undefined;
  #lastId = 0;

  constructor(parts: LocalBackendsParts) {
    this.#parts = parts;
  }

  /** Always a new one: nothing is left of an earlier server. */
  openBackend(
    name: string,
    log: LogSpec | undefined,
    logTrouble: (message: string) => void,
  ): { readonly backend: Backend; readonly kept: Promise<KeptConsole> } {
    const { writer, ...parts } = this.#parts;
    const backend = new LocalBackend({
      ...parts,
      logs: { writer, tell: logTrouble },
      gone: () => {
        if (this.#backends.get(name) === backend) {
          this.#backends.delete(name);
        }
      },
    });
    backend.changeLog(log);
    this.#backends.set(name, backend);
    return { backend, kept: Promise.resolve({ id: ++this.#lastId, name, head: 0, memo: '' }) };
  }

  async refreshLines(): Promise<void> {
    // They are always current.
  }

  async resources(): Promise<ReadonlyMap<string, Resources>> {
    const running = [...this.#backends].filter(([, { pid }]) => pid !== undefined);
    return new Map(running.map(([name, { resourcesNow }]) => [name, resourcesNow]));
  }

  async mustAnswer(): Promise<void> {
    // It does.
  }

  /** Why the log of a console cannot be opened; waits for the attempt as long as readers wait for the log. */
  logProblem(name: string): Error | undefined {
    return this.#backends.get(name)?.logProblem;
  }

  reopenLogs(): void {
    for (const backend of this.#backends.values()) {
      backend.reopenLog();
    }
  }

  /** Kills what still runs; resolves when the logs are complete. */
  async close(): Promise<void> {
    await Promise.all([...this.#backends.values()].map((backend) => backend.close()));
  }
}
