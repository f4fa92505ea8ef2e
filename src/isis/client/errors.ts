/** No message of the answer came in time. */
export class IsisTimeoutError extends Error {
  override readonly name = 'IsisTimeoutError';
}

/** The host answered ERROR: or FATAL:, or the server had no route to it. */
export class IsisRequestError extends Error {
  override readonly name = 'IsisRequestError';
  readonly type: 'ERROR' | 'FATAL';
  /** The text after the TYPE. */
  readonly text: string;

  constructor(type: 'ERROR' | 'FATAL', text: string) {
    super(`${type}: ${text}`);
    this.type = type;
    this.text = text;
  }
}

/** A second request to a host whose first is not finished: IMPv2 has no request numbers to tell the answers apart. */
export class IsisBusyError extends Error {
  override readonly name = 'IsisBusyError';
}

/** The client was closed. */
export class IsisClosedError extends Error {
  override readonly name = 'IsisClosedError';
}
