// Requests that two readers may understand differently, byte by byte: smuggled ones, headers that are named away or twice, targets that are no
// path, frames that are none. Each is answered as the table says, and whoever is vouched for is who the table says, or nobody.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Door } from '../../src/host/door.ts';
import { VOUCHED_HEADER } from '../../src/model/gateway-protocol.ts';
import type { ActingHost } from '../../src/model/host-port.ts';
import type { Principal } from '../../src/model/principal.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { openParts } from '../fakes/open-door.ts';
import { missing } from '../harness/machine.ts';
import { networkDoor } from '../harness/network-door.ts';
import { until } from '../harness/until.ts';

const skip = missing('openssl');
const CLIENT = '127.0.0.1';
const PROXY = '127.0.0.2';
const ROOT = Buffer.from(JSON.stringify({ user: 'root', channel: 'network', from: 'x', assurance: 'token' }));
const FORGED = `${VOUCHED_HEADER}: ${ROOT.toString('base64url')}`;

const HOST = 'Host: localhost';
/** Tokens of vera and of jo. */
const VERA = 'Authorization: Bearer good';
const JO = 'Authorization: Bearer other';
const JSON_TYPE = 'Content-Type: application/json';
const STOP = 'POST /v1/consoles/vac/stop HTTP/1.1';
const GET = 'GET /v1/version HTTP/1.1';
const CHUNKED = 'Transfer-Encoding: chunked';

function head(...lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}
/** Whole, in somebody else's name. */
const SMUGGLED = head(STOP, HOST, JO, 'Content-Length: 0');

/** Statuses of the answers, users that were vouched for, and what they did. */
interface Expected {
  readonly answers: readonly number[];
  readonly as?: readonly string[];
  readonly did?: readonly string[];
}
type Row = readonly [name: string, bytes: string, Expected];

const BAD: Expected = { answers: [400] };
const NOTHING: Expected = { answers: [] };
const ok = (user: string): Expected => ({ answers: [200], as: [user] });
const only = (...answers: readonly number[]): Expected => ({ answers });

async function site(t: TestContext) {
  const host = new FakeHost();
  host.add('vac');
  const seen: Principal[] = [];
  class Seen extends Door {
    override as(by: Principal): Promise<ActingHost> {
      if (by.assurance !== 'none') {
        seen.push(by);
      }
      return super.as(by);
    }
  }
  const network = await networkDoor(t, new Seen(openParts(host)), {
    listen: [
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: 0, plain: true },
    ],
    proxy: {
      userHeader: 'x-forwarded-user',
      groupsHeader: 'x-groups',
      addressHeader: 'x-real-ip',
      networks: [PROXY],
      uids: [],
    },
  });
  network.logins.tokens.set('other', { user: 'jo' });
  const port = Number(/:(\d+)$/.exec(network.listens[0]?.[1] ?? '')?.[1]);
  /** A connection at the place without TLS, or another. */
  const open = (bytes: string, at = port, localAddress = CLIENT) => {
    const socket = connect({ host: '127.0.0.1', port: at, localAddress });
    let answer = '';
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    socket.write(Buffer.from(bytes, 'latin1'));
    return { socket, closed: once(socket, 'close'), received: () => answer };
  };
  /** All that is answered. */
  const exchange = async (bytes: string, from: string): Promise<string> => {
    const { closed, received, socket } = open(bytes, port, from);
    // Node drops a request whose sender has ended the connection meanwhile.
    if (!/Connection: (close|Upgrade)/.test(bytes)) {
      socket.end();
    }
    await closed;
    return received();
  };
  const holds = async (bytes: string, from: string, { answers, as = [], did = [] }: Expected, name: string) => {
    seen.splice(0);
    host.calls.splice(0);
    const text = await exchange(bytes, from);
    const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
    assert.deepEqual(
      {
        answers: statuses,
        as: seen.map(({ user }) => user),
        did: host.calls.map(({ verb, by }) => `${by.user}: ${verb}`),
      },
      { answers, as, did },
      `${name}: ${text.slice(0, 400)}`,
    );
  };
  return { ...network, host, seen, open, holds };
}

