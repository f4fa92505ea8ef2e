import { type Command, JSON_OPTION } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { REPLY_SECONDS } from '../parts/isis-reply.ts';
import { type IsisVerb, meant } from '../parts/isis-verb.ts';
import { REASON_OPTION } from '../parts/reason.ts';
import { isisHosts } from './isis-hosts.ts';
import { listIsis } from './isis-list.ts';
import { isisPing } from './isis-ping.ts';
import { isisPorts } from './isis-ports.ts';
import { isisSend } from './isis-send.ts';
import { isisWatch } from './isis-watch.ts';

const VERBS: readonly IsisVerb[] = [isisHosts, isisPorts, isisSend, isisPing, isisWatch];

export const isis: Command = {
  name: 'isis',
  usage: `[${VERBS.map(({ name }) => name).join('|')}] [NAME] ...`,
  summary: 'the ISIS message servers of this host: their state, hosts and ports, messages to and between hosts',
  help: `holdfast isis                        all ISIS servers, with their state
${VERBS.map(({ name, usage }) => `holdfast isis ${name} ${usage}`).join('\n')}

NAME may be left out if there is only one ISIS server. send and ping speak as the server; send to the name of the server
itself is a command to it. Put words that begin with - after --. Exit code 1: ERROR, FATAL or no reply in time.`,
  options: [
    {
      name: 'timeout',
      value: 'SECONDS',
      help: `send, ping: how long to wait for the reply, 0: not at all [${REPLY_SECONDS}]`,
    },
    { name: 'host', value: 'HOST', help: 'watch: only messages from or to this host; *, ?' },
    { name: 'type', value: 'TYPE', help: 'watch: only these types, such as error,fatal,warning' },
    { name: 'match', value: 'TEXT', help: 'watch: only messages with this text in them; *, ?' },
    { ...REASON_OPTION, help: `send: ${REASON_OPTION.help}` },
    JSON_OPTION,
  ],
  completes: 'nothing',
  operands: [0, Number.POSITIVE_INFINITY],
  async run(context) {
    const [word, ...words] = context.words;
    if (word === undefined) {
      return listIsis(context);
    }
    const verb = VERBS.find(({ name }) => name === word);
    if (!verb) {
      throw new UsageError(`isis: '${word}' is not one of ${VERBS.map(({ name }) => name).join(', ')}`);
    }
    const [server, rest] = await meant(context, verb, words);
    return verb.run(context, server, rest);
  },
};
