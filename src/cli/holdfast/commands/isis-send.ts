import type { IsisReply } from '../../../model/isis-port.ts';
import { whole } from '../command/arguments.ts';
import { printReply } from '../parts/isis-reply.ts';
import { type IsisVerb, isisPath } from '../parts/isis-verb.ts';

export const isisSend: IsisVerb = {
  name: 'send',
  usage: '[NAME] HOST TEXT ...',
  operands: [2, Number.POSITIVE_INFINITY],
  async run(context, server, [to = '', ...text]) {
    const seconds = whole(context.values, 'timeout');
    const body = { to, text: text.join(' '), ...(seconds === undefined ? {} : { seconds }) };
    return printReply(context, await context.client.json<IsisReply>('POST', isisPath(server, 'send'), body), to);
  },
};
