import { echoInCrowd } from '../lib/crowd.ts';
import type { Settings } from '../lib/suite.ts';
import type { Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { type Servers, startServers } from './servers.ts';

/** The crowd connects to the endpoint of a console other than the one that echoes. */
export function crowd(settings: Settings): Promise<Row[]> {
  return crowdAt(settings, (servers) => servers.socket(0));
}

/** The same while they connect to the control socket. */
export function controlCrowd(settings: Settings): Promise<Row[]> {
  return crowdAt(settings, (servers) => servers.control as string);
}

function crowdAt(settings: Settings, door: (servers: Servers) => string): Promise<Row[]> {
  return inFreshDirectory(settings.logDirectory, async (directory) => {
    const servers = await startServers(settings, 'ours', directory, { count: 2, child: ['/bin/cat'] });
    try {
      const address = `unix:${servers.socket(1)}`;
      return await echoInCrowd(settings, ['p50', 'p99', 'max'], { path: door(servers) }, address);
    } finally {
      await servers.stop();
    }
  });
}
