/**
 * Holder and server in one process: the real holder on a fake kernel, over a pair of streams that carry the real
 * frames.
 */
import type { Duplex } from 'node:stream';
import { FRAME, FrameReader } from '../../src/codec/holder-frames.ts';
import { Holder } from '../../src/holder/holder.ts';
import { MemoryBudget } from '../../src/model/memory-budget.ts';
import type { HolderAccess } from '../../src/remote/holder-access.ts';
import { LogWriter } from '../../src/terminal/log-writer.ts';
import type { FakeClock, FakeProcessClock } from './fake-clock.ts';
import { FakeKernel } from './fake-kernel.ts';
import { memoryLink } from './memory-link.ts';

/** Far more than any test leaves unread. */
const LAG_MEMORY_BYTES = 64 << 20;

interface Running {
  readonly holder: Holder;
  readonly clock: FakeProcessClock;
  readonly writer: LogWriter;
}

export class MemoryHolder implements HolderAccess {
  /** Of the holder that runs, or ran last. */
  kernel = new FakeKernel();
  /** Of all holders. */
  readonly kernels = [this.kernel];
  /** Of the holder that runs, or ran last. */
  budget = new MemoryBudget(
    LAG_MEMORY_BYTES,
    () => 0,
    () => undefined,
  );
  /** How often a server has asked for something. */
  requests = 0;
  readonly #clock: FakeClock;
  readonly #connections = new Set<Duplex>();
  #running: Running | undefined;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.budget = new MemoryBudget(
      LAG_MEMORY_BYTES,
      () => clock.now(),
      () => undefined,
    );
  }

  get runs(): boolean {
    return this.#running !== undefined;
  }

  /** Timers of the holder that runs. */
  get timers(): number {
    return this.#running?.clock.pending ?? 0;
  }

  readonly start = async (): Promise<void> => {
    const clock = this.#clock.process();
    const writer = new LogWriter(clock);
    const { kernel } = this;
    const budget = new MemoryBudget(
      LAG_MEMORY_BYTES,
      () => clock.now(),
      () => undefined,
    );
    this.budget = budget;
    const holder = new Holder({
      ...{ version: 'test', writer, clock, kernel, budget },
      cgroups: { missing: 'there is no cgroup in memory' },
      finished: () => this.#end(),
    });
    this.#running = { holder, clock, writer };
  };

  async connect(received: (bytes: Uint8Array) => void, reached: (pid: number) => void): Promise<Duplex> {
    const { holder } = this.#running ?? {};
    if (!holder) {
      throw Object.assign(new Error('no holder listens'), { code: 'ENOENT' });
    }
    const [ours, theirs] = memoryLink();
    this.#connections.add(theirs);
    ours.on('data', received);
    theirs.once('close', () => this.#connections.delete(theirs));
    const reader = new FrameReader();
    theirs.on('data', (bytes: Uint8Array) => {
      this.requests += [...reader.push(bytes)].filter(({ type }) => type === FRAME.request).length;
    });
    reached(process.pid);
    holder.serve(theirs);
    return ours;
  }

  /** The holder dies on the spot, and its children with their terminals. */
  die(): void {
    this.kernel.crash();
    this.#end();
  }

  /** Ends all connections to it. */
  cut(): void {
    for (const connection of this.#connections) {
      connection.destroy();
    }
  }

  #end(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.clock.end();
    running?.writer.close();
    this.cut();
    this.kernel = new FakeKernel();
    this.kernels.push(this.kernel);
  }
}
