/** A conserver in this process: its real parts, a conserver.cf on disk, real commands and logs. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ConserverCommand } from '../../src/cli/conserver/options.ts';
import { parseConserver } from '../../src/cli/conserver/options.ts';
import { loadConserver } from '../../src/config/load-conserver-cf.ts';
import type { HostConsole } from '../../src/console/host-console.ts';
import { conserverTls } from '../../src/listeners/conserver/conserver-tls.ts';
import { ConserverFiles } from '../../src/main/conserver-files.ts';
import { ConserverJournal } from '../../src/main/conserver-journal.ts';
import { type Conserver, composeConserver } from '../../src/main/conserver-parts.ts';
import { self } from '../../src/model/principal.ts';
import { DescriptorGuard } from '../../src/platform/process/descriptors.ts';
import { systemClock as clock } from '../../src/platform/time/clock.ts';
import { atEnd } from './at-end.ts';
import { freePort } from './free-port.ts';
import { temporaryDirectory } from './machine.ts';

export const TESTER = self('a test');

export interface RunningConserver extends Conserver {
  /** Of this directory: logs and the like. */
  readonly folder: string;
  /** The port that carries the consoles. */
  readonly port: number;
  readonly console: (name: string) => HostConsole;
  /** Writes another conserver.cf and applies it. */
  readonly reload: (cf: string) => Promise<void>;
  /** The server's log. */
  readonly journal: () => string;
}

/** `@D@` in the text is its folder. Everybody may connect, from the address that they have. */
export async function conserverOf(t: TestContext, cf: string): Promise<RunningConserver> {
  const folder = temporaryDirectory(t);
  const path = join(folder, 'cf');
  const write = (text: string) =>
    writeFileSync(path, `config * { loghostnames no; }\n${text.replaceAll('@D@', folder)}`, 'latin1');
  write(cf);
  const { options } = parseConserver(['-C', path, '-a', 't', '-E']) as ConserverCommand & { verb: 'serve' };
  const journal = new ConserverJournal();
  journal.use(join(folder, 'journal'));
  const port = await freePort();
  const ports = { listen: ['127.0.0.1'], port: 0, groupPort: port };
  const files = new ConserverFiles(await loadConserver(path), options, ports);
  const conserver = composeConserver({
    ...{ version: '0', files, journal, groupMembers: undefined, inform: () => undefined },
    guard: new DescriptorGuard(clock, journal.complain),
    tls: conserverTls({ required: false }),
    passwords: async () => undefined,
  });
  const { host } = conserver;
  host.serve(conserver.services);
  let closed: Promise<void> | undefined;
  const close: Conserver['close'] = (by) => {
    closed ??= conserver.close(by).then(() => journal.close(1000));
    return closed;
  };
  atEnd(t, () => close(TESTER));
  await host.openServices('others');
  await host.open([]);
  await conserver.opened();
  await host.openServices('after consoles');
  return {
    ...conserver,
    ...{ close, folder, port },
    console: (name) => host.consoles.find((each) => each.name === name) as HostConsole,
    reload: async (text) => {
      write(text);
      await host.apply(TESTER);
    },
    journal: () => readFileSync(join(folder, 'journal'), 'latin1'),
  };
}
