/** Which files a server reads, for what reads them beside it. */
import { type ErrorCode, HoldfastError } from '../../../model/errors.ts';

/** The file to give to `-c` for what a server reads, whose first file this is: without a main file that of the usual place is meant. */
export function mainFile(first: string | undefined): string | undefined {
  return first === undefined || /\/conf\.d\/[^/]+$/.test(first) ? undefined : first;
}

/** Passes on every error but this one. */
export function unless(code: ErrorCode): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof HoldfastError && error.code === code)) {
      throw error;
    }
  };
}
