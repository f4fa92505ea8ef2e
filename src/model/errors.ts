/** The error catalogue: stable codes, kept equal to docs/reference/errors.md by a test. */

export interface ErrorEntry {
  /** HTTP status in the control API. */
  readonly status: number;
  readonly title: string;
  /** The remedy, for the reference page. */
  readonly remedy: string;
}

export const ERRORS = {
  HF_NO_CONSOLE: { status: 404, title: 'No such console', remedy: '`holdfast ps` lists the names.' },
  HF_NOT_A_PROCESS: {
    status: 409,
    title: 'The console has no process',
    remedy: 'Only consoles with `run` can be signalled; start and stop connect and disconnect the others.',
  },
  HF_HELD: {
    status: 409,
    title: 'The console is held',
    remedy: '`holdfast why NAME` says by whom and until when; `holdfast release NAME` ends it.',
  },
  HF_NOT_RUNNING: { status: 409, title: 'The process is not running', remedy: '`holdfast start NAME` starts it.' },
  HF_BUSY_KEYBOARD: {
    status: 409,
    title: 'Another user has the keyboard',
    remedy: 'Ask that user for it, or take it by force.',
  },
  HF_FORBIDDEN: {
    status: 403,
    title: 'The right is missing',
    remedy:
      'The detail names the right, and whom to ask for it. `holdfast access NAME` prints who has which right on a console, and by which line of `[access]`.',
  },
  HF_REASON_NEEDED: {
    status: 403,
    title: 'A reason is needed',
    remedy: 'The rule that grants the right asks for one: `--reason TEXT`, `reason` in the body of a request.',
  },
  HF_LOGIN_REFUSED: {
    status: 401,
    title: 'The login is refused',
    remedy:
      'User, password or token is wrong, expired or revoked: `holdfast login HOST` logs in again. The event history of the server has the refusal, the log of PAM its reason.',
  },
  HF_LOGIN_WAIT: {
    status: 429,
    title: 'Too many logins were refused',
    remedy: 'The detail says when the next one is looked at. Each wrong password doubles the time.',
  },
  HF_NOT_LOGGED_IN: {
    status: 401,
    title: 'Nobody is logged in at this host',
    remedy: '`holdfast login HOST` does so; `holdfast login` lists the hosts at which this user is.',
  },
  HF_NOT_TRUSTED: {
    status: 502,
    title: 'It may not be this host',
    remedy:
      'Its certificate is not the one that is known, or no longer valid. Ask who runs the host, by another way than the network, before you log in anew.',
  },
  HF_NO_TOKEN: { status: 404, title: 'No such token', remedy: '`holdfast token list` lists the ids.' },
  HF_TOKEN_NOT_SAVED: {
    status: 507,
    title: 'The tokens cannot be saved',
    remedy: 'The detail says what is wrong with the state directory, and what that means for the token.',
  },
  HF_BAD_REQUEST: {
    status: 400,
    title: 'The request is invalid',
    remedy: 'The detail names the field; see the OpenAPI document.',
  },
  HF_NO_ROUTE: {
    status: 404,
    title: 'No such request',
    remedy:
      'The OpenAPI document lists method and path of all requests; a newer client may use some that this server does not have.',
  },
  HF_BAD_CONFIG: {
    status: 422,
    title: 'The configuration has errors',
    remedy: 'All of them are listed with file and line; nothing was applied.',
  },
  HF_PLAN_CHANGED: {
    status: 409,
    title: 'The plan has changed',
    remedy: 'The files have changed since the plan was read, or someone has applied them. Read the plan again.',
  },
  HF_NO_LOG: {
    status: 404,
    title: 'The console has no log',
    remedy: 'Its configuration says `log = false`, or its log is a FIFO or something else that cannot be read again.',
  },
  HF_NOT_KEPT: {
    status: 507,
    title: 'The hold is not saved',
    remedy:
      'The console is held, but the hold would not survive a reboot: the detail says what is wrong with the state directory. Saving is retried; an event says when it has succeeded.',
  },
  HF_NO_AUDIT: {
    status: 507,
    title: 'Nothing can be recorded',
    remedy:
      'What takes the right `admin` or `configure` is not done while the audit cannot be written: the detail says what is wrong with its disk. `[audit] when_full = "go on"` does it all the same.',
  },
  HF_AUDIT_OFF: {
    status: 404,
    title: 'The server keeps no audit',
    remedy: '`[audit]` or `[access]` in the configuration begins one.',
  },
  HF_NO_HOLDER: {
    status: 503,
    title: 'The holder is gone, or does not answer',
    remedy:
      'A lost holder is replaced; the event history says why it was lost. If it does not answer, the detail says what is known about it.',
  },
  HF_BUSY: {
    status: 503,
    title: 'The server is busy',
    remedy:
      'It has no connection or descriptor to spare: try again; `holdfast doctor` and the event history say what uses them.',
  },
  HF_GOING_DOWN: { status: 503, title: 'The server is going down', remedy: 'Try again when it is back.' },
  HF_NO_ISIS: { status: 404, title: 'No such ISIS server', remedy: '`holdfast isis` lists the names.' },
  HF_NO_ISIS_HOST: {
    status: 404,
    title: 'The ISIS server does not know this host',
    remedy: '`holdfast isis hosts` lists those that have spoken to it.',
  },
  HF_ISIS_DOWN: {
    status: 503,
    title: 'The ISIS server is not running',
    remedy: '`holdfast isis` says why; it is retried every ten seconds.',
  },
  HF_INTERNAL: {
    status: 500,
    title: 'The server failed',
    remedy: 'A defect: its log has the stack; the consoles are not disturbed. Please report it.',
  },
  HF_NO_ANSWER: {
    status: 504,
    title: 'The server does not answer',
    remedy:
      'It exists but does nothing: stopped (`kill -CONT`), or wedged. Its processes go on without it; a new one may take its place.',
  },
  HF_NO_SERVER: {
    status: 503,
    title: 'No server answers',
    remedy:
      '`systemctl start holdfast` starts it where it is a unit of systemd, otherwise `holdfast up`; `--socket` names another control socket.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a code of the catalogue; `detail` says what is wrong and where. */
export class HoldfastError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, detail: string) {
    super(detail);
    this.code = code;
  }

  /** By its code: a part that is loaded late is a bundle with a class of its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && Object.hasOwn(ERRORS, (value as { code?: string }).code ?? '');
  }
}
