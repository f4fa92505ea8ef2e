import type { Command } from '../command/command.ts';
import { verbCommand } from '../parts/verbs.ts';

const plain = verbCommand({
  name: 'start',
  summary: 'start a process, or connect a source again',
  help: `Also ends the wait of a console that is waiting, crash-looping or failed. A console that is held stays held.
It is done when the console is ready, or running if it has no readiness check, and has failed as soon as it ends instead.`,
});

export const start: Command = {
  ...plain,
  options: [
    { name: 'wait', short: 'w', help: 'as without it: for scripts that are older than --no-wait' },
    ...plain.options,
  ],
};
