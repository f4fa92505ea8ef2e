/** Errors as problem documents (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { Problem } from '../../model/api.ts';
import type { ConfigProblem } from '../../model/config.ts';
import { ERRORS, type ErrorCode, HoldfastError } from '../../model/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

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
  413: 'body: it has more than 64 KiB',
  414: 'path: the name in it has more than 1024 characters',
  415: 'body: only application/json is read; say so in Content-Type',
};

/** `status` if HTTP has a more specific one than the catalogue (405, 413). */
export function problemOf(code: ErrorCode, detail: string, status: number = ERRORS[code].status): Problem {
  return { type: `https://holdfast.dev/errors#${code.toLowerCase()}`, title: ERRORS[code].title, status, detail, code };
}

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

/** A complete answer for a connection that is not answered in any other way. */
export function problemResponse(problem: Problem): string {
  const body = JSON.stringify(problem);
  return (
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}
