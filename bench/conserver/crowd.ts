import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { echoInCrowd } from '../lib/crowd.ts';
import type { Settings } from '../lib/suite.ts';
import type { Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { consoleName, startServer } from './server.ts';

/** The crowd connects to the console that echoes. */
export async function crowd(settings: Settings): Promise<Row[]> {
  return inFreshDirectory(settings.logDirectory, async (root) => {
    mkdirSync(join(root, 'ours'));
    const server = await startServer(settings, 'ours', join(root, 'ours'), { count: 1, command: ['cat'] });
    try {
      const address = await server.address(consoleName(0));
      const port = Number(address.split(':')[1]);
      return await echoInCrowd(settings, ['p50', 'p99'], { host: '127.0.0.1', port }, address);
    } finally {
      await server.stop();
    }
  });
}
