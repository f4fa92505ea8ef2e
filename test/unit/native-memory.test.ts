import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { native } from '../../src/platform/native.ts';

/** KiB of files (program, libraries) that are mapped into this process at the moment. */
function filePages(): number {
  const found = /^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'));
  return Number(found?.[1]);
}

test('releaseMemory unmaps unused parts of the program, and the program goes on', () => {
  const before = filePages();
  native.releaseMemory();
  assert.ok(filePages() < before / 2, `${filePages()} of ${before} KiB are still mapped`);
  // Unmapped pages come back when they are used.
  assert.deepEqual(JSON.parse(JSON.stringify({ a: [1, 'b'] })), { a: [1, 'b'] });
  assert.equal(new Intl.NumberFormat('en').format(12_345.6), '12,345.6');
});
