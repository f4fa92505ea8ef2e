/**
 * Many consoles, many sessions that join, write, bump and leave at random: no session sees a byte of another console or
 * misses one of its own, and the server is afterwards as it was. HOLDFAST_SOAK=1 makes it two minutes of 500 and 200.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OUR_CONSERVER, startConserver, within } from '../interop/conserver-server.ts';
import { place, WireClient } from '../interop/wire-client.ts';

const LONG = process.env.HOLDFAST_SOAK === '1';
const CONSOLES = LONG ? 500 : 40;
const SESSIONS = LONG ? 200 : 30;
const SECONDS = LONG ? 120 : 3;
const TOKEN = /\{c(\d+):(\d+)\}/g;

/** The token written on a console, one at a time: `{c7:42}`. */
interface Written {
  count: number;
  turn: Promise<void>;
}

/** Repeatable: a failure can be run again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;

test(`${CONSOLES} consoles, ${SESSIONS} sessions, ${SECONDS} s at random`, async (t) => {
  const names = Array.from({ length: CONSOLES }, (_, n) => `c${n}`);
  const cf = `default any { master localhost; type exec; exec "stty raw -echo; echo ready; exec cat"; rw *; logfile @D@/&.log; }
${names.map((name) => `console ${name} { include any; }`).join('\n')}
access * { trusted 127.0.0.1; }
`;
  const { port, folder } = await startConserver(t, cf, '', OUR_CONSERVER);
  const { group, pid } = await place(port, 'c0');
  const logOf = (name: string): string => readFileSync(join(folder, `${name}.log`), 'latin1');
  const ready = async (): Promise<void> => {
    for (const name of names) {
      while (!logOf(name).includes('ready')) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  await within(ready(), 'every console to be ready');
  const before = descriptors(pid);
  const resident = residentMegabytes(pid);

  const consoles: Written[] = names.map(() => ({ count: 0, turn: Promise.resolve() }));
  let [joins, writes, bytes] = [0, 0, 0];
  const end = performance.now() + SECONDS * 1000;

  /** One stay on one console. */
  const visit = async (session: number, random: (below: number) => number): Promise<void> => {
    const number = random(CONSOLES);
    const console = consoles[number] as Written;
    const client = await WireClient.join(group, `u${session}`, `c${number}`);
    joins++;
    // The tokens seen, for every console; the text that the client keeps is for `expect`.
    const seen: [console: number, count: number][] = [];
    const take = (text: string): void => {
      for (const [, from, count] of text.matchAll(TOKEN)) {
        seen.push([Number(from), Number(count)]);
      }
    };
    for (let left = 1 + random(6); left > 0; left--) {
      const what = random(4);
      const mine = console.turn.then(async () => {
        // A promotion reads like an answer: the version is requested after it to be sure of the answer.
        client.send('\x05cf\x05cv');
        // Output may come after the `[`, which is the answer to `^Ec`.
        take(await client.expect(/version .*\]\r\n/));
        if (what > 0) {
          const token = `{c${number}:${console.count++}}`;
          client.send(token);
          take(await client.expect(token));
          writes++;
          bytes += token.length;
        }
      });
      console.turn = mine.catch(() => undefined);
      await mine;
    }
    if (random(3) === 0) {
      client.close();
    } else {
      client.send('\x05c.');
      await client.closed;
      take(client.text);
    }
    seen.forEach(([from, count], i) => {
      assert.equal(from, number, `a byte of console c${from} on c${number}`);
      assert.equal(count, (seen[0] as [number, number])[1] + i, `c${number}: something is missing or doubled`);
    });
  };
  await Promise.all(
    Array.from({ length: SESSIONS }, async (_, session) => {
      const random = randomFrom(session + 1);
      while (performance.now() < end) {
        await visit(session, random);
      }
    }),
  );

  for (const [number, { count }] of consoles.entries()) {
    const logged = [...logOf(`c${number}`).matchAll(TOKEN)].map(([, from, each]) => `${from}:${each}`);
    assert.deepEqual(
      logged,
      Array.from({ length: count }, (_, n) => `${number}:${n}`),
    );
  }
  const settled = async (): Promise<void> => {
    while (descriptors(pid) > before) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await within(settled(), `the server to have ${before} descriptors again, not ${descriptors(pid)}`);
  const after = residentMegabytes(pid);
  t.diagnostic(`${joins} stays, ${writes} writes, ${bytes} bytes; ${before} descriptors before and after`);
  t.diagnostic(`resident ${resident.toFixed(0)} MB before, ${after.toFixed(0)} MB after`);
  assert.ok(joins > SESSIONS && writes > joins / 2);
  // Memory that the allocator keeps; the long run has 100,000 stays, so that a leak of a kilobyte each would show.
  assert.ok(after < resident + 100, `${resident} MB before, ${after} MB after`);
});
