import { verbCommand } from '../parts/verbs.ts';

export const restart = verbCommand({
  name: 'restart',
  summary: 'stop a process by its recipe, then start it again at once',
});