const FRAMING: readonly Row[] = [
  [
    'the length given twice',
    head(STOP, HOST, VERA, JSON_TYPE, 'Content-Length: 0', `Content-Length: ${SMUGGLED.length}`) + SMUGGLED,
    BAD,
  ],
  ['the same length twice', `${head(STOP, HOST, VERA, JSON_TYPE, 'Content-Length: 2', 'Content-Length: 2')}{}`, BAD],
  ['a list of lengths', `${head(STOP, HOST, VERA, JSON_TYPE, 'Content-Length: 2, 2')}{}`, BAD],
  ...['+2', '-2', '0x2', '2 2', '2;', '1e1', '', '99999999999999999999999'].map(
    (length): Row => [
      `the length "${length}"`,
      `${head(STOP, HOST, VERA, JSON_TYPE, `Content-Length: ${length}`)}{}`,
      BAD,
    ],
  ),
  [
    'a length and chunks',
    `${head(STOP, HOST, VERA, JSON_TYPE, 'Content-Length: 5', CHUNKED)}0\r\n\r\n${SMUGGLED}`,
    BAD,
  ],
  [
    'chunks and a length',
    `${head(STOP, HOST, VERA, JSON_TYPE, CHUNKED, 'Content-Length: 5')}0\r\n\r\n${SMUGGLED}`,
    BAD,
  ],
  ...[
    'identity',
    'chunked, identity',
    'xchunked',
    'chunked, chunked',

    '\x0bchunked',
    '"chunked"',
    'chunked;a=b',
  ].map(
    (coding): Row => [
      `the coding "${coding}"`,
      `${head(STOP, HOST, VERA, JSON_TYPE, `Transfer-Encoding: ${coding}`)}0\r\n\r\n${SMUGGLED}`,
      BAD,
    ],
  ),
  [
    'the coding given twice',
    `${head(STOP, HOST, VERA, JSON_TYPE, CHUNKED, 'Transfer-Encoding: identity')}0\r\n\r\n${SMUGGLED}`,
    BAD,
  ],
  [
    'a blank before the colon',
    `${head(STOP, HOST, VERA, JSON_TYPE, 'Transfer-Encoding : chunked')}0\r\n\r\n${SMUGGLED}`,
    BAD,
  ],
  ['a tab before the colon', head(STOP, HOST, VERA, JSON_TYPE, 'Content-Length\t: 5') + SMUGGLED, BAD],
  ['a chunk of 2^68', `${head(STOP, HOST, VERA, JSON_TYPE, CHUNKED)}fffffffffffffffff\r\n{}`, BAD],
  ['a chunk of 2^63', `${head(STOP, HOST, VERA, JSON_TYPE, CHUNKED)}8000000000000000\r\n{}`, BAD],
  ['a chunk of -1', `${head(STOP, HOST, VERA, JSON_TYPE, CHUNKED)}-1\r\n{}`, BAD],
  ['a chunk longer than it says', `${head(STOP, HOST, VERA, JSON_TYPE, CHUNKED)}2\r\n{}  \r\n0\r\n\r\n`, BAD],
  ['chunks that end with a bare LF', `${head(STOP, HOST, VERA, JSON_TYPE, CHUNKED)}2\n{}\n0\n\n`, BAD],
  [
    'an endless extension of a chunk',
    `${head(STOP, HOST, VERA, JSON_TYPE, CHUNKED)}2;${'x'.repeat(40_000)}\r\n{}\r\n0\r\n\r\n`,
    only(413),
  ],
  ['a body that is cut off', `${head(STOP, HOST, VERA, JSON_TYPE, 'Content-Length: 20')}{}`, BAD],
  ['a trailer that says who it is', `${head(STOP, HOST, CHUNKED)}0\r\n${VERA}\r\n${FORGED}\r\n\r\n`, only(401)],
  [
    'a trailer that says that somebody else is there',
    head(STOP, HOST, VERA, JSON_TYPE, CHUNKED, 'Connection: close') +
      `2\r\n{}\r\n0\r\n${JO}\r\n${FORGED}\r\nX-Forwarded-User: root\r\n\r\n`,
    { answers: [202], as: ['vera'], did: ['vera: stop'] },
  ],
  ['a second request behind a refused one', head(GET, HOST, 'Authorization: Bearer wrong') + SMUGGLED, NOTHING],
  [
    'a second request in a body',
    head(GET, HOST, VERA, `Content-Length: ${SMUGGLED.length}`, 'Connection: close') + SMUGGLED,
    ok('vera'),
  ],
  [
    'a body of a method without one',
    `${head('GET /v1/version HTTP/1.1', HOST, VERA, CHUNKED, 'Connection: close')}0\r\n\r\n`,
    ok('vera'),
  ],
];

