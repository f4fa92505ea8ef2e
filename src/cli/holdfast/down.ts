import type { Command } from './command.ts';
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
    io.out(all ? 'Stopping every process, then the holder.\n' : 'The server ends; its processes go on.\n');
    return EXIT.ok;
  },
};
