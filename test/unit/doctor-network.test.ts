import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNetwork } from '../../src/cli/holdfast/parts/doctor-network.ts';
import type { VersionInfo } from '../../src/model/api.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');
const GOOD: NonNullable<VersionInfo['network']> = {
  gateway: true,
  listens: ['0.0.0.0:7633'],
  failed: [],
  until: '2026-12-01T00:00:00.000Z',
};

function verdicts(more: Partial<typeof GOOD>): string[] {
  return checkNetwork({ network: { ...GOOD, ...more } }, NOW).map(({ verdict, text }) => `${verdict} ${text}`);
}

test('what listens, and the end of the certificate', () => {
  assert.deepEqual(checkNetwork({}, NOW), []);
  assert.match(verdicts({}).join('\n'), /^ok listens at 0\.0\.0\.0:7633: .*\nok certificate: ends \S+/);
  assert.match(verdicts({ until: '2026-03-10T00:00:00.000Z' })[1] ?? '', /^warning certificate: ends/);
  assert.match(verdicts({ until: '2026-02-10T00:00:00.000Z' })[1] ?? '', /^failed certificate: ended/);
});

test('what is wrong with it', () => {
  const down = { gateway: false, listens: [] };
  assert.match(verdicts(down)[0] ?? '', /^failed the gateway does not run/);
  assert.deepEqual(
    verdicts({ ...down, trouble: '/k is readable by everybody' }).filter((text) => text.startsWith('failed')),
    ['failed /k is readable by everybody'],
  );
  assert.match(verdicts({ lacksPam: true })[0] ?? '', /^warning PAM has no service holdfast/);
  const [first] = verdicts({ listens: [], failed: [{ at: '10.0.0.1:443', reason: 'EACCES' }] });
  assert.equal(first, 'failed the gateway cannot listen at 10.0.0.1:443: EACCES');
});
