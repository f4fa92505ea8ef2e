/** Converts a console of a conserver.cf to a console of a host server, and notes what cannot be converted. Pure. */

import { textOf } from '../../model/byte-text.ts';
import type { ConsoleTable } from '../../model/config-schema.ts';
import type { ConserverDetails } from '../../model/conserver-config.ts';
import { bytesOf } from '../../model/latin1.ts';
import { isDevice } from '../text/file-paths.ts';
import type { ConsoleRecord, Timestamp } from './records.ts';
import { unescapeText } from './values.ts';

export interface CarriedConsole {
  readonly table: ConsoleTable;
  /** Settings that could not be converted or that differ, one sentence each. */
  readonly notes: readonly string[];
}

/** Restarts as quickly as conserver brings a line back, and backs off to its longer interval. */
const RESTART = { holdoff: '1s', backoff: { factor: 2, max: '1m' } } as const;

/** A byte string of a conserver.cf as text of a configuration. */
export const textOfCf = (bytes: string): string => textOf(bytesOf(bytes));

/** Undefined for a `noop` console, which has no line. */
export function carriedConsole(record: ConsoleRecord): CarriedConsole | undefined {
  const notes: string[] = [];
  const source = sourceOf(record, notes);
  if (source === undefined) {
    return undefined;
  }
  notes.push(...leftBehind(record));
  const { autoreinit } = record.options;
  const restart = record.type === 'exec' && !autoreinit ? { policy: 'never' as const, ...RESTART } : RESTART;
  const { motd } = record;
  return {
    table: {
      ...source,
      restart,
      ...(motd !== undefined && { description: textOfCf(motd) }),
      ...lineOf(record),
      ...logOf(record),
    },
    notes,
  };
}

/** When the line is open, and what passes through it. */
function lineOf({ initcmd, initrunas, idletimeout, idlestring, options }: ConsoleRecord): ConsoleTable {
  const { ondemand, reinitoncc, striphigh, unloved } = options;
  const { user, group } = initrunas ?? {};
  const runAs = {
    ...(user !== undefined && { user: textOfCf(user) }),
    ...(group !== undefined && { group: textOfCf(group) }),
  };
  const command = initcmd === undefined ? undefined : textOfCf(initcmd);
  const send = textOfCf(unescapeText(idlestring));
  return {
    ...((ondemand || reinitoncc) && { open: ondemand ? ('on-demand' as const) : ('on-entry' as const) }),
    ...(command !== undefined && { init: initrunas ? { command, ...runAs } : command }),
    ...(idletimeout > 0 && { idle: { after: `${idletimeout}s`, ...(send !== '\n' && { send }) } }),
    ...(striphigh && { strip_high: true }),
    ...(unloved && { unloved: true }),
  };
}

/** A device keeps nothing, and has no size. */
function logOf({ logfile, logfilemax, timestamp }: ConsoleRecord): Pick<ConsoleTable, 'log'> {
  if (logfile === undefined) {
    return {};
  }
  if (logfile === '/dev/null') {
    return { log: false };
  }
  return {
    log: {
      path: textOfCf(logfile),
      ...(logfilemax !== undefined && !isDevice(logfile) && { size: logfilemax }),
      ...(timestamp && { marks: marksOf(timestamp) }),
    },
  };
}

function marksOf({ every, activity, breaks, tasks }: Timestamp): object {
  return {
    ...(every && (every.unit === 'lines' ? { lines: every.count } : { every: durationOf(every.count) })),
    ...(activity && { activity }),
    ...(breaks && { breaks }),
    ...(tasks && { tasks }),
  };
}

/** The settings a listener needs besides its line. */
export function conserverDetails(record: ConsoleRecord): ConserverDetails {
  const { aliases, motd, rw, ro, breaklist, tasklist, options } = record;
  return {
    ...{ aliases, login: options.login, break: record.break, breaklist, tasklist, write: rw, read: ro },
    ...(motd !== undefined && { motd }),
  };
}

function sourceOf(record: ConsoleRecord, notes: string[]): ConsoleTable | undefined {
  const { type, host = '', port = 0, uds = '', device = '', baud, parity, options } = record;
  switch (type) {
    case 'exec': {
      const { user, group } = record.execrunas ?? {};
      return {
        run: record.exec === undefined ? ['/bin/sh', '-i'] : ['/bin/sh', '-ce', textOfCf(record.exec)],
        ...(user !== undefined && { user: textOfCf(user) }),
        ...(group !== undefined && { group: textOfCf(group) }),
      };
    }
    case 'host': {
      const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      return record.protocol === 'raw' ? { tcp: address } : { telnet: address };
    }
    case 'uds':
      return { unix: textOfCf(uds) };
    case 'device': {
      const known = parity === 'even' || parity === 'odd' ? parity : 'none';
      if (parity === 'mark' || parity === 'space') {
        notes.push(`parity ${parity} is not supported: none is used`);
      }
      return {
        serial: textOfCf(device),
        ...(baud !== undefined && { baud: Number(baud) }),
        ...(known !== 'none' && { parity: known }),
        ...(options.cstopb && { stop_bits: 2 as const }),
        ...(options.crtscts ? { flow: 'hardware' as const } : options.ixon ? { flow: 'software' as const } : {}),
      };
    }
    case 'noop':
      return undefined;
  }
}

function durationOf(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

function leftBehind({ type, options, logfile, logfilemax }: ConsoleRecord): string[] {
  const notes: string[] = [];
  const add = (is: boolean, text: string) => is && notes.push(text);
  add(options.hupcl && type === 'device', 'hupcl: not supported');
  add(!options.autoreinit && type !== 'exec', '!autoreinit: a link always comes back here, unless it was stopped');
  const rotates = logfilemax !== undefined && logfile !== undefined && !isDevice(logfile);
  add(rotates, 'logfilemax: conserver kept every old file; here 5 stay, unless `keep` of `log` says otherwise');
  return notes;
}
