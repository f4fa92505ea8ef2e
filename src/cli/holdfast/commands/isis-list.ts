import type { IsisSummary } from '../../../model/isis-port.ts';
import type { Context } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';
import type { Style } from '../text/styles.ts';
import { layOut } from '../text/table.ts';
import { duration } from '../text/times.ts';

const COLUMNS = [
  { title: 'NAME', least: 8 },
  { title: 'STATE' },
  { title: 'SINCE' },
  { title: 'ID' },
  { title: 'ADDRESS' },
  { title: 'HOSTS' },
  { title: 'LOG', least: 8 },
];
const STYLES: Partial<Record<IsisSummary['state'], Style>> = { running: 'green', waiting: 'red' };

/** `holdfast isis`: the ISIS servers of this host. */
export async function listIsis({ io, client, values }: Context): Promise<number> {
  const servers = await client.isis.list();
  if (values.json) {
    io.out(`${JSON.stringify(servers, undefined, 2)}\n`);
  } else if (servers.length === 0) {
    io.err('no ISIS server is configured: see [isis.NAME] in the configuration\n');
  } else {
    const rows = servers.map(({ name, state, since, id, address, port, hosts, maxHosts, log, reason }) => {
      const style = STYLES[state];
      return [
        { text: clean(name) },
        { text: state, ...(style === undefined ? {} : { style }) },
        { text: duration(io.now() - Date.parse(since)) },
        { text: clean(id) },
        { text: `${address}:${port}` },
        { text: `${hosts}/${maxHosts}` },
        { text: clean(reason ?? log ?? '-') },
      ];
    });
    io.out(`${layOut(COLUMNS, rows, io.columns, io.color).join('\n')}\n`);
  }
  return EXIT.ok;
}
