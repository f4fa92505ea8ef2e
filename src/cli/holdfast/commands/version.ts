import { type Command, JSON_OPTION } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { troubleText } from '../parts/away-server.ts';
import { clean } from '../text/display.ts';
import { folded } from '../text/folded.ts';
import { local } from '../text/times.ts';

export const version: Command = {
  name: 'version',
  usage: '',
  summary: 'versions of this program, of the server and of the holder',
  options: [JSON_OPTION],
  completes: 'nothing',
  operands: [0, 0],
  async run({ io, client, socket, values, version: own }) {
    const server = await client.version().catch((error: Error) => error);
    if (server instanceof Error) {
      io.out(values.json ? `${JSON.stringify({ client: own })}\n` : `holdfast ${own}\n`);
      io.err(`holdfast: version: ${clean(await troubleText(server, socket, io.env))}\n`);
      return EXIT.ok;
    }
    if (values.json) {
      io.out(`${JSON.stringify({ client: own, server }, undefined, 2)}\n`);
      return EXIT.ok;
    }
    const { holder, config } = server;
    const text = `holdfast ${own}
server   ${server.version}, pid ${server.pid}, node ${server.node}, since ${local(server.startedAt)}, ${server.consoles} consoles
holder   ${holder.version}, pid ${holder.pid}, protocol ${holder.protocol}, since ${local(holder.startedAt)}
${config.files.map((file) => `config   ${file}\n`).join('')}${config.changedOnDisk ? "         changed on disk, not applied: see 'holdfast plan'\n" : ''}`;
    io.out(folded(text, io.columns));
    return EXIT.ok;
  },
};
