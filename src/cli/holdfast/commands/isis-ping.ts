import { printReply, replySeconds } from '../parts/isis-reply.ts';
import type { IsisVerb } from '../parts/isis-verb.ts';
import { clean } from '../text/display.ts';

export const isisPing: IsisVerb = {
  name: 'ping',
  usage: '[NAME] HOST',
  operands: [1, 1],
  async run(context, server, [to = '']) {
    const reply = await context.client.isis.ping(server, to, replySeconds(context));
    const code = printReply(context, reply, to);
    if (reply.outcome === 'pong' && !context.values.json) {
      context.io.out(`${clean(to)} answered after ${reply.milliseconds.toFixed(1)} ms\n`);
    }
    return code;
  },
};
