import { interleave } from '../lib/interleave.ts';
import type { Settings } from '../lib/suite.ts';
import { atMostTimes, below, type Row } from '../lib/table.ts';
import { inFreshDirectory } from '../lib/workspace.ts';
import { allAccept, HostServer, launch } from './servers.ts';

const CHILD = ['/bin/cat'];

/** From the first exec until all of 200 endpoints have accepted a connection. */
export async function starts(settings: Settings): Promise<Row[]> {
  const count = 200;
  const samples = await interleave(settings.quick ? 1 : 4, ['theirs', 'ours'], (side) =>
    inFreshDirectory(settings.logDirectory, async (directory) => {
      const began = performance.now();
      const servers = launch(settings, side, directory, { count, child: CHILD });
      await allAccept(servers, count);
      const took = performance.now() - began;
      // The processes to end are looked up afterwards: that time is not part of a start.
      await servers.found();
      await servers.stop();
      return took;
    }),
  );
  return [{ what: `start of ${count} until all accept`, unit: 'ms', ...samples, goal: atMostTimes(1) }];
}

/** From SIGKILL to the server until all of 500 endpoints accept again. */
export async function restart(settings: Settings): Promise<Row[]> {
  const count = 500;
  const ours = await inFreshDirectory(settings.logDirectory, async (directory) => {
    const server = new HostServer(settings, directory, { count, child: CHILD });
    try {
      await allAccept(server, count);
      const times: number[] = [];
      for (let round = 0; round < (settings.quick ? 2 : 5); round++) {
        await server.found();
        const began = performance.now();
        await server.restart();
        await allAccept(server, count);
        times.push(performance.now() - began);
      }
      await server.found();
      return times;
    } finally {
      await server.stop();
    }
  });
  return [
    {
      what: `restart of the server with ${count} consoles until all accept`,
      unit: 'ms',
      ours,
      theirs: [],
      goal: below(2000, 'ms'),
    },
  ];
}
