// Run in a network namespace with a slow loopback (see isis-live.test.ts): the link of an ISIS server sends more than
// its queue holds. Prints the events as JSON.

import type { IsisEvent } from '../../src/isis/surroundings.ts';
import { UdpLink } from '../../src/isis/udp-link.ts';
import { systemClock } from '../../src/platform/time/clock.ts';

const events: IsisEvent[] = [];
const link = new UdpLink({
  address: '127.0.0.1',
  port: 0,
  receive: () => undefined,
  timers: systemClock,
  event: (event) => events.push(event),
});
link.open();
for (let n = 0; n < 20_000; n += 1) {
  link.send('x'.repeat(1000), '127.0.0.1', 9, (error) => events.push({ kind: 'send-failed', text: error }));
}
setImmediate(async () => {
  link.lookForDrops();
  link.lookForDrops();
  await link.close();
  console.log(JSON.stringify(events));
});
