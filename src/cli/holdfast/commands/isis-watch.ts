import { counted } from '../../../model/counted.ts';
import type { IsisMessage } from '../../../model/isis-port.ts';
import { text } from '../command/arguments.ts';
import { EXIT } from '../command/exit-codes.ts';
import type { IsisVerb } from '../parts/isis-verb.ts';
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
    const filter = { host: text(values, 'host'), type: text(values, 'type'), pattern: text(values, 'match') };
    for await (const { messages, missed } of client.isis.watch(server, filter, io.interrupted())) {
      for (const message of messages) {
        io.out(`${values.json ? JSON.stringify(message) : shown(message, io.color)}\n`);
      }
      if (missed > 0 && values.json) {
        io.out(`${JSON.stringify({ missed })}\n`);
      } else if (missed > 0) {
        io.err(`${counted(missed, 'message')} missed: this reader was too slow\n`);
      }
    }
    return EXIT.ok;
  },
};

function shown({ time, from, to, type, body }: IsisMessage, color: boolean): string {
  const what = `${clean(from)}>${clean(to)} ${clean(body)}`.trimEnd();
  return `${paint(color, 'gray', time)}  ${paint(color, STYLES[type] ?? 'none', what)}`;
}
