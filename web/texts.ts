/** Every English text of the page. */
import { counted } from '../src/model/counted.ts';
import { local } from '../src/model/time-text.ts';

/** `03:12`. */
function timeOfDay(time: number): string {
  return local(new Date(time).toISOString()).slice('yyyy-mm-dd '.length, 'yyyy-mm-dd hh:mm'.length);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** `1.2 MB`. */
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const at = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** at).toFixed(at === 0 ? 0 : 1)} ${units[at]}`;
}

export const TEXTS = {
  product: 'Holdfast',
  allConsoles: 'All consoles',
  logOut: 'Log out',
  logIn: 'Log in',

  failing: (count: number) => `${count} failing`,
  title: (parts: readonly string[]) => [...parts, 'Holdfast'].join(' - '),
  notLiveTitle: 'not live',

  live: 'live',
  loading: 'Loading',
  notLive: (since: number) => `Not live since ${timeOfDay(since)}`,
  notLiveWhy: (reason: string) =>
    `${sentence(reason)} What you see is what the server last said; this page comes back by itself.`,
  loggedOut: 'You are logged out',
  loggedOutWhy: 'What you see is what the server last said.',
  newVersion: 'A new version of this page is there',
  reload: 'Reload',
  notLoaded: 'A part of this page could not be loaded: the server is away, or has another version of it',

  filter: 'Filter',
  filterHint: 'name, description, label, last line',
  clearFilter: 'Show all',
  states: 'States',
  groups: 'Groups',
  labels: 'Labels',
  shown: (shown: number, all: number) => (shown === all ? counted(all, 'console') : `${shown} of ${all} consoles`),
  noConsoles: 'There are no consoles that you may see.',
  noMatch: 'No console matches.',
  columns: {
    state: 'State',
    name: 'Name',
    since: 'Since',
    restarts: 'Restarts',
    writer: 'Writer',
    last: 'Last line',
  },
  restarts: (hour: number, total: number) => (hour > 0 ? `${hour}/h ${total}` : String(total)),
  restartsWhole: (hour: number, total: number) => `${counted(hour, 'restart')} within the last hour, ${total} in all`,
  held: (by: string, until: string | undefined, reason: string) =>
    `held by ${by}${until === undefined ? '' : ` until ${until}`}: ${reason}`,
  notStarted: (text: string) => `not started: ${text}`,
  notLogged: (text: string) => `not logged: ${text}`,
  waitsFor: (what: string) => `waits for ${what}`,
  consoles: 'Consoles',

  noConsole: (name: string) => `There is no console ${name}, or you may not see it.`,
  terminal: (name: string) => `Terminal of ${name}`,
  connecting: 'Connecting',
  history: 'Reading the history',
  waiting: (reason: string) => `${sentence(reason)} It goes on by itself.`,
  ended: (reason: string) => `The session is over: ${reason}`,
  again: 'Connect again',
  nobodyWrites: 'Nobody has the keyboard',
  youWrite: 'You have the keyboard',
  writes: (who: string, from: string) => `${who} has the keyboard, from ${from}`,
  others: (sessions: number) => (sessions > 1 ? `${sessions} sessions` : ''),
  take: 'Take the keyboard',
  giveBack: 'Give it back',
  force: 'Take it by force',
  forceQuestion: (who: string) => `Take the keyboard from ${who}?`,
  forceWhat: (who: string) => `${who} is told, and cannot type any more.`,
  reason: 'Reason',
  reasonNeeded: 'The rule that gives this right asks for a reason.',
  cancel: 'Cancel',
  lostKeyboard: (who: string) => `${who} has taken the keyboard from you.`,
  readOnly: 'You only watch: what you type goes nowhere. Take the keyboard to type.',
  leaveTerminal: 'Ctrl+] leaves the terminal.',
  missed: (bytes: number) => `${size(bytes)} of output left out here; the log has it`,
  newHolder: 'the holder of the terminal is another one; its output begins here',
  find: 'Find',
  findHint: 'in what is shown',
  next: 'Next',
  previous: 'Previous',
  notFound: 'Not found',
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'The browser does not let this page copy',
  /** A name begins with what is seen. */
  smaller: 'A-: smaller text',
  larger: 'A+: larger text',
  keys: 'Keys',
  key: { escape: 'Esc', tab: 'Tab', up: 'Up', down: 'Down', left: 'Left', right: 'Right' },
} as const;

/** What a transport reports: apart, since the feed needs no other text. */
export const FAULTS = {
  connection: 'The server does not answer',
  silent: 'The server has not answered in time',
} as const;
