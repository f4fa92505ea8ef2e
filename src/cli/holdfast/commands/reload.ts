import { type Command, JSON_OPTION } from '../command/command.ts';
import { REASON_OPTION, reasonFor } from '../parts/reason.ts';
import { report } from '../text/plan-text.ts';

export const reload: Command = {
  name: 'reload',
  usage: '',
  summary: 'apply the configuration files: touches only what changed',
  help: `A running process is never restarted by a reload: what needs a restart takes effect with its next start.
Keys of [server] that need a restart of the server or the holder are listed, but do not count as changes.
A change that fails does not hold up the others: it is reported, and stays in the plan.
Exit code 0: nothing to do; 1: not all changes could be applied; 2: changes were applied; 78: the files have errors and nothing was applied.`,
  options: [REASON_OPTION, JSON_OPTION],
  completes: 'nothing',
  operands: [0, 0],
  run: async (context) =>
    report(context, await context.client.apply(await reasonFor(context, 'apply', 'server')), true),
};
