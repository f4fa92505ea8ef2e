import { echoInCrowd } from '../lib/crowd.ts';
import type { Settings } from '../lib/suite.ts';
import type { Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { startServer } from './server.ts';

/** The crowd connects to another endpoint. Not for procServ: select(2) ends it at descriptor 1024. */
export function crowd(settings: Settings): Promise<Row[]> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const server = await startServer(settings, 'ours', directory, ['/bin/cat'], { log: true });
    try {
      const port = Number(server.tcp.split(':')[1]);
      return await echoInCrowd(settings, ['p50', 'p99', 'max'], { host: '127.0.0.1', port }, server.unix);
    } finally {
      await server.stop();
    }
  });
}
