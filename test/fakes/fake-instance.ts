/** The parts of a procServ instance that a connection uses, on a console whose source takes everything. */

import { enter } from '../../src/console/session.ts';
import { SessionRegistry } from '../../src/console/session-registry.ts';
import type { Instance, Taken } from '../../src/listeners/procserv/instance.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { KeyPace } from '../../src/platform/time/key-pace.ts';
import { NO_ACTS } from './fake-console.ts';

/** `input` gets the typed bytes, and returns their fate. */
export function fakeInstance(banner: string, input: (data: Uint8Array) => Partial<Taken> | undefined): Instance {
  const ring = new OutputRing({ keep: 1000, most: 1000 }, (size) => Buffer.alloc(size));
  const nothing = () => undefined;
  const console = {
    stream: new OutputStream(ring, clock.monotonic),
    ...{ full: false, type: nothing, whenRoom: nothing, forget: nothing, resize: nothing },
  };
  const parts = {
    ...{ console, backend: { read: async () => nothing }, registry: new SessionRegistry(clock, nothing), act: NO_ACTS },
  };
  return {
    settings: { history: 0 },
    ...{ clock, console, stream: console.stream, keys: new KeyPace(clock).console() },
    enter: (...words: Parameters<Instance['enter']>) => enter(parts, ...words),
    banner: () => banner,
    count: () => nothing,
    input: (_session: unknown, data: Uint8Array): Taken => ({ acted: 0, ignored: 0, logout: false, ...input(data) }),
  } as unknown as Instance;
}
