/** Errors as problem documents. */
import type { Problem } from '../../model/api.ts';
import type { ConfigProblem } from '../../model/config.ts';
import { HoldfastError } from '../../model/errors.ts';
import { problemOf } from '../../model/problem.ts';

/** The configuration was refused; the document lists why. */
export class ConfigRefused extends Error {
  readonly code = 'HF_BAD_CONFIG';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(`${problems.length} ${problems.length === 1 ? 'error' : 'errors'}; nothing was applied`);
    this.problems = problems;
  }
}

/** Cases that Fastify's own messages leave unclear. */
const OF_STATUS: Readonly<Record<number, string>> = {
  413: 'body: it has more than 64 KiB, or 16 MiB for POST /v1/plan',
  414: 'path: the name in it has more than 1024 characters',
  415: 'body: only application/json is read; say so in Content-Type',
};

/** How a thrown value is reported to the client; only deliberate errors show their text. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof ConfigRefused) {
    return { ...problemOf(error.code, error.message), problems: error.problems };
  }
  if (error instanceof HoldfastError) {
    return problemOf(error.code, error.message);
  }
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return problemOf('HF_BAD_REQUEST', OF_STATUS[statusCode] ?? message ?? '', statusCode);
  }
  return problemOf('HF_INTERNAL', 'The server failed at this request; its own log says why.');
}
