import type { Command } from '../command/command.ts';
import { UsageError } from '../command/exit-codes.ts';

export const top: Command = {
  name: 'top',
  usage: '',
  summary: 'watch all consoles on the whole screen, look into them, act on them',
  help: `Consoles in trouble come first. '?' shows the keys, 'q' leaves; whatever way it ends, nothing else ends with it.
Stop and restart of what is up, and verbs for several consoles, are confirmed; a hold asks for its reason.
It takes a terminal of at least 40x8; 'holdfast ps --watch' does without.`,
  options: [],
  completes: 'nothing',
  operands: [0, 0],
  run(context) {
    const { io, hooks } = context;
    const { TERM = '' } = io.env;
    if (!io.interactive || TERM === '' || TERM === 'dumb') {
      const what = io.interactive ? 'this terminal can do too little (TERM)' : 'it takes a terminal';
      throw new UsageError(`top: ${what}; 'holdfast ps --watch' shows the consoles without one`);
    }
    return hooks.top(context);
  },
};
