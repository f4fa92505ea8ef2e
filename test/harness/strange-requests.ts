/** Requests as no client of ours sends them, though a client could: any query, any body, to a path that is there. */
import fc from 'fast-check';
import type { ApiPath } from '../../src/model/gateway-protocol.ts';
import { ANY_CHARACTER } from './any-character.ts';

export interface StrangeRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly type: string;
  readonly body: string;
  /** It asks for a WebSocket, and sends this through it. */
  readonly frames?: Uint8Array;
}

const word = fc.oneof(
  fc.string(),
  fc.string({ unit: ANY_CHARACTER, maxLength: 8 }),
  fc.constantFrom('1', '-1', '0', '1e9', '%', '%ff', '%00', '..', '%2e%2e%2f', '__proto__', '2026-01-01', 'hft_x'),
);
/** One word of a request line: as people type it, or encoded. */
const typed = fc.oneof(
  word.map((text) => encodeURIComponent(text.toWellFormed())),
  fc.stringMatching(/^[!-~]{0,20}$/),
);
const key = fc.oneof(
  fc.constantFrom(
    ...['group', 'state', 'tail', 'since', 'until', 'console', 'limit', 'changes', 'host', 'type', 'user', '__proto__'],
    ...['lines', 'offset', 'write', 'feed', 'number', 'to', 'with', 'follow', 'code'],
  ),
  typed,
);
const query = fc.array(fc.tuple(key, typed), { maxLength: 4 }).map((pairs) =>
  pairs
    .map(([one, other]) => `${one}=${other}`)
    .join('&')
    .replaceAll('#', '%23'),
);

const anything = fc.oneof(word, fc.anything({ maxDepth: 1, maxKeys: 3 }));
const or = (...good: readonly unknown[]) => fc.oneof(fc.constantFrom(...good), anything);
const reason = or('leak', 'x'.repeat(2000));
const rights = fc.oneof(fc.subarray(['see', 'read', 'operate', 'force', 'configure', 'admin']), anything);
/** Requests that the routes mostly understand. Replies are never awaited. */
const near = fc.oneof(
  fc.record({ reason, signal: or('TERM', 'hup', 9, 65), until: or('2126-01-01T00:00:00Z') }, { requiredKeys: [] }),
  fc.record({ reason }, { requiredKeys: [] }),
  fc.record({ reason, until: or('2126-01-01T00:00:00Z', '2026-99-99') }, { requiredKeys: ['reason'] }),
  fc.record({ signal: or('TERM', 'hup', 1, 65, 0.5) }),
  fc.record(
    { to: or('AL', 'IS', 'TC'), text: or('PING', 'hosts'), seconds: fc.constant(0), reason },
    { requiredKeys: ['to', 'seconds'] },
  ),
  fc.record({ to: or('AL', 'IS', 'TC'), seconds: or(0) }),
  fc.record(
    { user: or('jo', 'root'), may: rights, on: or(['*'], ['spare']), seconds: or(1, 3600), label: word, reason },
    { requiredKeys: ['seconds'] },
  ),
  fc.record(
    { pattern: or('a', '.', '(', '\\u{110000}', '[a-z]+$'), fixed: fc.boolean(), tail: or(1), consoles: or(['vac']) },
    { requiredKeys: ['pattern'] },
  ),
);
const body = fc.oneof(
  fc.constant(''),
  fc.string({ unit: ANY_CHARACTER, maxLength: 30 }),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
  {
    weight: 4,
    arbitrary: near.map((value) =>
      JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? String(each) : each)),
    ),
  },
);
const type = fc.oneof(
  { weight: 5, arbitrary: fc.constant('application/json') },
  fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded', 'x'),
);

const PAYLOADS = [
  '',
  '{',
  '{"type":"take"}',
  '{"type":"take","force":true}',
  '{"type":"ack","offset":1e300}',
  'rm -rf\r',
];
/** Frames that are whole and masked, or their beginnings, or any bytes. */
const frames = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .tuple(fc.nat(255), fc.constantFrom(...PAYLOADS), fc.boolean(), fc.nat(3))
    .map(([first, text, isMasked, lacking]) => {
      const head = [first, text.length + (isMasked ? 0x80 : 0), ...(isMasked ? [0, 0, 0, 0] : [])];
      const whole = Buffer.concat([Buffer.from(head), Buffer.from(text)]);
      return whole.subarray(0, whole.length - lacking);
    }),
);

/** `names`: of consoles that are there, for `:name`. */
export function strangeRequests(
  { method, path, upgrades }: ApiPath,
  names: readonly string[],
): fc.Arbitrary<StrangeRequest> {
  const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, typed);
  return fc
    .record({ name, query, body, type, frames: fc.option(frames, { nil: undefined }) })
    .map(({ name: who, query: search, frames: sent, ...rest }) => ({
      method,
      target:
        path.replace(':name', () => who.replaceAll('/', '%2F').replaceAll('#', '%23').replaceAll('?', '%3F')) +
        (search === '' ? '' : `?${search}`),
      ...(upgrades && sent !== undefined ? { type: rest.type, body: '', frames: sent } : rest),
    }));
}
