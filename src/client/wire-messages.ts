/** The messages of a WebSocket as a sequence. */
import type { EndSignal } from '../model/end-signal.ts';
import { HoldfastError } from '../model/errors.ts';
import type { Transport, Wire } from './transport.ts';

/**
 * Texts, until `ended`. One that is not taken holds up those after it in the server. Throws what the connection fails with, and
 * HF_NO_SERVER when the server closes it.
 */
export async function* wireMessages(
  transport: Transport,
  target: string,
  protocol: string,
  ended?: EndSignal,
): AsyncGenerator<string> {
  const messages: string[] = [];
  let failure: Error | undefined;
  let over = false;
  let wake = (): void => undefined;
  const end = (error?: Error): void => {
    failure ??= error;
    over = true;
    wake();
  };
  const wire: Wire = transport.open(target, [protocol], {
    pinged: true,
    text: (message) => {
      messages.push(message);
      wire.pause();
      wake();
    },
    bytes: () => undefined,
    failed: end,
    closed: () => end(),
  });
  const stop = (): void => end();
  ended?.addEventListener('abort', stop, { once: true });
  try {
    while (!ended?.aborted) {
      const next = messages.shift();
      if (next !== undefined) {
        yield next;
      } else if (over) {
        throw failure ?? new HoldfastError('HF_NO_SERVER', 'the server went away');
      } else {
        wire.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    ended?.removeEventListener('abort', stop);
    wire.close();
  }
}
