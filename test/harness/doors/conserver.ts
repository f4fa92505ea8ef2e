/** The conserver listener, its commands and escape sequences on the wire. Its lists allow everything here. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { HostConfig } from '../../../src/model/config.ts';
import type { Principal } from '../../../src/model/principal.ts';
import { VERBS, type Verb } from '../../../src/model/rights.ts';
import { DescriptorGuard } from '../../../src/platform/process/descriptors.ts';
import { systemClock } from '../../../src/platform/time/clock.ts';
import { hostConfig } from '../../fakes/memory-host.ts';
import { WireClient } from '../../interop/wire-client.ts';
import { atEnd } from '../at-end.ts';
import { freePort } from '../free-port.ts';
import { accepted } from '../read-config.ts';
import { consolesFor, type Door, holdKeyboard, nameFor, type Offer, type Offers, site } from './door.ts';

const { ConserverService } = await import('../../../src/listeners/conserver/service.ts');

const VERA: Principal = { user: 'vera', channel: 'conserver', from: 'localhost', assurance: 'vouched' };
const REFUSED = /may not[^\n]*\n|permission denied[^\n]*\n|unknown -- use|attach to reopen|read-only\]/;

/** Keys on a console, by verb, and what shows that they acted. Those for the writer need the keyboard, which is given on entry. */
const KEYS: Readonly<
  Partial<Record<Verb, { readonly keys: string; readonly shows: RegExp; readonly needs: readonly Verb[] }>>
> = {
  stop: { keys: 'd', shows: /line down\]/, needs: ['enter', 'take'] },
  restart: { keys: 'o', shows: /connecting\.\.\./, needs: ['enter', 'take'] },
  break: { keys: 'l1', shows: /sent\]/, needs: ['enter', 'take'] },
  flow: { keys: 'c', shows: /ok\]|ixon/, needs: ['enter', 'take'] },
  switchLog: { keys: 'L', shows: /logging o/, needs: ['enter', 'take'] },
  runTask: { keys: '!1', shows: /`1' started\]/, needs: ['enter', 'take'] },
  tell: { keys: 'bhello\r', shows: /vera@localhost: hello/, needs: ['enter'] },
  note: { keys: 'nhello\r', shows: /NOTE -- vera@localhost: hello/, needs: ['enter'] },
  log: { keys: 'r', shows: /replay\]/, needs: ['enter'] },
};
/** Commands of the two ports, by verb. */
const COMMANDS: Readonly<Partial<Record<Verb, { readonly port: 'master' | 'group'; readonly line: string }>>> = {
  start: { port: 'master', line: 'up' },
  apply: { port: 'master', line: 'reconfig' },
  reopenLogs: { port: 'master', line: 'newlogs' },
  down: { port: 'master', line: 'quit' },
  evict: { port: 'group', line: `disconnect vera@${nameFor('evict')}` },
};
const TRIED = [...(Object.keys(KEYS) as Verb[]), 'start', 'evict', 'list', 'enter', 'take', 'force', 'type'] as const;

function listener(master: number, group: number): HostConfig['conserver'] {
  return accepted(`[conserver]
port = ${master}
group_port = ${group}
trusted = ["127.0.0.0/8"]
admin = ["*"]
write = ["*"]
tasks.1 = { command = "true" }
[console.any]
run = ["/bin/true"]
`).conserver;
}

async function logIn(t: TestContext, port: number): Promise<WireClient> {
  const client = await WireClient.open(port);
  atEnd(t, () => client.close());
  await client.expect('ok\r\n');
  await client.ask('login vera', 'ok\r\n');
  return client;
}

/** Whether it shows this, and no refusal before. */
async function shows(client: WireClient, what: RegExp): Promise<boolean> {
  const text = await client.expect(new RegExp(`${what.source}|${REFUSED.source}`));
  return !REFUSED.test(text);
}

export const CONSERVER: Door = {
  services: ['ConserverService'],
  open: async (t, rules) => {
    const [master, group] = [await freePort(), await freePort()];
    const consoles = consolesFor(TRIED, (verb) => ({
      start: verb !== 'start',
      ...(verb === 'note' && { log: { path: '/var/log/note.log', rotate: undefined } as never }),
    }));
    const made = await site(t, rules, consoles, ({ door }) => [
      new ConserverService({
        ...{ door, clock: systemClock, note: () => undefined },
        guard: new DescriptorGuard(systemClock, assert.fail),
      }),
    ]);
    const { world } = made;
    const conserver = listener(master, group);
    world.config = { ...hostConfig(consoles), ...(conserver && { conserver }) };
    await world.host.apply({ user: 'root', channel: 'self', from: 'a test', assurance: 'kernel' });
    const join = async (verb: Verb) => {
      const client = await logIn(t, group);
      client.send(`call ${nameFor(verb)}\r\n`);
      const answer = await client.expect(/\[attached\]\r\n|\[spy\]\r\n|permission denied[^\n]*\n/);
      return { client, isIn: answer.startsWith('['), writes: answer.startsWith('[attached') };
    };
    const onConsole = async (verb: Verb) => {
      const joined = await join(verb);
      if (joined.isIn) {
        joined.client.send('\x05c;');
        await joined.client.expect('[connected]\r\n');
      }
      return joined;
    };
    const offer = (verb: Verb): Offer | string => {
      const [key, command] = [KEYS[verb], COMMANDS[verb]];
      if (key) {
        return {
          ...{ on: nameFor(verb), needs: key.needs },
          attempt: async () => {
            const { client, isIn } = await onConsole(verb);
            client.send(`\x05c${key.keys}`);
            const isDone = isIn && (await shows(client, key.shows));
            // A line that is opened again is up or down after a while.
            await world.pass(10_000);
            return isDone;
          },
        };
      }
      return command === undefined
        ? 'no command of conserver does that'
        : {
            ...(VERBS[verb].on === 'console' && { on: nameFor(verb) }),
            attempt: async () => {
              const client = await logIn(t, command.port === 'master' ? master : group);
              client.send(`${command.line}\r\n`);
              return await shows(client, /ok -- [^\n]*\n/);
            },
          };
    };
    const all = Object.fromEntries((Object.keys(VERBS) as Verb[]).map((verb) => [verb, offer(verb)])) as Offers;
    return {
      by: VERA,
      offers: {
        ...all,
        list: {
          ...{ on: nameFor('list'), leavesOut: true },
          attempt: async () => {
            const client = await logIn(t, group);
            client.send('hosts\r\npid\r\n');
            return (await client.expect('unknown command\r\n')).includes(nameFor('list'));
          },
        },
        enter: { on: nameFor('enter'), attempt: async () => (await join('enter')).isIn },
        take: {
          ...{ on: nameFor('take'), needs: ['enter'], leavesOut: true },
          attempt: async () => (await join('take')).writes,
        },
        force: {
          ...{ on: nameFor('force'), needs: ['enter', 'take'] },
          attempt: async () => {
            await holdKeyboard(made, nameFor('force'));
            const { client, isIn } = await onConsole('force');
            client.send('\x05cf');
            return isIn && (await shows(client, /bumped [^\n]*\n/));
          },
        },
        type: {
          ...{ on: nameFor('type'), needs: ['enter', 'take'], leavesOut: true },
          attempt: async () => {
            const { client, writes } = await onConsole('type');
            client.send('dbl\r');
            if (writes) {
              // An answer after it: then it was taken.
              await client.ask('\x05c=', ']\r\n');
            }
            return world.child(nameFor('type'))?.input.startsWith('dbl') === true;
          },
        },
      },
    };
  },
};
