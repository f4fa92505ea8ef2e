/** What a server, or its absence, tells the command line. */
import type { Problem } from '../../../src/model/api.ts';
import type { ConfigProblem } from '../../../src/model/config.ts';
import { ERRORS, type ErrorCode, HoldfastError } from '../../../src/model/errors.ts';

/** A problem document that a server answered with. */
export class RemoteError extends HoldfastError {
  readonly problems: readonly ConfigProblem[] | undefined;
  constructor(code: ErrorCode, detail: string, problems: readonly ConfigProblem[] | undefined) {
    super(code, detail);
    this.problems = problems;
  }
}

/** Why nobody answers at this path, and what to do. */
export function unreachable(socket: string, error: NodeJS.ErrnoException): HoldfastError {
  const why =
    error.code === 'ENOENT'
      ? 'there is no such socket; `holdfast up` starts a server, `--socket` or HOLDFAST_SOCKET name another'
      : error.code === 'ECONNREFUSED'
        ? 'its server is gone; `holdfast up` starts it again'
        : error.code === 'EACCES'
          ? 'you may not use it; its group may (`ls -l` shows which)'
          : error.message;
  return new HoldfastError('HF_NO_SERVER', `${socket}: ${why}`);
}

/** The error in a problem document; a code that this client is too old for becomes HF_INTERNAL with the server's words. */
export function refusal(text: string, status: number): RemoteError {
  try {
    const { code, detail, problems } = JSON.parse(text) as Problem & { problems?: readonly ConfigProblem[] };
    return Object.hasOwn(ERRORS, code)
      ? new RemoteError(code as ErrorCode, detail, problems)
      : new RemoteError('HF_INTERNAL', `${code}: ${detail}`, undefined);
  } catch {
    return new RemoteError('HF_INTERNAL', `The server answered ${status} without saying why`, undefined);
  }
}
