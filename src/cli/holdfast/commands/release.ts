import { verbCommand } from '../parts/verbs.ts';

export const release = verbCommand({
  name: 'release',
  summary: 'end a hold; what was up before the hold is started again',
});
