import { EXIT } from '../command/exit-codes.ts';
import type { IsisVerb } from '../parts/isis-verb.ts';
import { clean } from '../text/display.ts';
import { layOut } from '../text/table.ts';
import { duration } from '../text/times.ts';

const COLUMNS = [{ title: 'SLOT' }, { title: 'HOST' }, { title: 'VIA' }, { title: 'ADDRESS' }, { title: 'IDLE' }];

export const isisHosts: IsisVerb = {
  name: 'hosts',
  usage: '[NAME]',
  operands: [0, 0],
  async run({ io, client, values }, server) {
    const hosts = await client.isis.hosts(server);
    if (values.json) {
      io.out(`${JSON.stringify(hosts, undefined, 2)}\n`);
    } else {
      const rows = hosts.map(({ slot, name, via, address, idleSeconds }) =>
        [String(slot), clean(name), via, clean(address), duration(idleSeconds * 1000)].map((text) => ({ text })),
      );
      io.out(`${layOut(COLUMNS, rows, io.columns, io.color).join('\n')}\n`);
    }
    return EXIT.ok;
  },
};
