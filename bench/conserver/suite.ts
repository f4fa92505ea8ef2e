import { firstLine } from '../lib/machine.ts';
import type { Settings, Suite } from '../lib/suite.ts';
import { crowd } from './crowd.ts';
import { echo } from './echo.ts';
import { scale } from './scale.ts';
import { programOf } from './server.ts';
import { throughput } from './throughput.ts';

function describe(settings: Settings): string {
  const side = (name: 'ours' | 'theirs') => {
    const program = programOf(name, settings);
    return `${name}: ${program} (${firstLine(program, '-V')})`;
  };
  return `${side('ours')}; ${side('theirs')}.`;
}

/** Our conserver against Debian's. */
export const conserverSuite: Suite = {
  name: 'conserver',
  describe,
  cases: [
    { name: 'sessions', run: throughput },
    { name: 'keystroke', run: echo },
    { name: 'crowd', run: crowd },
    { name: 'scale', run: scale },
  ],
};
