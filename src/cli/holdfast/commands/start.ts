import { text } from '../command/arguments.ts';
import type { Command } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';
import { onEach, verbCommand } from '../parts/verbs.ts';
import { latestEvent, waitUntilUp } from '../parts/wait-until-up.ts';
import { parseDuration } from '../text/times.ts';

const TIMEOUT = '60s';

const plain = verbCommand({
  name: 'start',
  summary: 'start a process, or connect a source again',
  help: `Also ends the wait of a console that is waiting, crash-looping or failed. A console that is held stays held.
With --wait it returns when the console is ready (running, if it has no readiness check), or with exit code 1 and
the reason as soon as it ends instead, or when the time is over.`,
});

export const start: Command = {
  ...plain,
  options: [
    { name: 'wait', short: 'w', help: 'wait until it is ready, or has failed' },
    { name: 'timeout', short: 't', value: 'DURATION', help: `with --wait: at most this long [${TIMEOUT}]` },
    ...plain.options,
  ],
  async run(context) {
    const { client, clock, values } = context;
    const given = text(values, 'timeout');
    if (!values.wait) {
      if (given !== undefined) {
        throw new UsageError('start: --timeout says how long to --wait');
      }
      return plain.run(context);
    }
    const timeout = parseDuration(given ?? TIMEOUT, '--timeout');
    const since = await latestEvent(client);
    return onEach(
      context,
      'start',
      ({ name }, reason) => client.start(name, reason),
      (accepted) => waitUntilUp(client, accepted, since, timeout, clock),
    );
  },
};
