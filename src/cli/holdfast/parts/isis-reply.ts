/** What `send` and `ping` have in common. */
import type { IsisReply } from '../../../model/isis-port.ts';
import { whole } from '../command/arguments.ts';
import type { Context } from '../command/command.ts';
import { EXIT } from '../command/exit-codes.ts';
import { clean } from '../text/display.ts';
import { paint } from '../text/styles.ts';

export const REPLY_SECONDS = 10;

const FAILED: readonly IsisReply['outcome'][] = ['error', 'fatal', 'timeout'];

/** How long to wait for a reply. */
export function replySeconds({ values }: Context): number {
  return whole(values, 'timeout') ?? REPLY_SECONDS;
}

/** Prints it; the exit code. */
export function printReply({ io, values }: Context, reply: IsisReply, to: string): number {
  const { messages, outcome, milliseconds } = reply;
  const failed = FAILED.includes(outcome);
  if (values.json) {
    io.out(`${JSON.stringify(reply, undefined, 2)}\n`);
  } else {
    for (const { type, body } of messages) {
      io.out(`${paint(io.color, type === 'error' || type === 'fatal' ? 'red' : 'none', clean(body))}\n`);
    }
    if (outcome === 'timeout') {
      io.err(`${clean(to)} has not answered within ${Math.round(milliseconds / 1000)} s\n`);
    }
  }
  return failed ? EXIT.failed : EXIT.ok;
}
