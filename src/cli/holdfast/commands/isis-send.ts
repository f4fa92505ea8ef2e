import { printReply, replySeconds } from '../parts/isis-reply.ts';
import type { IsisVerb } from '../parts/isis-verb.ts';
import { reasonFor } from '../parts/reason.ts';

export const isisSend: IsisVerb = {
  name: 'send',
  usage: '[NAME] HOST TEXT ...',
  operands: [2, Number.POSITIVE_INFINITY],
  async run(context, server, [to = '', ...text]) {
    const reason = await reasonFor(context, 'sendIsis', [`isis.${server}`]);
    const reply = await context.client.isis.send(server, to, text.join(' '), replySeconds(context), reason);
    return printReply(context, reply, to);
  },
};
