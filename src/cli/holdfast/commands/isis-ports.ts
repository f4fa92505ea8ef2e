import { EXIT } from '../command/exit-codes.ts';
import type { IsisVerb } from '../parts/isis-verb.ts';
import { clean } from '../text/display.ts';

export const isisPorts: IsisVerb = {
  name: 'ports',
  usage: '[NAME]',
  operands: [0, 0],
  async run({ io, client, values }, server) {
    const { serial, presets, ...rest } = await client.isis.ports(server);
    if (values.json) {
      io.out(`${JSON.stringify({ serial, presets, ...rest }, undefined, 2)}\n`);
    } else {
      const lines = serial.map(
        ({ device, open }, n) => `serial ${n}  ${clean(device)}  ${open ? 'open' : 'hung up'}\n`,
      );
      io.out([...lines, ...presets.map((address, n) => `preset ${n}  ${clean(address)}\n`)].join('') || 'none\n');
    }
    return EXIT.ok;
  },
};
