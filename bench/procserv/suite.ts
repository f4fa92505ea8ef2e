import { firstLine } from '../lib/machine.ts';
import type { Settings, Suite } from '../lib/suite.ts';
import { crowd } from './crowd.ts';
import { echo } from './echo.ts';
import { loss } from './loss.ts';
import { memory } from './memory.ts';
import { programOf } from './server.ts';
import { stall } from './stall.ts';
import { startup } from './startup.ts';
import { throughput } from './throughput.ts';

function describe(settings: Settings): string {
  const side = (name: 'ours' | 'theirs') => {
    const program = programOf(name, settings);
    return `${name}: ${program} (${firstLine(program, '--version')})`;
  };
  return `${side('ours')}; ${side('theirs')}; limit: bench/native/relay.c (pty and poll(2), no telnet, no log).`;
}

/** Our procServ against Debian's. */
export const procServSuite: Suite = {
  name: 'procserv',
  describe,
  cases: [
    { name: 'throughput', run: throughput },
    { name: 'echo', run: echo },
    { name: 'crowd-endpoint', run: crowd },
    { name: 'loss', run: loss },
    { name: 'stall', run: stall },
    { name: 'memory', run: memory },
    { name: 'startup', run: startup },
  ],
};
