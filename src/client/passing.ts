import type { ErrorCode } from '../model/errors.ts';

/** Errors worth a retry while a server comes back. */
export const PASSING: ReadonlySet<ErrorCode> = new Set([
  ...(['HF_NO_SERVER', 'HF_NO_ANSWER', 'HF_BUSY', 'HF_GOING_DOWN', 'HF_NO_HOLDER'] as const),
]);
