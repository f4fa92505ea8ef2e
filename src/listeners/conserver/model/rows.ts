/** Rows of the status tables, without line ends; scripts parse them (spec/conserver.md 2.5, 5.3). */
import { fromBytes } from '../../../codec/byte-string.ts';
import { CONSOLE_OPTIONS, type ConsoleOption, type ConsoleRecord } from '../../../grammar/conserver/records.ts';
import { bytesOf } from '../../../model/byte-text.ts';
import { type HubConsole, type HubLine, type HubUser, type LineState, TYPE_MARKS } from './ports.ts';

/** Text of the host as the byte strings of the protocol. */
export function onWire(text: string): string {
  return fromBytes(bytesOf(text));
}

/** C's `%-W.Ws`. */
function left(text: string, width: number): string {
  return text.slice(0, width).padEnd(width);
}

/** C's `%W.Ws`. */
function right(text: string, width: number): string {
  return text.slice(0, width).padStart(width);
}

/** `user@host`, what everybody sees. */
export function userAtHost({ user, host }: Pick<HubUser, 'user' | 'host'>): string {
  return `${user}@${host}`;
}

/** A user's note, as written to the log. */
export function noteText(text: string, by: Pick<HubUser, 'user' | 'host'>): string {
  return `NOTE -- ${userAtHost(by)}: ${text}`;
}

function tableState(state: LineState): string {
  return state === 'up' || state === 'down' ? state : 'init';
}

/** `hosts`: `self` is the id of the asking session, if it is on a console. */
export function hostsRow(entry: HubConsole, self: number | undefined): string {
  const users = entry.users();
  const writer = users.find(({ mode }) => mode === 'write');
  const who = writer ? userAtHost(writer) : users.length > 0 ? '<spies>' : '<none>';
  const mark = users.some(({ id }) => id === self) ? '*' : ' ';
  return ` ${left(entry.record.name, 24)} ${mark} ${left(tableState(entry.state), 4)} ${who.slice(0, 40)}`;
}

/** `examine`. */
export function examineRow({ record, line }: HubConsole): string {
  const [where, speed, parity] = examined(record, line);
  return ` ${left(record.name, 24)} on ${left(where, 32)} at ${right(speed, 7)}${parity}`;
}

function examined(record: ConsoleRecord, line: HubLine): readonly [string, string, string] {
  switch (record.type) {
    case 'exec':
      return [line.tty, 'Local', ' '];
    case 'device':
      return [`${record.device}@${record.master}`, record.baud ?? '', record.parity?.charAt(0) ?? ' '];
    case 'host':
      return [`${record.host}/${record.port}`, 'Netwk', ' '];
    case 'uds':
      return [record.uds ?? '', 'UDS', ' '];
    case 'noop':
      return ['NOOP', 'NOOP', ' '];
  }
}

/** `group`, one row for each user of a console, newest first; `now` in milliseconds since the epoch. */
export function groupRows(entry: HubConsole, self: number | undefined, now: number): string[] {
  const words = { write: 'attach', read: 'spy', suspended: 'stopped' } as const;
  const users = [...entry.users()].sort((one, other) => other.id - one.id);
  return users.map((user) => {
    const idle = showIdle(Math.max(0, Math.floor((now - user.lastInput) / 1000)));
    const mark = user.id === self ? '*' : ' ';
    return ` ${left(userAtHost(user), 32)} ${mark} ${left(words[user.mode], 7)} ${idle.padStart(6)} ${entry.record.name}`;
  });
}

/** ` 0:05`, ` 1 day`, `3 days`, `12days`. */
export function showIdle(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const days = Math.floor(minutes / 1440);
  if (days === 0) {
    return ` ${String(Math.floor(minutes / 60)).padStart(2)}:${String(minutes % 60).padStart(2, '0')}`;
  }
  if (days === 1) {
    return ' 1 day';
  }
  return days < 10 ? `${days} days` : `${days}days`;
}

/** Where the group process listens: the second field of `info`. */
export interface GroupPlace {
  readonly hostname: string;
  readonly pid: number;
  readonly port: number;
}

/** `info`: fifteen fields with colons between them; those in the values are not escaped. */
export function infoRow(entry: HubConsole, place: GroupPlace, now: number): string {
  const { record, line, state } = entry;
  return [
    record.name,
    `${place.hostname},${place.pid},${place.port}`,
    TYPE_MARKS[record.type],
    infoDetails(record, line),
    infoUsers(entry.users(), now),
    tableState(state),
    line.readOnly ? 'ro' : 'rw',
    infoLog(record, line),
    record.break,
    line.autoUp ? 'autoup' : 'noautoup',
    record.aliases.toReversed().join(','),
    infoOptions(record),
    record.initcmd ?? '',
    record.idletimeout,
    record.idlestring,
  ].join(':');
}

function infoDetails(record: ConsoleRecord, line: HubLine): string {
  switch (record.type) {
    case 'exec':
      return `${record.exec ?? '/bin/sh'},${line.pid},${line.tty},${line.fd}`;
    case 'host':
      return `${record.host},${record.port},${record.protocol},${line.fd}`;
    case 'uds':
      return `${record.uds},${line.fd}`;
    case 'device':
      return `${record.device},${record.baud}${record.parity?.charAt(0) ?? ''},${line.fd}`;
    case 'noop':
      return '';
  }
}

function infoUsers(users: readonly HubUser[], now: number): string {
  const writers = users.filter(({ mode }) => mode === 'write');
  return [...writers, ...users.filter(({ mode }) => mode !== 'write')]
    .map((user) => {
      const idle = Math.max(0, Math.floor((now - user.lastInput) / 1000));
      if (user.mode === 'write') {
        return `w@${userAtHost(user)}@${idle}`;
      }
      const rights = user.wantsToWrite && user.mayWrite ? 'rw' : 'ro';
      return `${user.mode === 'read' ? 'r' : 's'}@${userAtHost(user)}@${idle}@${rights}`;
    })
    .join(',');
}

/** Marks are in seconds, or in lines as a negative number. */
function infoLog({ logfile, timestamp }: ConsoleRecord, line: HubLine): string {
  const every = timestamp?.every;
  const mark = every === undefined ? 0 : every.unit === 'lines' ? -every.count : every.count * 60;
  return [
    logfile ?? '',
    line.logging ? 'log' : 'nolog',
    timestamp?.activity ? 'act' : 'noact',
    timestamp?.breaks ? 'brk' : 'nobrk',
    timestamp?.tasks ? 'task' : 'notask',
    mark,
    line.logFd,
  ].join(',');
}

const DEVICE_ONLY: readonly ConsoleOption[] = ['hupcl', 'cstopb', 'crtscts'];
const TERMINAL_ONLY: readonly ConsoleOption[] = ['ixon', 'ixany', 'ixoff'];

function infoOptions({ type, options }: ConsoleRecord): string {
  const applies = (option: ConsoleOption) =>
    (type === 'device' || !DEVICE_ONLY.includes(option)) &&
    (type === 'device' || type === 'exec' || !TERMINAL_ONLY.includes(option)) &&
    // A placeholder takes no logins, whatever is configured.
    (type !== 'noop' || option !== 'login');
  return CONSOLE_OPTIONS.filter((option) => options[option] && applies(option)).join(',');
}
