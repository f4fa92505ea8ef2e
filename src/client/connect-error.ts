/** Why a control socket could not be reached. */
import { HoldfastError } from '../model/errors.ts';

/** For whoever does not look at the machine: the command line knows more. */
export function noServerText(socket: string): string {
  return `no server answers on ${socket}: 'holdfast up' starts it, --socket names another`;
}

/** Likewise. */
export function closedText(socket: string): string {
  return `this user may not open ${socket}: see its mode and group`;
}

/** The error of connect(2), with advice. */
export function connectError(error: NodeJS.ErrnoException, socket: string): Error {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return new HoldfastError('HF_NO_SERVER', noServerText(socket));
    case 'ECONNRESET':
    case 'EPIPE':
      return new HoldfastError(
        'HF_BUSY',
        `there is a server on ${socket}, but it closed the connection without an answer: it is out of descriptors, or going down`,
      );
    case 'EAGAIN':
      return new HoldfastError(
        'HF_BUSY',
        `there is a server on ${socket}, but it is busy: its queue of waiting connections is full`,
      );
    case 'EMFILE':
    case 'ENFILE':
      return Object.assign(new Error(`there are no descriptors left to connect with: see ulimit -n`), {
        code: error.code,
      });
    case 'EACCES':
      return Object.assign(new Error(closedText(socket)), { code: error.code });
    default:
      return error;
  }
}
