import { verbCommand } from './verbs.ts';

export const start = verbCommand({
  name: 'start',
  summary: 'start a process, or connect a source again',
  help: 'Also ends the wait of a console that is waiting, crash-looping or failed. A console that is held stays held.',
});