const HEADS: readonly Row[] = [
  ['lines that end with a bare LF', `${GET}\n${HOST}\n${VERA}\n\n`, BAD],
  ['one line that ends with a bare LF', `${GET}\r\n${HOST}\r\nX: y\n${VERA}\r\n\r\n`, BAD],
  ['one line that ends with a bare CR', `${GET}\r\n${HOST}\r\nX: y\r${VERA}\r\n\r\n`, BAD],
  ['a folded line', head(GET, HOST, 'X: y', ` ${VERA}`, 'Connection: close'), BAD],
  ['a folded login', head(GET, HOST, 'Authorization: Bearer', ' good', 'Connection: close'), BAD],
  ['a first line that is folded', head(GET, ` ${VERA}`, HOST), BAD],
  ['NUL in a header', head(GET, HOST, 'Authorization: Bearer go\0od'), BAD],
  ['NUL in the name of a header', head(GET, HOST, 'Autho\0rization: Bearer good'), BAD],
  ['DEL in a header that is passed on', head(GET, HOST, VERA, 'Accept: \x7f', 'Connection: close'), BAD],
  ['a control character in a header that is passed on', head(STOP, HOST, VERA, 'Content-Type: \x01'), BAD],
  ['a header without a name', head(GET, HOST, ': good', VERA), BAD],
  ['a header without a colon', head(GET, HOST, 'Authorization Bearer good'), BAD],
  ['a head of 17 KiB', head(GET, HOST, VERA, `X: ${'x'.repeat(17_000)}`), only(431)],
  ['two thousand headers', head(GET, HOST, ...Array.from({ length: 2001 }, () => 'a:'), VERA), only(431)],
  ['Host given twice', head(GET, HOST, 'Host: evil.example', VERA, 'Connection: close'), BAD],
  ['no Host', head(GET, VERA), BAD],
  ['no Host in HTTP/1.0', head('GET /v1/version HTTP/1.0', VERA), only(421)],
  ['Host of another kind', head(GET, 'Host: localhost@evil.example', VERA, 'Connection: close'), only(421)],
  ['two logins', head(GET, HOST, VERA, JO, 'Connection: close'), BAD],
  ['two logins in one line', head(GET, HOST, `${VERA}, Bearer other`, 'Connection: close'), only(401)],
  ['HTTP/0.9', 'GET /v1/version\r\n', BAD],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', BAD],
  ['another version', head('GET /v1/version HTTP/1.2', HOST, VERA), BAD],
  ['a method in small letters', head('get /v1/version HTTP/1.1', HOST, VERA), BAD],
  ['an expectation that nobody meets', head(GET, HOST, VERA, 'Expect: gold', 'Connection: close'), only(417)],
];

