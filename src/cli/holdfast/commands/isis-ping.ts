import type { IsisReply } from '../../../model/isis-port.ts';
import { whole } from '../command/arguments.ts';
import { printReply } from '../parts/isis-reply.ts';
import { type IsisVerb, isisPath } from '../parts/isis-verb.ts';
import { clean } from '../text/display.ts';

export const isisPing: IsisVerb = {
  name: 'ping',
  usage: '[NAME] HOST',
  operands: [1, 1],
  async run(context, server, [to = '']) {
    const seconds = whole(context.values, 'timeout');
    const body = { to, ...(seconds === undefined ? {} : { seconds }) };
    const reply = await context.client.json<IsisReply>('POST', isisPath(server, 'ping'), body);
    const code = printReply(context, reply, to);
    if (reply.outcome === 'pong' && !context.values.json) {
      context.io.out(`${clean(to)} answered after ${reply.milliseconds.toFixed(1)} ms\n`);
    }
    return code;
  },
};
