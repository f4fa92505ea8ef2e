/** Exit codes of `holdfast`: a contract with scripts. The numbers from 64 to 78 are those of sysexits.h. */
import { type ErrorCode, HoldfastError } from '../../../model/errors.ts';

export const EXIT = {
  ok: 0,
  failed: 1,
  changes: 2,
  down: 3,
  timedOut: 4,
  usage: 64,
  noConsole: 66,
  noServer: 69,
  internal: 70,
  again: 75,
  permission: 77,
  config: 78,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof EXIT;

/** The meaning of each code, for the reference page. */
export const EXIT_MEANING: Readonly<Record<ExitName, string>> = {
  ok: 'Done. `plan` and `reload`: there was nothing to do. `grep`: something was found.',
  failed: 'Not done; the message says why. `grep`: nothing was found. `doctor`: a check failed.',
  changes: '`plan`: there are changes to apply. `reload`: changes were applied.',
  down: '`status`: the console is not up.',
  timedOut: '`start`, `stop`, `restart`, `hold`, `release`: accepted, but not done within the time; it goes on.',
  usage: 'The command line is invalid, a reason is needed, or a question on the terminal was answered with no.',
  noConsole: 'No console, ISIS server or host of one has this name, or several match an abbreviation.',
  noServer: 'No server answers on the control socket, or it has not answered in time.',
  internal: 'A defect of this program, or an incomplete installation.',
  again: 'Not now: the console is held, another user has the keyboard, or the server is busy or going down.',
  permission:
    'This user may not open the control socket or write a file, lacks the right, is not logged in at the host, or the host is not the one that is known.',
  config: 'The configuration has errors; nothing was applied.',
  interrupted: 'Ctrl-C. `start`, `stop`, `restart`, `hold`, `release`: only the waiting has ended.',
};

const OF_ERROR: Readonly<Record<ErrorCode, ExitName>> = {
  HF_NO_CONSOLE: 'noConsole',
  HF_NOT_A_PROCESS: 'failed',
  HF_HELD: 'again',
  HF_NOT_RUNNING: 'failed',
  HF_BUSY_KEYBOARD: 'again',
  HF_FORBIDDEN: 'permission',
  HF_REASON_NEEDED: 'usage',
  HF_LOGIN_REFUSED: 'permission',
  HF_LOGIN_WAIT: 'again',
  HF_NOT_LOGGED_IN: 'permission',
  HF_NOT_TRUSTED: 'permission',
  HF_NO_TOKEN: 'failed',
  HF_TOKEN_NOT_SAVED: 'failed',
  HF_BAD_REQUEST: 'failed',
  HF_BAD_CONFIG: 'config',
  HF_PLAN_CHANGED: 'again',
  HF_NO_LOG: 'failed',
  HF_NOT_KEPT: 'failed',
  HF_NO_AUDIT: 'failed',
  HF_AUDIT_OFF: 'failed',
  HF_NO_HOLDER: 'again',
  HF_BUSY: 'again',
  HF_GOING_DOWN: 'again',
  HF_NO_ISIS: 'noConsole',
  HF_NO_ISIS_HOST: 'noConsole',
  HF_ISIS_DOWN: 'again',
  HF_NO_ANSWER: 'noServer',
  HF_NO_SERVER: 'noServer',
  HF_NO_ROUTE: 'failed',
  HF_INTERNAL: 'internal',
};

/** A command line that makes no sense. */
export class UsageError extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) {
    return EXIT.usage;
  }
  if (error instanceof HoldfastError) {
    return EXIT[OF_ERROR[error.code] ?? 'failed'];
  }
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'EACCES' || code === 'EPERM') {
    return EXIT.permission;
  }
  // A refusal by the operating system is not a defect of ours. Node's own codes begin with ERR_.
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? EXIT.failed : EXIT.internal;
}

/** `EACCES: permission denied, open '/etc/x'` of Node is `/etc/x: permission denied`. */
export function messageOf(error: Error): string {
  return error.message.replace(
    /^E[A-Z0-9]+: (.+), \w+ '(.+?)'(?: -> '(.+)')?$/s,
    (_, what: string, path: string, to?: string) => `${to ?? path}: ${what}`,
  );
}
