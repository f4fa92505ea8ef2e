import { queryText } from '../../../client/http-client.ts';
import type { IsisMessage } from '../../../model/isis-port.ts';
import { text } from '../command/arguments.ts';
import { EXIT } from '../command/exit-codes.ts';
import { type IsisVerb, isisPath } from '../parts/isis-verb.ts';
import { clean } from '../text/display.ts';
import { paint, type Style } from '../text/styles.ts';

const STYLES: Partial<Record<IsisMessage['type'], Style>> = {
  ...{ error: 'red', fatal: 'red', warning: 'yellow', done: 'green' },
  ...{ heartbeat: 'gray', ping: 'gray', pong: 'gray' },
};

export const isisWatch: IsisVerb = {
  name: 'watch',
  usage: '[NAME] [--host HOST] [--type TYPE,...] [--match TEXT]',
  operands: [0, 0],
  async run({ io, client, values }, server) {
    const query = { host: text(values, 'host'), type: text(values, 'type'), pattern: text(values, 'match') };
    const lines = client.lines(`${isisPath(server, 'watch')}${queryText(query)}`, io.interrupted);
    for await (const line of lines) {
      const message = JSON.parse(line) as IsisMessage | { readonly missed: number };
      if (values.json) {
        io.out(`${line}\n`);
      } else if ('missed' in message) {
        io.err(`${message.missed} message(s) were missed: this reader was too slow\n`);
      } else {
        const { time, from, to, type, body } = message;
        const what = `${clean(from)}>${clean(to)} ${clean(body)}`.trimEnd();
        io.out(`${paint(io.color, 'gray', time)}  ${paint(io.color, STYLES[type] ?? 'none', what)}\n`);
      }
    }
    return EXIT.ok;
  },
};
