/** The traffic of an ISIS server for one reader, who may be slow. */
import { matchesGlob } from '../grammar/text/glob.ts';
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import { IMP_TYPES, type ImpType, type IsisFilter, type IsisMessage, type IsisTraffic } from '../model/isis-port.ts';
import type { IsisService } from './service.ts';

/** Messages that may wait; further ones are counted, and the reader is told how many it missed. */
const QUEUE = 10_000;

/** As `IsisPort.watch`. Routing does not wait for the reader. */
export function watched(
  service: Pick<IsisService, 'watch'>,
  filter: IsisFilter,
  ended: EndSignal,
): AsyncGenerator<IsisTraffic> {
  const passes = testOf(filter);
  let messages: IsisMessage[] = [];
  let missed = 0;
  let over = ended.aborted;
  let wake = (): void => undefined;
  const unwatch = service.watch(
    (batch, before) => {
      missed += before;
      for (const message of batch) {
        if (!passes(message)) {
          continue;
        }
        if (messages.length < QUEUE) {
          messages.push(message);
        } else {
          missed += 1;
        }
      }
      wake();
    },
    () => end(),
  );
  const end = (): void => {
    over = true;
    unwatch();
    ended.removeEventListener('abort', end);
    wake();
  };
  ended.addEventListener('abort', end, { once: true });
  return batches();

  async function* batches(): AsyncGenerator<IsisTraffic> {
    try {
      while (!over) {
        if (messages.length === 0 && missed === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const traffic = { messages, missed };
        messages = [];
        missed = 0;
        if (traffic.messages.length > 0 || traffic.missed > 0) {
          yield traffic;
        }
      }
    } finally {
      end();
    }
  }
}

function testOf({ host, type, pattern }: IsisFilter): (message: IsisMessage) => boolean {
  const types = type?.toLowerCase().split(',');
  const strange = types?.find((one) => !(IMP_TYPES as readonly string[]).includes(one));
  if (strange !== undefined) {
    throw new HoldfastError('HF_BAD_REQUEST', `type: '${strange}' is not one of ${IMP_TYPES.join(', ')}`);
  }
  const name = host?.toUpperCase();
  const text = pattern === undefined ? undefined : `*${pattern.toLowerCase()}*`;
  return (message) =>
    (types === undefined || types.includes(message.type satisfies ImpType)) &&
    (name === undefined ||
      matchesGlob(name, message.from.toUpperCase()) ||
      matchesGlob(name, message.to.toUpperCase())) &&
    (text === undefined || matchesGlob(text, `${message.from}>${message.to} ${message.body}`.toLowerCase()));
}
