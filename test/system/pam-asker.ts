/**
 * Queries PAM inside the mount namespace of pam.test.ts: arguments SERVICE, PATIENCE, and questions as JSON (without a password: about the
 * account); answers on stdout.
 */

import { Pam, type PamAccount, type PamQuestion } from '../../src/access/pam.ts';
import { systemClock } from '../../src/platform/time/clock.ts';

const [, , service = '', patience = '', questions = ''] = process.argv;
const pam = new Pam(service, systemClock, { atOnce: 2, waiting: 8, patience: Number(patience) });
const answers = await Promise.all(
  (JSON.parse(questions) as (PamQuestion | PamAccount)[]).map((question) =>
    'password' in question ? pam.ask(question) : pam.askAccount(question),
  ),
);
process.stdout.write(JSON.stringify(answers));
