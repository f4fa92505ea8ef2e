/**
 * Sessions in any order: nothing is called at the wrong time, no byte comes twice or is left out without a word, at most one has
 * the keyboard, and nothing is left once everybody has left.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { EnterOptions, Session, SessionSink } from '../../src/model/session.ts';
import { site } from '../fakes/session-site.ts';

/** The byte at an offset of the stream: text, so that nothing of history is taken for a question. */
const byteAt = (offset: number): number => 0x20 + (offset % 90);

/** A session's side that looks at every call. */
class Witness implements SessionSink {
  phase: 'coming' | 'in' | 'over' = 'coming';
  session: Session | undefined;
  /** Offset of the byte that has to come next. */
  next = 0;
  takes = true;
  blocked = false;
  awaitsRoom = false;

  entered(session: Session): void {
    assert.equal(this.phase, 'coming');
    this.phase = 'in';
    this.session = session;
    this.next = session.offset;
  }

  refused(): void {
    assert.equal(this.phase, 'coming');
    this.phase = 'over';
  }

  output(bytes: Uint8Array, offset: number): boolean {
    assert.deepEqual([this.phase, this.blocked, offset], ['in', false, this.next]);
    bytes.forEach((byte, at) => void assert.equal(byte, byteAt(offset + at)));
    this.next += bytes.length;
    this.blocked = !this.takes;
    return this.takes;
  }

  missed(bytes: number): void {
    assert.equal(this.phase, 'in');
    this.next += bytes;
  }

  writer(): void {
    assert.equal(this.phase, 'in');
  }

  said(): void {
    assert.equal(this.phase, 'in');
  }

  room(): void {
    assert.deepEqual([this.phase, this.awaitsRoom], ['in', true]);
    this.awaitsRoom = false;
  }

  closed(): void {
    assert.equal(this.phase, 'in');
    this.phase = 'over';
  }
}

class Model {
  readonly site = site({ keep: 256, most: 1024 });
  readonly all: { readonly session: Session; readonly witness: Witness }[] = [];
  #lend: (() => void) | undefined;

  /** One of those who are there, or who were. */
  #one(which: number): { session: Session; witness: Witness } | undefined {
    const there = this.all.filter(({ witness }) => witness.session);
    return there[which % there.length];
  }

  readonly steps = {
    come: (which: number) => {
      const witness = new Witness();
      const from: EnterOptions['from'][] = [undefined, { lines: 1 }, { lines: 0 }, { offset: which * 100 }];
      const [mode = 'read', begins] = [(['read', 'write', 'always'] as const)[which % 3], from[which % 4]];
      const options = { mode, ...(begins ? { from: begins } : {}) };
      this.all.push({ session: this.site.enter(`user${this.all.length}`, options, witness), witness });
    },
    leave: (which: number) => {
      const { session, witness } = this.all[which % this.all.length] ?? {};
      session?.leave();
      if (witness) {
        witness.phase = 'over';
      }
    },
    say: (which: number) => {
      const { head } = this.site.console.stream.ring;
      this.site.say(String.fromCharCode(...Array.from({ length: which * 30 }, (_, at) => byteAt(head + at))));
    },
    take: (which: number) => this.#one(which)?.session.take(which > 5),
    release: (which: number) => this.#one(which)?.session.release(),
    write: (which: number) => {
      const one = this.#one(which);
      const wrote = one?.session.write(Buffer.from('x'));
      if (one?.session.full && wrote) {
        one.witness.awaitsRoom = true;
        one.session.awaitRoom();
      }
    },
    subscribe: (which: number) => {
      const one = this.#one(which);
      if (one?.witness.phase === 'in') {
        const offset = Math.max(0, this.site.console.stream.ring.head - which * 20);
        Object.assign(one.witness, { next: offset, blocked: false });
        one.session.subscribe(offset);
      }
    },
    unsubscribe: (which: number) => {
      const one = this.#one(which);
      const offset = one?.session.unsubscribe();
      assert.ok(offset === undefined || offset === one?.witness.next);
    },
    slow: (which: number) => {
      const one = this.#one(which);
      if (one) {
        one.witness.takes = !one.witness.takes;
        one.witness.blocked = false;
        one.session.resume();
      }
    },
    full: () => {
      const { host } = this.site;
      host.room = !host.room;
      if (host.room) {
        host.handlers.drained();
      }
    },
    hold: () => {
      if (this.#lend) {
        this.#lend();
        this.#lend = undefined;
      } else {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.site.lent.lend = promise;
        this.#lend = resolve;
      }
    },
    wait: () => this.site.clock.advance(20_000),
    turn: () => setImmediate(),
  };

  check(): void {
    const { registry } = this.site;
    const there = this.all.filter(({ witness }) => witness.phase === 'in');
    assert.equal(registry.size, there.length);
    for (const { session, witness } of there) {
      assert.ok(
        witness.blocked || !session.place || witness.next === this.site.console.stream.ring.head,
        'all has come',
      );
    }
    const { writer } = registry;
    assert.ok(writer === undefined || there.some(({ session }) => session.info.id === writer.id));
  }

  /** Everybody leaves, one way or the other. */
  async end(removed: boolean): Promise<void> {
    if (removed) {
      this.site.registry.close('removed');
    } else {
      for (let at = 0; at < this.all.length; at++) {
        this.steps.leave(at);
      }
    }
    this.#lend?.();
    await setImmediate();
    await setImmediate();
    assert.ok(this.all.every(({ witness }) => witness.phase === 'over'));
    this.site.host.handlers.drained();
    this.site.say('nobody reads this');
    this.site.nothingIsLeft();
  }
}

test('sessions in any order', async () => {
  const names = Object.keys(new Model().steps) as (keyof Model['steps'])[];
  const step = fc.tuple(
    fc.constantFrom('come' as const, 'turn' as const, 'turn' as const, 'write' as const, ...names),
    fc.nat(11),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, removed) => {
      const model = new Model();
      for (const [name, which] of steps) {
        await model.steps[name](which);
        model.check();
      }
      await model.end(removed);
    }),
    { numRuns: 400 },
  );
});
