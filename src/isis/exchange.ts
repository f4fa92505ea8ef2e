import { isName, LARGEST_MESSAGE, upperCase } from '../codec/imp.ts';
import { HoldfastError } from '../model/errors.ts';
import type { IsisMessage, IsisReply } from '../model/isis-port.ts';
import type { Clock } from '../platform/time/clock.ts';
import type { IsisServer } from './server.ts';
import { shownMessage, typeOf, wireText } from './wire-text.ts';

const FINAL = new Set<IsisMessage['type']>(['done', 'error', 'fatal', 'pong']);

// biome-ignore lint/suspicious/noControlCharactersInRegex: a line feed would begin a second, forged message
const CONTROL = /[\x00-\x1f\x7f]/;

/** Sends a message as the server and collects what the host answers to the server, until a final reply or the time is over. */
export async function exchange(
  server: IsisServer,
  to: string,
  text: string,
  seconds: number,
  timers: Clock,
): Promise<IsisReply> {
  const name = upperCase(to);
  const body = wireText(text);
  if (!isName(name) || body === '' || CONTROL.test(text) || body.length > LARGEST_MESSAGE - 20) {
    const what = isName(name) ? 'the text must be one line of 1 to 4076 bytes' : `'${to}' is not a name of a host`;
    throw new HoldfastError('HF_BAD_REQUEST', what);
  }
  const began = timers.monotonic();
  const messages: IsisMessage[] = [];
  const result = (outcome: IsisReply['outcome']): IsisReply => ({
    messages,
    outcome,
    milliseconds: Math.round((timers.monotonic() - began) * 1000) / 1000,
  });
  const toServer = name === upperCase(server.id);
  if (!toServer && name !== 'AL' && !server.table.find(name)) {
    throw new HoldfastError('HF_NO_ISIS_HOST', `no host ${name} has spoken to ${server.id}`);
  }
  const wait = toServer || (name !== 'AL' && seconds > 0);
  return new Promise<IsisReply>((resolve) => {
    let unwatch = (): void => undefined;
    const finish = (outcome: IsisReply['outcome']): void => {
      timer.cancel();
      unwatch();
      resolve(result(outcome));
    };
    const timer = timers.after(Math.max(seconds, 1) * 1000, () => finish('timeout'));
    if (toServer) {
      server.typed(body, (answer) => {
        const at = server.clock.wall();
        const message = { at, direction: 'sent', source: server.id, destination: server.id, body: answer } as const;
        messages.push(shownMessage(message));
        const type = typeOf(answer);
        finish(FINAL.has(type) ? (type as IsisReply['outcome']) : 'done');
      });
      return;
    }
    if (wait) {
      const own = upperCase(server.id);
      unwatch = server.watch({
        traffic: (batch) => {
          for (const { direction, source, destination, ...rest } of batch) {
            const message = shownMessage({ direction, source, destination, ...rest });
            const answers = direction === 'received' && source === name && destination === own;
            if (answers && message.type !== 'heartbeat') {
              messages.push(message);
              if (FINAL.has(message.type)) {
                finish(message.type as IsisReply['outcome']);
                return;
              }
            }
          }
        },
      });
    }
    server.say(name, body);
    if (!wait) {
      finish('sent');
    }
  });
}
