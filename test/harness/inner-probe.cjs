// Loaded into the programs of a host by NODE_OPTIONS=--require: on SIGUSR2 says what their event loop holds.
const { appendFileSync } = require('node:fs');

if (process.env.HOLDFAST_TEST_PROBE !== undefined) {
  process.on('SIGUSR2', () => {
    const counts = {};
    for (const kind of process.getActiveResourcesInfo()) {
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    appendFileSync(`${process.env.HOLDFAST_TEST_PROBE}.${process.pid}`, `${JSON.stringify(counts)}\n`);
  });
}
