// Anything over the network door: each route with any query and body, and bytes that are no request. The server is unharmed, and each answer
// is one of the catalogue. HOLDFAST_SOAK=1: 10,000 for each route.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { PATHS } from '../../src/listeners/control/routes.ts';
import { ERRORS } from '../../src/model/errors.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openDoor } from '../fakes/open-door.ts';
import { SOAK } from '../harness/host.ts';
import { missing } from '../harness/machine.ts';
import { type NetworkDoor, networkDoor } from '../harness/network-door.ts';

const skip = missing('openssl');
const PER_ROUTE = SOAK ? 10_000 : 25;
const AT_ONCE = 8;

const word = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('vac', 'isis.x', '1', '-1', '1e9', '%', '%ff', '..', '__proto__', '2026-01-01', 'TERM', 'hft_x'),
);
const typed = fc.oneof(
  word.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.stringMatching(/^[!-~]{0,20}$/),
);
const key = fc.constantFrom(
  ...['group', 'state', 'tail', 'since', 'until', 'console', 'limit', 'changes', 'host', 'type', 'pattern'],
  ...['lines', 'offset', 'write', 'feed', 'number', 'user', '__proto__'],
);
const query = fc.array(fc.tuple(fc.oneof(key, typed), typed), { maxLength: 4 });
const near = fc.record(
  {
    ...{ signal: fc.anything(), reason: fc.anything(), until: fc.anything(), pattern: fc.anything() },
    ...{ seconds: fc.anything(), user: fc.anything(), may: fc.anything(), message: fc.anything(), to: fc.anything() },
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.constant(''),
  fc.string({ unit: 'binary' }),
  fc.json(),
  near.map((value) => JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? String(each) : each))),
);
const type = fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-16', 'x');

let network: NetworkDoor;
let ended: (() => unknown)[];
let agent: Agent;

before(async () => {
  if (skip) {
    return;
  }
  ended = [];
  const host = new FakeHost();
  host.add('vac');
  network = await networkDoor({ after: (end: () => unknown) => ended.unshift(end) } as never, openDoor(host));
  agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE, ca: network.settings.certificate });
});

after(async () => {
  if (skip) {
    return;
  }
  assert.equal((await network.get('/v1/version')).status, 200);
  assert.deepEqual(network.faults, []);
  agent.destroy();
  for (const end of ended) {
    await end();
  }
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function ask(method: string, path: string, text: string, contentType: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: 'Bearer good',
      'content-type': contentType,
      'content-length': Buffer.byteLength(text),
    };
    const sent = request({ host: 'localhost', port: network.port, agent, method, path, headers });
    sent.once('error', reject);
    sent.once('response', (answer: IncomingMessage) => {
      const { statusCode: status = 0 } = answer;
      const type = answer.headers['content-type'] ?? '';
      if (answer.headers['content-length'] === undefined && status < 400) {
        // What follows the log, the events or a search may have no end.
        answer.destroy();
        resolve({ status, type, text: '' });
        return;
      }
      let said = '';
      answer.setEncoding('utf8').on('data', (data) => {
        said += data;
      });
      answer.once('end', () => resolve({ status, type, text: said }));
    });
    sent.end(text);
  });
}

for (const { method, path } of PATHS) {
  test(`anything to ${method} ${path} is answered, in words of the catalogue`, { skip }, async () => {
    const name = fc.oneof({ weight: 3, arbitrary: fc.constant('vac') }, typed);
    await fc.assert(
      fc.asyncProperty(name, query, body, type, async (who, pairs, text, contentType) => {
        const search = pairs.map(([one, other]) => `${one}=${other}`).join('&');
        const target = path.replace(':name', who.replaceAll('/', '%2F')).replaceAll('#', '%23');
        const answer = await ask(
          method,
          `${target}${search === '' ? '' : `?${search.replaceAll('#', '%23')}`}`,
          text,
          contentType,
        );
        if (answer.status >= 400) {
          const { code, status } = JSON.parse(answer.text) as { code: keyof typeof ERRORS; status: number };
          assert.ok(Object.hasOwn(ERRORS, code), answer.text);
          assert.notEqual(code, 'HF_INTERNAL');
          assert.equal(status, answer.status);
          assert.match(answer.type, /^application\/problem\+json/);
        } else {
          assert.ok([200, 202].includes(answer.status), String(answer.status));
        }
      }),
      { numRuns: PER_ROUTE },
    );
  });
}

test('bytes that are no request end their connection, and no other', { skip }, async () => {
  const head = 'GET /v1/version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n';
  const broken = fc
    .tuple(fc.nat(head.length - 1), fc.uint8Array({ minLength: 1, maxLength: 20 }))
    .map(([at, bytes]) => {
      return Buffer.concat([
        Buffer.from(head.slice(0, at)),
        bytes,
        Buffer.from(head.slice(at)),
        Buffer.from('\r\n\r\n'),
      ]);
    });
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((each) => Buffer.concat([each, Buffer.from('\r\n\r\n')])),
    broken,
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (some) => {
      const answer = await network.exchange(some, true);
      assert.match(answer, /^(HTTP\/1\.1 [24]\d\d [\s\S]*)?$/);
    }),
    { numRuns: PER_ROUTE },
  );
});