const NAMED_AWAY: readonly Row[] = [
  ['our header, from a stranger', head(GET, HOST, FORGED, 'Connection: close'), only(401)],
  ['our header, beside a login', head(GET, HOST, VERA, FORGED, 'Connection: close'), ok('vera')],
  [
    'our header, named in Connection',
    head(GET, HOST, VERA, FORGED, `Connection: close, ${VOUCHED_HEADER}`),
    ok('vera'),
  ],
  ['the login, named in Connection', head(GET, HOST, VERA, 'Connection: close, Authorization'), ok('vera')],
  [
    'our header in other letters',
    head(GET, HOST, VERA, FORGED.replace('-', '_').toUpperCase(), 'Connection: close'),
    ok('vera'),
  ],
  [
    'the header of the proxy, from a client',
    head(GET, HOST, VERA, 'X-Forwarded-User: root', 'X-Groups: wheel', 'Connection: close'),
    ok('vera'),
  ],
  [
    'the header of the proxy, from a stranger',
    head(GET, HOST, 'X-Forwarded-User: root', 'Connection: close'),
    only(401),
  ],
  [
    'a WebSocket with our header',
    head(
      'GET /v1/consoles/vac/attach HTTP/1.1',
      HOST,
      FORGED,
      `Connection: Upgrade, ${VOUCHED_HEADER}`,
      'Upgrade: websocket',
    ),
    only(401),
  ],
  [
    'a POST that becomes a WebSocket',
    head('POST /v1/consoles/vac/attach HTTP/1.1', HOST, VERA, 'Connection: Upgrade', 'Upgrade: websocket'),
    only(404),
  ],
  ['a verb that becomes a WebSocket', head(STOP, HOST, VERA, 'Connection: Upgrade', 'Upgrade: websocket'), only(404)],
  [
    "the gateway's own way in",
    head('GET /v1/gateway HTTP/1.1', HOST, VERA, 'Connection: Upgrade', 'Upgrade: holdfast-gateway-1'),
    only(404),
  ],
];

const BY_PROXY: readonly Row[] = [
  ['the user of the proxy in other letters', head(GET, HOST, 'X_Forwarded_User: root', 'Connection: close'), only(401)],
  [
    'the user of the proxy twice',
    head(GET, HOST, 'X-Forwarded-User: jo', 'X-Forwarded-User: root', 'Connection: close'),
    BAD,
  ],
  ['the user of the proxy and a login', head(GET, HOST, VERA, 'X-Forwarded-User: jo', 'Connection: close'), ok('jo')],
  [
    'the user of the proxy, named in Connection',
    head(GET, HOST, 'X-Forwarded-User: jo', 'Connection: close, X-Forwarded-User'),
    ok('jo'),
  ],
  [
    'the user of the proxy in a trailer',
    head(STOP, HOST, 'X-Forwarded-User: jo', JSON_TYPE, CHUNKED, 'Connection: close') +
      '0\r\nX-Forwarded-User: root\r\n\r\n',
    { answers: [202], as: ['jo'], did: ['jo: stop'] },
  ],
];

const target = (status: number, path: string): Row => [
  `the target ${path}`,
  head(`GET ${path} HTTP/1.1`, HOST, VERA, 'Connection: close'),
  only(status),
];
const TARGETS: readonly Row[] = [
  ['a tunnel', head('CONNECT localhost:22 HTTP/1.1', HOST, VERA), NOTHING],
  ...['http://localhost/v1/version', 'https://evil.example/v1/version', '*'].map((path) => target(414, path)),
  ...['localhost:22', '/v1/ver\xe9', '\\v1\\version'].map((path) => target(400, path)),
  ...['//evil.example/v1/version', '/v1//version', '/v1/consoles/../version', '/v1/./version', '/v1/%76ersion'].map(
    (path) => target(404, path),
  ),
  ...['/v1/version/', '/V1/version', '/v1/version;a', '/v1/version#', '/v1/%6cogin', '/v1/consoles/../login'].map(
    (path) => target(404, path),
  ),
  // To the server this is a name, which is not that of a console.
  ...['/v1/consoles/..', '/v1/consoles/%2e%2e', '/v1/consoles/..%2flogin', '/v1/consoles/vac%2fstop'].map(
    (path): Row => [...target(404, path).slice(0, 2), { answers: [404], as: ['vera'] }] as unknown as Row,
  ),
];

