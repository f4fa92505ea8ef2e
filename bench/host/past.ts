import { setTimeout as delay } from 'node:timers/promises';
import { connectControl } from '../../src/client/control-connection.ts';
import type { ClientSession } from '../../src/model/host-port.ts';
import { entered } from '../../test/harness/entered.ts';
import { interleave } from '../lib/interleave.ts';
import type { Settings } from '../lib/suite.ts';
import { atMost, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { startServers } from './servers.ts';

/** What a slow terminal or page shows. */
const BYTES_PER_SECOND = 700_000;
const TICK_MS = 10;
const END = 'STOPPED';
/** Writes lines as fast as it can until ^C. */
const CHILD = `$SIG{INT} = sub { syswrite STDOUT, "${END}\\n"; sleep 1 while 1 }; my $t = ("x" x 79 . "\\n") x 50; syswrite STDOUT, $t while 1`;

/** Takes all that the server sends and shows it slowly: what it holds is the past. */
class SlowClient {
  held = 0;
  most = 0;
  /** Seconds from ^C until its effect is shown. */
  readonly past = Promise.withResolvers<number>();
  #session: ClientSession | undefined;
  /** Pieces that wait to be shown: the offset after each. */
  readonly #pieces: { left: number; readonly end: number }[] = [];
  #tail = '';
  #stopped = Number.NaN;

  async attach(control: string, acknowledges: boolean): Promise<void> {
    const failed = (error: Error) => this.past.reject(error);
    this.#session = await entered(
      connectControl(control),
      'c0',
      { mode: 'write', acknowledges },
      {
        output: (bytes, offset) => {
          this.#output(bytes, offset);
          return true;
        },
        denied: failed,
        closed: (reason) => failed(new Error(reason)),
      },
    );
  }

  /** Shows for so long, then presses ^C and goes on. */
  async show(seconds: number): Promise<number> {
    const start = performance.now();
    let before = start;
    let over = false;
    void this.past.promise.finally(() => {
      over = true;
    });
    while (!over) {
      await delay(TICK_MS);
      const now = performance.now();
      this.#showNow(Math.round(((now - before) / 1000) * BYTES_PER_SECOND));
      before = now;
      if (Number.isNaN(this.#stopped) && now - start > seconds * 1000) {
        this.#stopped = now;
        this.#session?.write(Uint8Array.of(3));
      }
    }
    this.#session?.leave();
    return this.past.promise;
  }

  #showNow(bytes: number): void {
    let left = bytes;
    for (let first = this.#pieces[0]; first && left > 0; first = this.#pieces[0]) {
      const now = Math.min(left, first.left);
      first.left -= now;
      left -= now;
      this.held -= now;
      this.#session?.acknowledge(first.end - first.left);
      if (first.left === 0) {
        this.#pieces.shift();
      }
    }
  }

  #output(bytes: Uint8Array, offset: number): void {
    this.#pieces.push({ left: bytes.length, end: offset + bytes.length });
    this.held += bytes.length;
    this.most = Math.max(this.most, this.held);
    this.#tail = (this.#tail + Buffer.from(bytes).toString('latin1')).slice(-200);
    if (this.#tail.includes(END)) {
      this.past.resolve((performance.now() - this.#stopped) / 1000 + this.held / BYTES_PER_SECOND);
    }
  }
}

/** ^C in a flood that the client shows slowly: how old is what it sees? */
export async function past(settings: Settings): Promise<Row[]> {
  const sides = ['acknowledging', 'plain'] as const;
  const samples = await interleave(settings.quick ? 1 : 4, sides, (side) =>
    inFreshDirectory(settings.logDirectory, async (directory) => {
      const child = ['/usr/bin/perl', '-e', CHILD];
      const servers = await startServers(settings, 'ours', directory, { count: 1, child });
      try {
        const client = new SlowClient();
        await client.attach(servers.control as string, side === 'acknowledging');
        const seconds = await client.show(settings.quick ? 1 : 3);
        return { seconds, megabytes: client.most / 1e6 };
      } finally {
        await servers.stop();
      }
    }),
  );
  return sides.flatMap((side) => {
    const what = `a client that shows 0.7 MB/s of a flood, ${side === 'plain' ? 'without acknowledgements' : 'acknowledging'}`;
    const goal = (bound: number, unit: string) => (side === 'plain' ? {} : { goal: atMost(bound, unit) });
    return [
      {
        what: `${what}: from ^C until its end is shown`,
        unit: 's',
        ours: samples[side].map(({ seconds }) => seconds),
        theirs: [],
        ...goal(0.5, 's'),
      },
      {
        what: `${what}: sent and not shown`,
        unit: 'MB',
        ours: samples[side].map(({ megabytes }) => megabytes),
        theirs: [],
        ...goal(0.263, 'MB'),
      },
    ];
  });
}
