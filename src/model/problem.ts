/** Errors as problem documents (RFC 9457). Pure. */
import type { Problem } from './api.ts';
import { ERRORS, type ErrorCode } from './errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** `status` if HTTP has a more specific one than the catalogue (405, 413). */
export function problemOf(code: ErrorCode, detail: string, status: number = ERRORS[code].status): Problem {
  return { type: `https://holdfast.dev/errors#${code.toLowerCase()}`, title: ERRORS[code].title, status, detail, code };
}