for (const [title, rows, from] of [
  ['bodies that two readers may delimit differently', FRAMING, CLIENT],
  ['heads that two readers may read differently', HEADS, CLIENT],
  ['headers that are named away, or are not theirs to send', NAMED_AWAY, CLIENT],
  ['the proxy itself', BY_PROXY, PROXY],
  ['targets that are no path here', TARGETS, CLIENT],
] as const) {
  test(`${title}: nobody is taken for somebody else`, { skip }, async (t) => {
    const { faults, holds } = await site(t);
    for (const [name, bytes, expected] of rows) {
      await t.test(name, () => holds(bytes, from, expected, name));
    }
    assert.deepEqual(faults, []);
  });
}

const KEY = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', KEY];
const ATTACH = 'GET /v1/consoles/vac/attach?write=1 HTTP/1.1';
const ATTACHED = [HOST, VERA, ...UPGRADE, 'Sec-WebSocket-Protocol: holdfast.attach.v1'];
const MASK = [1, 2, 3, 4];
/** Of a client: masked, unless `mask` is empty. */
function frame(first: number, text: string, mask = MASK, length = [text.length]): Buffer {
  const masked = Buffer.from(text).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  const [one = 0, ...more] = length;
  return Buffer.concat([Buffer.from([first, one | (mask.length > 0 ? 0x80 : 0), ...more, ...mask]), masked]);
}
const TEXT = 0x81;
const BINARY = 0x82;
const PROTOCOL = 1002;
const FRAMES: readonly (readonly [name: string, bytes: Buffer, code: number])[] = [
  ['without a mask', frame(BINARY, 'rm\r', []), PROTOCOL],
  ['a ping in pieces', frame(0x09, 'x'), PROTOCOL],
  ['a close in pieces', frame(0x08, ''), PROTOCOL],
  ['a ping of 126 bytes', frame(0x89, 'x'.repeat(126), MASK, [126, 0, 126]), PROTOCOL],
  ['a piece of nothing', frame(0x80, 'rm\r'), PROTOCOL],
  ['a message within a message', Buffer.concat([frame(0x02, 'r'), frame(BINARY, 'm\r')]), PROTOCOL],
  ['2^63 bytes', frame(BINARY, 'rm\r', MASK, [127, 0x80, 0, 0, 0, 0, 0, 0, 0]), 1009],
  ['2^62 bytes', frame(BINARY, 'rm\r', MASK, [127, 0x40, 0, 0, 0, 0, 0, 0, 0]), 1009],
  ['4 GiB', frame(BINARY, 'rm\r', MASK, [127, 0, 0, 0, 1, 0, 0, 0, 0]), 1009],
  ['compressed', frame(0xc2, 'rm\r'), PROTOCOL],
  ['a reserved bit', frame(0xa2, 'rm\r'), PROTOCOL],
  ['a reserved kind', frame(0x83, 'rm\r'), PROTOCOL],
  ['text that is not UTF-8', frame(TEXT, '\ufffd').fill(0xff, 6), 1007],
  ['a close with half a code', frame(0x88, 'x'), PROTOCOL],
];

