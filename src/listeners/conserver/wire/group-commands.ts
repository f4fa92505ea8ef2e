/** Commands of a group port after login (spec/conserver.md 2.5, 2.6). */
import type { ActingHost } from '../../../model/host-port.ts';
import type { Verb } from '../../../model/rights.ts';
import { ctime } from '../../../platform/ctime.ts';
import type { ConsoleRights } from '../model/access.ts';
import { findConsole } from '../model/lookup.ts';
import { said } from '../model/remark.ts';
import {
  examineRow,
  type GroupPlace,
  groupRows,
  hostsRow,
  infoRow,
  onWire,
  showIdle,
  userAtHost,
} from '../model/rows.ts';
import type { Occupant, SharedConsole } from '../model/shared-console.ts';
import type { LineAnswer, LineCommand } from './line-session.ts';

/** The context of a group command. */
export interface GroupContext {
  readonly consoles: () => readonly SharedConsole[];
  readonly place: GroupPlace;
  readonly autocomplete: boolean;
  readonly now: () => number;
  /** The requester, and the host with that user's rights. */
  readonly user: string;
  readonly host: string;
  readonly acting: ActingHost;
  readonly rights: (entry: SharedConsole) => ConsoleRights;
  /** From the next byte on this connection is a session on that console; undefined if that is no longer allowed. */
  readonly join: (entry: SharedConsole) => Promise<'attached' | 'spy' | undefined>;
}

export type Table = 'hosts' | 'group' | 'examine' | 'info';

const line = (text: string): LineAnswer => ({ text: `${text}\r\n` });

export const GROUP_COMMANDS: readonly LineCommand<GroupContext>[] = [
  { word: 'broadcast', help: 'say something to everybody: broadcast TEXT', needsArgument: true, run: broadcast },
  { word: 'call', help: 'join a console: call NAME', needsArgument: true, run: call },
  {
    word: 'disconnect',
    help: 'throw users out: disconnect [USER][@CONSOLE]',
    admin: 'evict',
    needsArgument: true,
    run: disconnect,
  },
  { word: 'examine', help: 'where the lines go', run: (context, name) => rows('examine', context, name) },
  { word: 'group', help: 'who is on', run: (context, name) => rows('group', context, name) },
  { word: 'hosts', help: 'states and writers', run: (context, name) => rows('hosts', context, name) },
  { word: 'info', help: 'everything, for programs', run: (context, name) => rows('info', context, name) },
  { word: 'textmsg', help: 'say something to some: textmsg [USER][@CONSOLE] TEXT', run: textMessage },
];

/** Rows with their line ends; `self` is the seat that asks, if there is one. */
export function tableRows(
  table: Table,
  entries: readonly SharedConsole[],
  self: number | undefined,
  place: GroupPlace,
  now: number,
): string {
  const make: Readonly<Record<Table, (entry: SharedConsole) => string[]>> = {
    hosts: (entry) => [hostsRow(entry, self)],
    group: (entry) => groupRows(entry, self, now),
    examine: (entry) => [examineRow(entry)],
    info: (entry) => [infoRow(entry, place, now)],
  };
  const lines = entries.flatMap(make[table]);
  return lines.map((text) => `${text}\r\n`).join('');
}

/** `^Ecw`: as `group`, with the time since when in place of the console. */
export function whoRows(entry: SharedConsole, self: number, now: number): string {
  const words = { write: 'attach', read: 'spy', suspended: 'stopped' } as const;
  return entry
    .users()
    .map((user) => {
      const idle = showIdle(Math.max(0, Math.floor((now - user.lastInput) / 1000))).padStart(6);
      const name = userAtHost(user).slice(0, 32).padEnd(32);
      return ` ${name} ${user.id === self ? '*' : ' '} ${words[user.mode].padEnd(7)} ${idle} ${ctime(user.since)}\r\n`;
    })
    .join('');
}

function rows(table: Table, { acting, consoles, place, now, autocomplete }: GroupContext, name: string): LineAnswer {
  const seen = seenBy(acting, consoles());
  const chosen = name === '' ? seen : firstFound(seen, name, autocomplete);
  return { text: tableRows(table, chosen, undefined, place, now()) };
}

