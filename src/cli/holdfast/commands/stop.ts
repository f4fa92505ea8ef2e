import { verbCommand } from '../parts/verbs.ts';

export const stop = verbCommand({
  name: 'stop',
  summary: 'stop a process by its recipe; it stays down until somebody starts it',
});
