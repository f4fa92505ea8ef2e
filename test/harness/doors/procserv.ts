/** An endpoint of a console, with what telnet would send. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { ANONYMOUS } from '../../../src/model/principal.ts';
import { VERBS, type Verb } from '../../../src/model/rights.ts';
import { DescriptorGuard } from '../../../src/platform/process/descriptors.ts';
import { atEnd } from '../at-end.ts';
import { freePort } from '../free-port.ts';
import { until } from '../until.ts';
import { consolesFor, type Door, nameFor, type Offer, type Offers, site } from './door.ts';

const { ProcServService } = await import('../../../src/listeners/procserv/service.ts');

/** Evidence that a key acted, by verb; a stopped console where one is needed. */
const KEYS: Readonly<Partial<Record<Verb, { readonly keys: string; readonly shows: RegExp; readonly down?: true }>>> = {
  start: { keys: '\x12', shows: /Restarting child/, down: true },
  stop: { keys: '\x11', shows: /\^Q: ".*" stays stopped/, down: true },
  signal: { keys: '\x18', shows: /Got a kill command/ },
  mode: { keys: '\x14', shows: /Toggled auto restart/ },
};
const REFUSED = /@@@ Refused: .* may not/;
const TRIED = [...(Object.keys(KEYS) as Verb[]), 'enter', 'type'] as const satisfies readonly Verb[];

function client(t: TestContext, port: number) {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  atEnd(t, () => socket.destroy());
  return {
    strike: (keys: string) => void socket.write(Buffer.from(keys, 'latin1')),
    /** Whether it sees this, and no refusal. */
    sees: async (what: () => boolean | undefined) =>
      (await until('an answer', () => (REFUSED.test(text) ? 'refused' : what() ? 'done' : undefined))) === 'done',
    shows: (what: RegExp) => what.test(text),
  };
}

export const PROCSERV: Door = {
  services: ['ProcServService'],
  open: async (t, rules) => {
    const ports = new Map<Verb, number>();
    for (const verb of TRIED) {
      ports.set(verb, await freePort());
    }
    const consoles = consolesFor(TRIED, (verb) => ({
      endpoints: [`${ports.get(verb)}`],
      start: KEYS[verb]?.down !== true,
    }));
    const { world } = await site(t, rules, consoles, ({ clock }) => [
      new ProcServService(clock, () => undefined, new DescriptorGuard(clock, assert.fail)),
    ]);
    const come = async (verb: Verb) => {
      const came = client(t, ports.get(verb) as number);
      const isIn = await came.sees(() => came.shows(/@@@ Welcome to procServ/));
      return { ...came, isIn };
    };
    const offer = (verb: Verb): Offer | string => {
      const key = KEYS[verb];
      return key === undefined
        ? 'no key of procServ does that'
        : {
            on: nameFor(verb),
            needs: ['enter'],
            attempt: async () => {
              const came = await come(verb);
              came.strike(key.keys);
              return came.isIn && (await came.sees(() => came.shows(key.shows)));
            },
          };
    };
    const keys = Object.fromEntries((Object.keys(VERBS) as Verb[]).map((verb) => [verb, offer(verb)])) as Offers;
    return {
      by: { ...ANONYMOUS, from: '127.0.0.1' },
      offers: {
        ...keys,
        enter: { on: nameFor('enter'), attempt: async () => (await come('enter')).isIn },
        type: {
          on: nameFor('type'),
          needs: ['enter'],
          attempt: async () => {
            const came = await come('type');
            came.strike('dbl\n');
            return came.isIn && (await came.sees(() => world.child(nameFor('type'))?.input === 'dbl\n'));
          },
        },
      },
    };
  },
};
