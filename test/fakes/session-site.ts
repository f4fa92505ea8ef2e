/** A console whose source is the test, for sessions on it. */
import assert from 'node:assert/strict';
import { actOnProcess } from '../../src/console/acts.ts';
import { ProcessConsole } from '../../src/console/process-console.ts';
import { enter } from '../../src/console/session.ts';
import { SessionRegistry } from '../../src/console/session-registry.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import type { RunnerHandlers } from '../../src/model/runner.ts';
import type { EnterOptions, Session, SessionSink } from '../../src/model/session.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeSink } from './fake-sink.ts';
import { person } from './principals.ts';

const RING = { keep: 1024, most: 4096 };

/** `lend`: when leases of the output are granted, by default at once. `host.room`: whether the source takes more input. */
export function site(ring = RING) {
  const clock = new FakeClock();
  const typed: string[] = [];
  const history: string[] = [];
  const host = {
    handlers: undefined as unknown as RunnerHandlers,
    room: true,
    ...{ start: () => undefined, note: () => undefined, kill: () => false },
    resize: (columns: number, rows: number) => void typed.push(`${columns}x${rows}`),
    write(bytes: Uint8Array): boolean {
      typed.push(Buffer.from(bytes).toString());
      return this.room;
    },
  };
  const console = new ProcessConsole({
    ...{
      child: () => ({ file: 'ioc', argv: ['ioc'] }),
      policy: { mode: 'always', holdoff: 0 },
      stop: [],
      runner: host,
      clock,
    },
    stream: new OutputStream(new OutputRing(ring), () => clock.monotonic()),
  });
  const registry = new SessionRegistry(clock, (what, who) => history.push(`${who?.info.user ?? 'nobody'} ${what}`));
  const lent = { leases: 0, asked: [] as (number | undefined)[], lend: Promise.resolve() };
  const backend = {
    read: async (from?: number) => {
      lent.asked.push(from);
      await lent.lend;
      lent.leases++;
      let given = false;
      return () => {
        assert.equal(given, false, 'a lease is given back once');
        given = true;
        lent.leases--;
      };
    },
  };
  const enterBy = (user: string, options: EnterOptions, sink: SessionSink): Session =>
    enter({ console, backend, registry, act: actOnProcess(console) }, person(user), options, sink);
  const begin = (user: string, options: EnterOptions, sink = new FakeSink()) => ({
    session: enterBy(user, options, sink),
    sink,
  });
  const come = async (user: string, options: EnterOptions, sink = new FakeSink()) => {
    const { session } = begin(user, options, sink);
    await sink.settled;
    return { session, sink, told: sink.told };
  };
  const say = (text: string) => {
    console.stream.ring.append(Buffer.from(text));
    console.stream.advance();
  };
  /** Everybody has left, and everything is released. */
  const nothingIsLeft = () => {
    assert.deepEqual(
      { leases: lent.leases, readers: console.stream.readers, on: registry.list, writer: registry.writer },
      { leases: 0, readers: 0, on: [], writer: undefined },
    );
  };
  return { clock, console, registry, host, lent, typed, history, enter: enterBy, begin, come, say, nothingIsLeft };
}
