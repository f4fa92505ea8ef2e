import { HoldfastError } from '../../model/errors.ts';
import type { Command } from './command.ts';
import type { ControlClient } from './control-client.ts';
import { EXIT } from './exit-codes.ts';

export const down: Command = {
  name: 'down',
  usage: '[--all]',
  summary: 'end the server; the processes go on, unless --all',
  options: [
    { name: 'all', help: 'stop every process by its recipe, then end the holder too' },
    { name: 'yes', short: 'y', help: 'do not ask before --all' },
  ],
  completes: 'nothing',
  operands: [0, 0],
  async run({ io, client, values }) {
    const all = values.all === true;
    if (all && !values.yes && io.interactive) {
      const { consoles } = await client.version();
      if (!(await io.confirm(`stop all ${consoles} consoles and the holder?`))) {
        io.err('nothing was done\n');
        return EXIT.usage;
      }
    }
    await client.down(all);
    if (all) {
      io.out('Stopping every process, then the holder.\n');
    }
    await gone(client);
    io.out(all ? 'All have ended.\n' : 'The server has ended; its processes go on.\n');
    return EXIT.ok;
  },
};

/** Resolves when the server, told to go down, serves nobody any more: its answer that goes on is the last to end. */
async function gone(client: ControlClient): Promise<void> {
  try {
    for await (const _ of client.followEvents({ limit: 1 })) {
      // What happens on the way is in the history.
    }
  } catch (error) {
    const code = error instanceof HoldfastError ? error.code : (error as NodeJS.ErrnoException).code;
    if (code !== 'HF_NO_SERVER' && code !== 'HF_GOING_DOWN' && code !== 'ECONNRESET') {
      throw error;
    }
  }
}
