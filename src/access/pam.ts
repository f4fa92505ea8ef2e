/** Asks PAM, in a separate process for each attempt: modules block, fork, and change the process they run in. */

import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { closeLeftPipes } from '../platform/process/left-pipes.ts';
import type { Clock } from '../platform/time/clock.ts';
import { Gate } from '../platform/time/gate.ts';

export interface PamAccount {
  /** Byte string. */
  readonly user: string;
  /** Name or address of the peer, for the modules' own rules and logs. */
  readonly host: string;
}

export interface PamQuestion extends PamAccount {
  /** Byte string. */
  readonly password: string;
}

/** `unable`: PAM could not be asked; `absent`: this machine has no PAM. */
export type PamAnswer =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' | 'unable' | 'absent'; readonly reason: string };

export interface PamLimits {
  /** Concurrent attempts; others wait. */
  readonly atOnce: number;
  /** Attempts that may wait; further ones are refused. */
  readonly waiting: number;
  /** Milliseconds after which an attempt is ended, with everything that PAM has started for it. */
  readonly patience: number;
}

const LIMITS: PamLimits = { atOnce: 4, waiting: 64, patience: 30_000 };
const MAX_REASON = 200;
const SPARE_TIMEOUT_MS = 5000;

export class Pam {
  readonly #service: string;
  readonly #clock: Clock;
  readonly #limits: PamLimits;
  readonly #gate: Gate;

  constructor(service: string, clock: Clock, limits: PamLimits = LIMITS) {
    this.#service = service;
    this.#clock = clock;
    this.#limits = limits;
    this.#gate = new Gate(limits.atOnce, limits.waiting);
  }

  /** Authentication and account; never rejects. */
  async ask(question: PamQuestion): Promise<PamAnswer> {
    if (`${question.user}${question.host}${question.password}`.includes('\0')) {
      return { kind: 'wrong', reason: 'a NUL in user or password' };
    }
    const answer = await this.#gate.run(() => this.#run(question));
    return answer ?? { kind: 'wrong', reason: 'too many attempts are waiting for PAM' };
  }

  /** Whether the account is still good, of somebody who logged in before: `wrong` only if that is known. Never rejects. */
  async askAccount(account: PamAccount): Promise<PamAnswer> {
    const answer = await this.#gate.run(() => this.#run({ ...account, password: '' }, ['account']));
    return answer ?? { kind: 'unable', reason: 'too many questions are waiting for PAM' };
  }

  #run({ user, host, password }: PamQuestion, how: readonly string[] = []): Promise<PamAnswer> {
    const { promise, resolve } = Promise.withResolvers<PamAnswer>();
    let helper: ChildProcess;
    try {
      // Modules read the environment: ours is not passed on.
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
      const words = [this.#service, `${this.#limits.patience}`, ...how];
      helper = spawn(helperPath(), words, { env, cwd: '/', stdio: 'pipe' });
    } catch (error) {
      return Promise.resolve({ kind: 'unable', reason: (error as Error).message });
    }
    let reason = '';
    // The helper has its own time limit; this one is for a helper that hangs.
    const patience = this.#clock.after(this.#limits.patience + SPARE_TIMEOUT_MS, () => helper.kill('SIGKILL'));
    helper.stderr?.setEncoding('latin1').on('data', (text: string) => {
      reason = (reason + text).slice(0, MAX_REASON);
    });
    // Modules may print; it is discarded.
    helper.stdout?.resume();
    helper.stdin?.on('error', () => undefined);
    helper.stdin?.end(Buffer.from(`${user}\0${host}\0${password}\0`, 'latin1'));
    const finish = (answer: PamAnswer): void => {
      patience.cancel();
      resolve(answer);
    };
    helper.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      finish({ kind: code === 'ENOENT' ? 'absent' : 'unable', reason: `${helperPath()}: ${message}` }),
    );
    closeLeftPipes(helper);
    helper.once('close', (status) => finish(verdict(status, reason.trim())));
    return promise;
  }
}

/** Statuses of `native/pam/check.c`; any other is a failure. */
function verdict(status: number | null, reason: string): PamAnswer {
  switch (status) {
    case 0:
      return { kind: 'right' };
    case 1:
      return { kind: 'wrong', reason };
    case 3:
      return { kind: 'absent', reason };
    case 4:
      return { kind: 'wrong', reason: 'PAM did not answer in time' };
    default:
      return { kind: 'unable', reason: reason || `the PAM helper ended with ${status}` };
  }
}

/** The helper is beside the addon. */
function helperPath(): string {
  const here = import.meta.filename;
  return join(dirname(here), here.endsWith('.ts') ? '../../build/holdfast-pam' : 'holdfast-pam');
}
