import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEndpoint, parseEndpoint } from '../../src/model/endpoint-notation.ts';

const tcp = (host: string, port: number, family = 4) => ({ kind: 'tcp', host, family, port });
const unix = (path: string, more = {}) => ({ kind: 'unix', path, mode: 0o666, ...more });
const HOST = '127.0.0.1';
const LONGEST = `/${'x'.repeat(106)}`;

const SPECS = [
  ['2000', tcp(HOST, 2000)],
  [' 2000 ', tcp(HOST, 2000)],
  ['0', tcp(HOST, 0)],
  ['65535', tcp(HOST, 65535)],
  ['10.1.2.3:2000', tcp('10.1.2.3', 2000)],
  ['[::1]:2000', tcp('::1', 2000, 6)],
  ['[fe80::1:2]:0', tcp('fe80::1:2', 0, 6)],
  ['[::ffff:10.0.0.1]:1', tcp('::ffff:10.0.0.1', 1, 6)],
  ['unix:control', unix('control')],
  ['unix:/run/ioc', unix('/run/ioc')],
  ['unix:@name', unix('@name')],
  ['unix::::/run/ioc', unix('/run/ioc')],
  ['unix:op:grp:640:/run/ioc', unix('/run/ioc', { user: 'op', group: 'grp', mode: 0o640 })],
  ['unix:op:::@name', unix('@name', { user: 'op' })],
  ['unix:::600:a:b', unix('a:b', { mode: 0o600 })],
  [`unix:${LONGEST}`, unix(LONGEST)],
] as const;

for (const [spec, endpoint] of SPECS) {
  test(`endpoint ${spec.slice(0, 40)}`, () => assert.deepEqual(parseEndpoint(spec, HOST), endpoint));
}

const ERRORS = [
  ['65536', { reason: 'port', text: '65536' }],
  ['10.0.0.1:99999', { reason: 'port', text: '99999' }],
  ['', { reason: 'spec', text: '' }],
  ['localhost:2000', { reason: 'spec', text: 'localhost:2000' }],
  ['10.0.0.256:1', { reason: 'spec', text: '10.0.0.256:1' }],
  ['10.0.0.1', { reason: 'spec', text: '10.0.0.1' }],
  ['[::1]', { reason: 'spec', text: '[::1]' }],
  ['[zz]:1', { reason: 'spec', text: '[zz]:1' }],
  ['-1', { reason: 'spec', text: '-1' }],
  ['2000x', { reason: 'spec', text: '2000x' }],
  ['unix:', { reason: 'no-path' }],
  ['unix:@', { reason: 'no-path' }],
  ['unix::::', { reason: 'no-path' }],
  ['unix:a:b', { reason: 'permissions', text: 'a:b' }],
  ['unix:a:b:c', { reason: 'permissions', text: 'a:b:c' }],
  ['unix:a:b:rw:c', { reason: 'permissions', text: 'a:b:rw:c' }],
  ['unix:a:b:888:c', { reason: 'permissions', text: 'a:b:888:c' }],
  [`unix:${LONGEST}x`, { reason: 'long-path' }],
  [`unix:/${'ü'.repeat(54)}`, { reason: 'long-path' }],
] as const;

for (const [spec, error] of ERRORS) {
  test(`not an endpoint: ${spec.slice(0, 40)}`, () => assert.deepEqual(parseEndpoint(spec, HOST), error));
}

test('any text is an endpoint or an error', () => {
  const piece = fc.constantFrom('unix:', ':', '@', '[', ']', '1', '255', '.', 'a', '/', ' ');
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (spec) => {
      const parsed = parseEndpoint(spec, HOST);
      if (isEndpoint(parsed)) {
        assert.ok(parsed.kind === 'unix' ? parsed.path.length > 0 : parsed.port >= 0 && parsed.port < 65536);
      } else {
        assert.ok(['port', 'spec', 'permissions', 'no-path', 'long-path'].includes(parsed.reason));
      }
    }),
  );
});
