/** The error that an answer of the control API stands for. */
import { ERRORS, type ErrorCode, HoldfastError } from '../model/errors.ts';

export function problemError(status: number, body: string): HoldfastError {
  try {
    const { code, detail } = JSON.parse(body) as { code?: string; detail?: string };
    if (code !== undefined && Object.hasOwn(ERRORS, code)) {
      return new HoldfastError(code as ErrorCode, detail ?? ERRORS[code as ErrorCode].title);
    }
  } catch {
    // Not from our server: told below with what it said.
  }
  return new HoldfastError('HF_BAD_REQUEST', `the server answers ${status}: ${body.slice(0, 200)}`);
}
