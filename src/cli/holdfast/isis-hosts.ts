import type { IsisHostInfo } from '../../model/isis-port.ts';
import { clean } from './display.ts';
import { EXIT } from './exit-codes.ts';
import { type IsisVerb, isisPath } from './isis-verb.ts';
import { layOut } from './table.ts';
import { duration } from './times.ts';

const COLUMNS = [{ title: 'SLOT' }, { title: 'HOST' }, { title: 'VIA' }, { title: 'ADDRESS' }, { title: 'IDLE' }];

export const isisHosts: IsisVerb = {
  name: 'hosts',
  usage: '[NAME]',
  operands: [0, 0],
  async run({ io, client, values }, server) {
    const hosts = await client.json<readonly IsisHostInfo[]>('GET', isisPath(server, 'hosts'));
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
