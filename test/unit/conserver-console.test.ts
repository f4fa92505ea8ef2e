/** How clients of conserver enter a console of the host, and what happens to those still entering. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { enter } from '../../src/console/session.ts';
import { SessionRegistry } from '../../src/console/session-registry.ts';
import type { ConsoleRecord } from '../../src/grammar/conserver/records.ts';
import { ConserverConsole, type ConsoleServices } from '../../src/listeners/conserver/console.ts';
import type { ConsoleRights } from '../../src/listeners/conserver/model/access.ts';
import type { Seat } from '../../src/listeners/conserver/model/seat.ts';
import type { ConsolePort } from '../../src/model/console-port.ts';
import { OutputRing } from '../../src/model/output-ring.ts';
import { OutputStream } from '../../src/model/output-stream.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { NO_ACTS } from '../fakes/fake-console.ts';
import { newcomer } from '../fakes/newcomer.ts';
import { guest } from '../fakes/principals.ts';

/** All that can enter by then have. */
async function turn(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

function site() {
  const clock = new FakeClock();
  const registry = new SessionRegistry(clock, () => undefined);
  const nothing = () => undefined;
  const stream = new OutputStream(new OutputRing({ keep: 1000, most: 1000 }), () => clock.monotonic());
  const supervised = { stream, full: false, type: nothing, whenRoom: nothing, forget: nothing, resize: nothing };
  const lent = { leases: 0, lend: Promise.resolve() };
  const backend = {
    read: async () => {
      await lent.lend;
      lent.leases++;
      return () => void lent.leases--;
    },
  };
  const port: Partial<ConsolePort> = {
    ...{ registry, supervised: supervised as unknown as ConsolePort['supervised'] },
    enter: (...words) => enter({ console: supervised, backend, registry, act: NO_ACTS }, ...words),
  };
  const console = new ConserverConsole(
    port as ConsolePort,
    {} as ConsoleRecord,
    { clock } as unknown as ConsoleServices,
  );
  const come = (user: string, rights: () => ConsoleRights = () => 'write') => {
    const heard: string[] = [];
    let seat: Seat | undefined;
    const leave = console.enter(
      newcomer(guest(user), {
        rights,
        entered: (entered) => {
          seat = entered;
          heard.push('entered');
        },
        refused: () => heard.push('refused'),
        output: (bytes) => heard.push(Buffer.from(bytes).toString()) > 0,
        tell: (text) => heard.push(text.trim()),
        closed: () => {
          heard.push('closed');
          leave();
        },
      }),
    );
    return { heard, leave, seat: () => seat as Seat };
  };
  const left = () => ({ leases: lent.leases, readers: stream.readers, on: registry.size });
  return { come, console, left, lent, registry, stream };
}

const NOTHING = { leases: 0, readers: 0, on: 0 };

test('a client has its place, writes, reads from where it says, and leaves nothing', async () => {
  const { come, left, registry, stream } = site();
  const ann = come('ann');
  await turn();
  const seat = ann.seat();
  assert.deepEqual([ann.heard, registry.writer?.id], [['entered'], seat.id]);
  stream.ring.append(Buffer.from('word'));
  seat.stream.subscribe(1);
  ann.leave();
  ann.leave();
  assert.deepEqual([ann.heard, left()], [['entered', 'ord'], NOTHING]);
});

test('clients that are entering are refused once this listener no longer serves the console', async () => {
  const { come, console, left, lent } = site();
  const ann = come('ann');
  await turn();
  const held = Promise.withResolvers<void>();
  lent.lend = held.promise;
  const bob = come('bob');
  console.remove();
  held.resolve();
  await turn();
  assert.deepEqual(ann.heard.slice(1), ['[-- Conserver reconfigured - console has been (re)moved --]', 'closed']);
  assert.deepEqual([bob.heard, left()], [['refused'], NOTHING]);
});

test('a client that leaves while entering gets nothing more', async () => {
  const { come, left } = site();
  const ann = come('ann');
  ann.leave();
  await turn();
  assert.deepEqual([ann.heard, left()], [[], NOTHING]);
});

test('rights count as they are when the console is ready', async () => {
  const { come, left, registry } = site();
  let rights: ConsoleRights = 'write';
  const [ann, bob] = [come('ann', () => rights), come('bob', () => 'read')];
  rights = 'none';
  await turn();
  assert.deepEqual([ann.heard, bob.heard, registry.writer], [['refused'], ['entered'], undefined]);
  bob.leave();
  assert.deepEqual(left(), NOTHING);
});

test('a console that is removed from the host tells its clients why', async () => {
  const { come, left, registry } = site();
  const ann = come('ann');
  await turn();
  const bob = come('bob');
  registry.close('the console was removed');
  await turn();
  assert.deepEqual([ann.heard, bob.heard], [['entered', '[-- the console was removed --]', 'closed'], ['refused']]);
  assert.deepEqual(left(), NOTHING);
});
