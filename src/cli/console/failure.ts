/** sysexits(3) EX_UNAVAILABLE: what console(1) ends with for usage errors, TLS failure, -k and lost connections. */
export const UNAVAILABLE = 69;

/** EX_SOFTWARE: servers that send us round in a circle. */
export const SOFTWARE = 70;

/** Ends the client with a message on stderr: `console: message`. */
export class ConsoleFailure extends Error {
  readonly status: number;
  /** Printed below the message as it is. */
  readonly more: string;

  constructor(message: string, more = '', status = UNAVAILABLE) {
    super(message);
    this.status = status;
    this.more = more;
  }
}

/** The server hung up where it owed an answer. */
export function lostConnection(): ConsoleFailure {
  return new ConsoleFailure('lost connection');
}
