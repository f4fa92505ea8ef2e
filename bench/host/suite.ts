import { firstLine } from '../lib/machine.ts';
import type { Settings, Suite } from '../lib/suite.ts';
import { controlCrowd, crowd } from './crowd.ts';
import { echo } from './echo.ts';
import { flood } from './flood.ts';
import { hostile } from './hostile.ts';
import { chatter } from './load.ts';
import { memory } from './memory.ts';
import { page, pageScroll } from './page.ts';
import { past } from './past.ts';
import { packedSearch, search } from './search.ts';
import { programOf } from './servers.ts';
import { restart, starts } from './start.ts';
import { top } from './top.ts';
import { watch } from './watch.ts';

function describe(settings: Settings): string {
  const side = (name: 'ours' | 'theirs') => {
    const program = programOf(name, settings);
    return `${name}: ${program} (${firstLine(program, '--version')})`;
  };
  return `${side('ours')}, holder and server; ${side('theirs')}, one for each console.`;
}

/** The host server against as many procServ as it has consoles. */
export const hostSuite: Suite = {
  name: 'host',
  describe,
  cases: [
    { name: 'host-memory', run: memory },
    { name: 'host-load', run: chatter },
    { name: 'host-echo', run: echo },
    { name: 'host-crowd', run: crowd },
    { name: 'host-control-crowd', run: controlCrowd },
    { name: 'host-hostile', run: hostile },
    { name: 'host-flood', run: flood },
    { name: 'host-past', run: past },
    { name: 'host-watch', run: watch },
    { name: 'host-top', run: top },
    { name: 'host-page', run: page },
    { name: 'host-page-scroll', run: pageScroll },
    { name: 'host-start', run: starts },
    { name: 'host-restart', run: restart },
    { name: 'host-search', run: search },
    { name: 'host-packed-search', run: packedSearch },
  ],
};
