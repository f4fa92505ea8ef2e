import { didYouMean } from '../../../model/nearest-word.ts';
import { SIGNALS, signalNumber } from '../../../model/signals.ts';
import { text } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { REASON_OPTION } from '../parts/reason.ts';
import { onEach, SELECTION } from '../parts/verbs.ts';

/** Its number; real-time signals have no names. */
function parseSignal(given: string): number {
  const number = signalNumber(given) ?? (/^(3[4-9]|[45]\d|6[0-4])$/.test(given) ? Number(given) : undefined);
  if (number === undefined) {
    const meant = didYouMean(given.replace(/^SIG/i, ''), Object.keys(SIGNALS));
    throw new UsageError(`--signal: there is no signal '${given}'${meant}`);
  }
  return number;
}

export const signal: Command = {
  name: 'signal',
  usage: 'NAME or PATTERN ... --signal SIGNAL',
  summary: 'send a signal to the processes of a console',
  help: 'SIGNAL is a name such as USR1, or a number; it goes to the process group. If the process ends, its restart policy applies.',
  options: [{ name: 'signal', short: 's', value: 'SIGNAL', help: 'HUP, USR1, 15...' }, REASON_OPTION, ...SELECTION],
  completes: 'console',
  operands: [0, Number.POSITIVE_INFINITY],
  async run(context) {
    const given = text(context.values, 'signal');
    if (given === undefined) {
      throw new UsageError('signal: --signal SIGNAL is missing, as in --signal USR1');
    }
    const which = parseSignal(given);
    return onEach(context, 'signal', ({ name }, reason) => context.client.signal(name, which, reason));
  },
};
