import { type Command, JSON_OPTION } from '../command/command.ts';
import { report } from '../text/plan-text.ts';

export const plan: Command = {
  name: 'plan',
  usage: '',
  summary: 'show what a reload would change, without changing anything',
  help: 'Exit code 0: nothing to do; 2: there are changes; 78: the files have errors, all of which are listed.',
  options: [JSON_OPTION],
  completes: 'nothing',
  operands: [0, 0],
  run: async (context) => report(context, await context.client.plan(), false),
};
