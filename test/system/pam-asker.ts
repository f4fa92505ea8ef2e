/**
 * Queries PAM inside the mount namespace of pam.test.ts: arguments SERVICE and PATIENCE, questions as JSON on stdin,
 * answers on stdout.
 */

import { Pam, type PamQuestion } from '../../src/access/pam.ts';
import { systemClock } from '../../src/platform/time/clock.ts';

const [, , service = '', patience = '', questions = ''] = process.argv;
const pam = new Pam(service, systemClock, { atOnce: 2, waiting: 8, patience: Number(patience) });
const answers = await Promise.all((JSON.parse(questions) as PamQuestion[]).map((question) => pam.ask(question)));
process.stdout.write(JSON.stringify(answers));