/** Others are left out, as in every list of the host. */
export function seenBy(acting: ActingHost, entries: readonly SharedConsole[]): readonly SharedConsole[] {
  return entries.filter(({ name }) => acting.refusal('list', name) === undefined);
}

/** Those of these consoles that this may be done to. Throws what is missing if there are none. */
function those(acting: ActingHost, verb: Verb, entries: readonly SharedConsole[]): readonly SharedConsole[] {
  const allowed = entries.filter(({ name }) => acting.refusal(verb, name) === undefined);
  const [first] = entries;
  const refusal = first && allowed.length === 0 ? acting.ask(verb, first.name) : undefined;
  if (refusal) {
    throw refusal;
  }
  return allowed;
}

/** If a beginning matches several, the first. */
function firstFound(entries: readonly SharedConsole[], name: string, autocomplete: boolean): SharedConsole[] {
  const findable = entries.map((entry) => ({ name: entry.record.name, aliases: entry.record.aliases, entry }));
  const found = findConsole(findable, name, { autocomplete, redirect: true });
  switch (found.kind) {
    case 'none':
      return [];
    case 'one':
      return [found.entry.entry];
    case 'several':
      return found.entries.slice(0, 1).map(({ entry }) => entry);
  }
}

async function call(context: GroupContext, name: string): Promise<LineAnswer> {
  const refuse = (why: string): LineAnswer => ({ text: `${name}: ${why}\r\n`, close: true });
  const [entry] = firstFound(context.consoles(), name, context.autocomplete);
  if (entry === undefined) {
    return refuse('no such console');
  }
  if (context.rights(entry) === 'none') {
    const refusal = context.acting.ask('enter', entry.name);
    if (refusal === undefined) {
      context.acting.deny('enter', `the lists of conserver do not have ${context.user}`, entry.name);
    }
    return refuse(refusal ? `permission denied: ${onWire(refusal.message)}` : 'permission denied');
  }
  const { type, options, motd } = entry.record;
  if (type === 'noop' || !options.login) {
    return refuse(motd ?? 'no logins allowed at this time');
  }
  const joined = await context.join(entry);
  return joined === undefined ? refuse('no such console') : line(`[${joined}]`);
}

function broadcast({ acting, consoles, user, host }: GroupContext, text: string): LineAnswer {
  for (const entry of those(acting, 'tell', consoles())) {
    entry.tellAll(said(`${userAtHost({ user, host })}: ${text}`));
  }
  return line('ok');
}

function textMessage(context: GroupContext, argument: string): LineAnswer {
  const [, target, text] = /^(\S+)\s+(.+)$/s.exec(argument) ?? [];
  if (target === undefined || text === undefined) {
    return line('textmsg requires two arguments');
  }
  const { user, entries } = parseTarget(context, target);
  for (const seat of those(context.acting, 'tell', entries).flatMap((entry) => occupants(entry, user))) {
    if (seat.connected) {
      seat.hear(said(`${userAtHost(context)}: ${text}`));
    }
  }
  return line('ok');
}

async function disconnect(context: GroupContext, target: string): Promise<LineAnswer> {
  const { acting } = context;
  const { user, entries } = parseTarget(context, target);
  let victims = 0;
  for (const entry of those(acting, 'evict', entries)) {
    const sessions = occupants(entry, user).map(({ id }) => id);
    if (sessions.length > 0) {
      victims += await acting.evict(entry.name, sessions, `Disconnected by admin \`${userAtHost(context)}'`);
    }
  }
  return line(`ok -- disconnected ${victims} users`);
}

/** A user, a console, or a user there; names are compared whole. Empty: any. */
function parseTarget({ consoles }: GroupContext, target: string) {
  const at = target.indexOf('@');
  const user = at < 0 ? target : target.slice(0, at);
  const name = at < 0 ? '' : target.slice(at + 1);
  return { user, entries: consoles().filter(({ record }) => name === '' || record.name === name) };
}

function occupants({ seats }: SharedConsole, user: string): readonly Occupant[] {
  return seats.all().filter((seat) => user === '' || seat.user === user);
}
