/** Rights, and which of them a verb takes, as data. Pure. */

interface RightRow {
  /** Its meaning, for the reference page and for messages. */
  readonly what: string;
  /** The rights that come with it. */
  readonly includes: readonly string[];
}

export const RIGHTS = {
  see: { what: 'see the console, its state and its events', includes: [] },
  read: { what: 'read its output: attach without the keyboard, logs, search', includes: ['see'] },
  start: { what: 'start it', includes: ['see'] },
  stop: { what: 'stop it', includes: ['see'] },
  restart: { what: 'restart it', includes: ['see'] },
  hold: { what: 'hold it', includes: ['see'] },
  release: { what: 'end a hold', includes: ['see'] },
  signal: { what: 'send a signal to its process', includes: ['see'] },
  operate: {
    what: 'all of the six before, and switch its restart policy',
    includes: ['start', 'stop', 'restart', 'hold', 'release', 'signal'],
  },
  write: { what: 'type: the keyboard, breaks, notes', includes: ['read'] },
  force: { what: 'take the keyboard from somebody who has it', includes: ['write'] },
  configure: { what: 'see, plan and apply the configuration', includes: [] },
  admin: { what: 'end the server and the sessions of others', includes: [] },
} as const satisfies Readonly<Record<string, RightRow>>;

export type Right = keyof typeof RIGHTS;

/** In the order of the table. */
export const RIGHT_NAMES = Object.keys(RIGHTS) as readonly Right[];

/** These and all that come with them. */
export function withIncluded(rights: Iterable<Right>): ReadonlySet<Right> {
  const all = new Set(rights);
  for (const right of all) {
    for (const included of RIGHTS[right].includes) {
      all.add(included);
    }
  }
  return all;
}

/** Those that no other of them brings along: `withIncluded` gives the rest back. */
export function leastOf(rights: ReadonlySet<Right>): readonly Right[] {
  const included = new Set([...rights].flatMap((right): readonly Right[] => RIGHTS[right].includes));
  return RIGHT_NAMES.filter((right) => rights.has(right) && !included.has(right));
}

export interface VerbRow {
  /** Absent: whoever reaches the host may do it. */
  readonly right?: Right;
  /** Its wording (`deedText`) where that differs from its own name and that of the console: `type into NAME`. */
  readonly to?: string;
  /** Another one that will do. */
  readonly or?: Right;
  /** Its object: a console, the host as a whole, or an ISIS server, which rules name `isis.NAME`. */
  readonly on: 'console' | 'host' | 'isis';
  /** It changes something: done or refused, it is in the audit. */
  readonly changes: boolean;
}

const reads = (right: Right | undefined, on: VerbRow['on'] = 'console'): VerbRow => ({
  ...(right === undefined ? {} : { right }),
  on,
  changes: false,
});
const changes = (right: Right | undefined, on: VerbRow['on'] = 'console'): VerbRow => ({
  ...reads(right, on),
  changes: true,
});

/** Everything a principal can do, on any channel. A verb on several consoles is checked for each, and skips those where the right is missing. */
export const VERBS = {
  version: reads(undefined, 'host'),
  access: reads(undefined, 'host'),
  accessOfOthers: { ...reads('configure', 'host'), or: 'admin', to: 'see what others may do' },
  openings: { ...reads('configure', 'host'), or: 'admin', to: 'see what is open to whom' },
  list: { ...reads('see'), to: 'see NAME' },
  watch: { ...reads('see'), to: 'see NAME' },
  resources: { ...reads('see'), to: 'see NAME' },
  pastResources: { ...reads('see'), to: 'see NAME' },
  detail: { ...reads('see'), to: 'see NAME' },
  events: { ...reads('see'), to: 'see the events of NAME' },
  log: { ...reads('read'), to: 'read the log of NAME' },
  search: { ...reads('read'), to: 'search the log of NAME' },
  start: changes('start'),
  stop: changes('stop'),
  restart: changes('restart'),
  signal: { ...changes('signal'), to: 'send signals to NAME' },
  hold: changes('hold'),
  release: changes('release'),
  configuration: { ...reads('configure', 'host'), to: 'see the configuration' },
  plan: { ...reads('configure', 'host'), to: 'see what a reload would change' },
  apply: { ...changes('configure', 'host'), to: 'apply the configuration' },
  down: { ...changes('admin', 'host'), to: 'end NAME' },
  audit: { ...reads('admin', 'host'), to: 'read the audit' },
  enter: { ...reads('read'), to: 'attach to NAME' },
  take: { ...changes('write'), to: 'take the keyboard of NAME' },
  force: { ...changes('force'), to: 'take the keyboard of NAME by force' },
  type: { ...changes('write'), to: 'type into NAME' },
  break: { ...changes('write'), to: 'send a break to NAME' },
  note: { ...changes('write'), to: 'leave a note in the log of NAME' },
  flow: { ...changes('write'), to: 'stop and resume the output of NAME' },
  switchLog: { ...changes('write'), to: 'switch the log of NAME on and off' },
  runTask: { ...changes('operate'), to: 'run a task of NAME' },
  mode: { ...changes('operate'), to: 'switch the restart policy of NAME' },
  tell: { ...reads('read'), to: 'write to the others on NAME' },
  evict: { ...changes('admin'), to: 'disconnect others from NAME' },
  reopenLogs: { ...changes('configure', 'host'), to: 'reopen the logs' },
  listIsis: { ...reads('see', 'isis'), to: 'see NAME' },
  watchIsis: { ...reads('read', 'isis'), to: 'follow the messages of NAME' },
  sendIsis: { ...changes('write', 'isis'), to: 'send a message by NAME' },
  pingIsis: { ...reads('read', 'isis'), to: 'ping the hosts of NAME' },
  /** Tokens for oneself, which give no more than one has. */
  createToken: { ...changes(undefined, 'host'), to: 'create a token' },
  revokeToken: { ...changes(undefined, 'host'), to: 'revoke a token' },
  createTokenForOther: { ...changes('admin', 'host'), to: 'create a token for somebody else' },
  listTokensOfOthers: { ...reads('admin', 'host'), to: 'see the tokens of others' },
  revokeTokenOfOther: { ...changes('admin', 'host'), to: 'revoke a token of somebody else' },
} as const satisfies Readonly<Record<string, VerbRow>>;

export type Verb = keyof typeof VERBS;

/** `type into vac-01`, `end this server`: as refusals and the audit say it. */
export function deedText(verb: Verb, name = 'this server'): string {
  const { to = `${verb} NAME` }: VerbRow = VERBS[verb];
  return to.replace('NAME', () => name);
}

/** The rights that some verb on this takes: no other says anything about it. */
export function rightsOn(on: VerbRow['on']): ReadonlySet<Right> {
  const rows: readonly VerbRow[] = Object.values(VERBS);
  const taken = rows.flatMap((row) => (row.on === on && row.right !== undefined ? [row.right] : []));
  return new Set(taken);
}
