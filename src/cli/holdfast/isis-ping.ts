import type { IsisReply } from '../../model/isis-port.ts';
import { whole } from './arguments.ts';
import { clean } from './display.ts';
import { printReply } from './isis-reply.ts';
import { type IsisVerb, isisPath } from './isis-verb.ts';

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
