/** Texts of the first view: header, banner, list. Each other view has a file here, loaded with it. */
import { counted } from '../../src/model/counted.ts';
import { local } from '../../src/model/time-text.ts';

/** `03:12`. */
function timeOfDay(time: number): string {
  return local(new Date(time).toISOString()).slice('yyyy-mm-dd '.length, 'yyyy-mm-dd hh:mm'.length);
}

export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

export const TEXTS = {
  product: 'Holdfast',
  logOut: 'Log out',
  logIn: 'Log in',

  viewsOfPage: 'Views',
  views: {
    list: 'Consoles',
    side: 'Side by side',
    log: 'Logs',
    plan: 'Plan',
    history: 'History',
    audit: 'Audit',
  },

  failing: (count: number) => `${count} failing`,
  title: (parts: readonly string[]) => [...parts, 'Holdfast'].join(' - '),
  notLiveTitle: 'not live',

  live: 'live',
  loading: 'Loading',
  notLive: (since: number) => `Not live since ${timeOfDay(since)}`,
  notLiveWhy: (reason: string) => `${sentence(reason)} You see the last known state; this page reconnects by itself.`,
  loggedOut: 'You are logged out',
  loggedOutWhy: 'You see the last known state.',
  newVersion: 'A new version of this page is available',
  reload: 'Reload',
  notLoaded: 'Part of this page could not be loaded: the server is away or runs another version',

  filter: 'Filter',
  filterHint: 'name, description, label, last line',
  clearFilter: 'Show all',
  states: 'States',
  groups: 'Groups',
  labels: 'Labels',
  more: (count: number) => `and ${count} more`,
  shown: (shown: number, all: number) => (shown === all ? counted(all, 'console') : `${shown} of ${all} consoles`),
  noConsoles: 'No consoles that you may see.',
  noMatch: 'No console matches.',
  columns: {
    pick: 'Selected',
    state: 'State',
    name: 'Name',
    since: 'Since',
    restarts: 'Restarts',
    writer: 'Writer',
    cpu: 'CPU %',
    memory: 'Memory',
    last: 'Last line',
  },
  restarts: (hour: number, total: number) => (hour > 0 ? `${hour}/h ${total}` : String(total)),
  restartsWhole: (hour: number, total: number) => `${counted(hour, 'restart')} within the last hour, ${total} in all`,
  why: 'Why?',
  held: (by: string, until: string | undefined, reason: string) =>
    `held by ${by}${until === undefined ? '' : ` until ${until}`}: ${reason}`,
  notStarted: (text: string) => `not started: ${text}`,
  notLogged: (text: string) => `not logged: ${text}`,
  waitsFor: (what: string) => `waits for ${what}`,
  consoles: 'Consoles',
} as const;

/** Faults of a transport: separate, as the feed worker needs no other text. */
export const FAULTS = {
  connection: 'The server does not answer',
  silent: 'The server has not answered in time',
} as const;