test('frames that are none end their session, and are never typed', { skip }, async (t) => {
  const { faults, host, open } = await site(t);
  const vac = host.consoles.get('vac');
  for (const [name, bytes, code] of FRAMES) {
    await t.test(name, async (inner) => {
      const { closed, received, socket } = open(
        head(ATTACH, ...ATTACHED, 'Sec-WebSocket-Extensions: permessage-deflate'),
      );
      inner.after(() => socket.destroy());
      await until('the session', () => vac?.writer?.user === 'vera');
      socket.write(bytes);
      await closed;
      const [answer = '', ...rest] = received().split('\r\n\r\n');
      assert.match(answer, /^HTTP\/1\.1 101 /);
      assert.doesNotMatch(answer, /extensions/i);
      // The last frame: a close with its code.
      const said = Buffer.from(rest.join('\r\n\r\n'), 'latin1');
      const at = said.lastIndexOf(Buffer.from([code >> 8, code & 0xff]));
      assert.deepEqual([said[at - 2], at > 1], [0x88, true], `no close with ${code}: ${said.toString('hex')}`);
      await until('its end', () => vac?.sessions.length === 0);
      assert.equal(vac?.input, '');
    });
  }
  assert.deepEqual(faults, []);
});

const WEBSOCKETS: readonly Row[] = [
  [
    'without a version',
    head(ATTACH, HOST, VERA, 'Connection: Upgrade', 'Upgrade: websocket', KEY),
    { answers: [400], as: [] },
  ],
  ['without a key', head(ATTACH, HOST, VERA, ...UPGRADE.slice(0, 3)), { answers: [400], as: [] }],
  [
    'to something else',
    head(ATTACH, HOST, VERA, 'Connection: Upgrade', 'Upgrade: h2c, websocket'),
    { answers: [400], as: [] },
  ],
  [
    'with a second request behind it',
    head('GET /v1/consoles/no/attach HTTP/1.1', ...ATTACHED) + SMUGGLED,
    { answers: [404], as: ['vera'] },
  ],
  [
    'with a second request as its body',
    head('GET /v1/consoles/no/attach HTTP/1.1', ...ATTACHED, `Content-Length: ${SMUGGLED.length}`) + SMUGGLED,
    { answers: [404], as: ['vera'] },
  ],
  ['behind a request that is not answered yet', head(GET, HOST, VERA) + head(ATTACH, ...ATTACHED), NOTHING],
  ['of two logins', head(ATTACH, ...ATTACHED, JO), BAD],
];

test('a WebSocket that is none is refused, and takes no request along', { skip }, async (t) => {
  const { faults, holds } = await site(t);
  for (const [name, bytes, expected] of WEBSOCKETS) {
    await t.test(name, () => holds(bytes, CLIENT, expected, name));
  }
  assert.deepEqual(faults, []);
});

const HELLO = '16030100f8010000f40303';
const GARBAGE: Readonly<Record<string, Buffer>> = {
  'HTTP without TLS': Buffer.from(head(GET, HOST, VERA)),
  'SSL 2': Buffer.from('802e0100020015000000100100800200800300800400800500800600400700c0', 'hex'),
  'a record of 65,535 bytes': Buffer.from('160301ffff', 'hex'),
  'a record of nothing': Buffer.from('1603010000', 'hex'),
  'a heartbeat': Buffer.from('1803010003014000', 'hex'),
  alerts: Buffer.from('15030100020100'.repeat(20), 'hex'),
  'data before a handshake': Buffer.from('1703030005aabbccddee', 'hex'),
  'a hello that is zeros': Buffer.concat([Buffer.from(HELLO, 'hex'), Buffer.alloc(0xf2)]),
  'a hello that is cut off': Buffer.from(HELLO, 'hex'),
  SSH: Buffer.from('SSH-2.0-x\r\n'),
};

test('what is not TLS ends its connection, answered with nothing but an alert', { skip }, async (t) => {
  const { faults, get, holds: _, open, port, seen } = await site(t);
  for (const [name, bytes] of Object.entries(GARBAGE)) {
    const { closed, received, socket } = open('', port);
    socket.end(bytes);
    await closed;
    assert.match(Buffer.from(received(), 'latin1').toString('hex'), /^(1503..0002(01|02)..)*$/, name);
  }
  assert.deepEqual([seen.length, faults.length], [0, 0]);
  assert.equal((await get('/v1/version')).status, 200);
});
