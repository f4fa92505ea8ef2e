import assert from 'node:assert/strict';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { test } from 'node:test';

test('work goes on where a sandbox refuses a lower priority', async (t) => {
  t.mock.method(os, 'getPriority', () => 0);
  const refused = t.mock.method(os, 'setPriority', () => {
    throw Object.assign(new Error('uv_os_setpriority returned EPERM'), { code: 'ERR_SYSTEM_ERROR' });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const { consolesFirst } = await import('../../src/platform/process/consoles-first.ts');
  consolesFirst();
  assert.equal(refused.mock.callCount(), 1);
});
