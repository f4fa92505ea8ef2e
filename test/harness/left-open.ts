// Preloaded into every test file (scripts/test.mjs). A test that failed, or forgot to, leaves a server or a child open, and the
// file would never end: it ends here, says what was open, and counts as failed.
import { after } from 'node:test';

/** What a file has for its last sockets and children to go once its tests are done. Milliseconds. */
const GRACE_MS = 20_000;

after(() => {
  const timer = setTimeout(() => {
    process.stderr.write(`left open after the last test: ${process.getActiveResourcesInfo().join(', ')}\n`);
    process.exit(1);
  }, GRACE_MS);
  // A file that has left nothing open ends at once.
  timer.unref();
});
