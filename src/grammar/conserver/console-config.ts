/**
 * A console of a conserver.cf -> the configuration of a console that behaves as conserver's own (spec/conserver.md 8).
 * Pure.
 */
import type { ConsoleConfig, ConsoleSource } from '../../model/config.ts';
import { SIGHUP } from '../../model/signals.ts';
import { signalThenKill } from '../../model/stop-recipe.ts';
import { textOfCf } from './console.ts';
import type { ConsoleRecord, RunAs } from './records.ts';
import { unescapeText } from './values.ts';

/** The time for a command to end after SIGHUP. */
const GRACE_MS = 5000;
/** For which input waits after connecting to a unix socket. */
const UDS_SETTLE_MS = 1000;
const DEFAULT_BAUD = 9600;
const LOG_MODE = 0o644;
const CTRL_H = 8;
const AT_SIGN = 64;

/** One of each, however many consoles there are. */
const SAME_FOR_ALL = {
  ...{ env: {}, envFile: [], limits: {}, labels: {}, endpoints: [], groups: [], after: [] },
  ...{ start: true, history: 0, ignore: '', keys: { kill: '', toggle: '', logout: '' } },
  stop: signalThenKill(SIGHUP, GRACE_MS),
} satisfies Partial<ConsoleConfig>;
const NO_MARKS = { activity: false, breaks: false, tasks: false };

/** `shell`: what an `exec` without a command runs. */
export function consoleOfCf(record: ConsoleRecord, shell: string): ConsoleConfig {
  const { at, name, type, execrunas, motd, options } = record;
  const { ondemand, reinitoncc, striphigh, unloved } = options;
  return {
    name: textOfCf(name),
    place: { file: textOfCf(at.file), line: at.line },
    source: sourceOf(record, shell),
    ...(type === 'exec' && runAs(execrunas)),
    restart: restartOf(record),
    ...((ondemand || reinitoncc) && { open: ondemand ? 'on-demand' : 'on-entry' }),
    ...initOf(record),
    ...idleOf(record),
    ...(striphigh && { stripHigh: true }),
    ...logOf(record),
    ...(unloved && { unloved: true }),
    description: textOfCf(motd ?? ''),
    ...SAME_FOR_ALL,
  };
}

/**
 * Whether conserver closes the line of a console and opens it again for this change (spec/conserver.md 7.5); everything else
 * changes under its users' hands.
 */
export function resetsLine(before: ConsoleConfig, after: ConsoleConfig): boolean {
  const line = ({ source, user, group, log, init }: ConsoleConfig) =>
    JSON.stringify([source, user, group, log?.path, init?.user, init?.group]);
  return line(before) !== line(after);
}

function sourceOf(record: ConsoleRecord, shell: string): ConsoleSource {
  const { type, host = '', port = 0, protocol, uds = '', device = '', baud, parity, options } = record;
  const { cstopb, crtscts, hupcl, ixon, ixany, ixoff } = options;
  switch (type) {
    case 'exec':
      return { kind: 'run', ...commandOf(record, shell), modes: { ixon, ixany, ixoff, erase: CTRL_H, kill: AT_SIGN } };
    case 'host':
      return { kind: protocol === 'raw' ? 'tcp' : 'telnet', host: textOfCf(host), port };
    case 'uds':
      return { kind: 'unix', path: textOfCf(uds), raw: true, settle: UDS_SETTLE_MS };
    case 'device':
      return {
        ...{ kind: 'serial', path: textOfCf(device), baud: baud === undefined ? DEFAULT_BAUD : Number(baud) },
        dataBits: parity === undefined || parity === 'none' ? 8 : 7,
        stopBits: cstopb ? 2 : 1,
        parity: (parity ?? 'none') as (ConsoleSource & { kind: 'serial' })['parity'],
        ...{ flow: crtscts ? 'hardware' : 'none', modes: { ixon, ixany, ixoff }, hangUp: hupcl },
      };
    case 'noop':
      return { kind: 'none' };
  }
}

/** Without a command a shell, as after a login. */
function commandOf(
  { exec }: ConsoleRecord,
  shell: string,
): { readonly argv: readonly string[]; readonly program?: string } {
  return exec === undefined
    ? { argv: [`-${shell.slice(shell.lastIndexOf('/') + 1)}`, '-i'], program: shell }
    : { argv: ['/bin/sh', '-ce', textOfCf(exec)] };
}

function restartOf({ type, initspinmax, initspintimer, options }: ConsoleRecord): ConsoleConfig['restart'] {
  const { autoreinit, ondemand } = options;
  return {
    mode: autoreinit ? 'always' : 'never',
    holdoff: 0,
    line: {
      spin: { count: initspinmax, within: initspintimer * 1000 },
      retries: autoreinit && !ondemand,
      againAtZero: type === 'exec',
    },
  };
}

function initOf({ type, initcmd, initrunas }: ConsoleRecord): Pick<ConsoleConfig, 'init'> {
  return initcmd === undefined || type === 'noop' ? {} : { init: { command: textOfCf(initcmd), ...runAs(initrunas) } };
}

function idleOf({ idletimeout, idlestring }: ConsoleRecord): Pick<ConsoleConfig, 'idle'> {
  return idletimeout > 0 ? { idle: { after: idletimeout * 1000, send: textOfCf(unescapeText(idlestring)) } } : {};
}

/** A placeholder has none. */
function logOf({ type, logfile, logfilemax, timestamp }: ConsoleRecord): Pick<ConsoleConfig, 'log'> {
  if (logfile === undefined || type === 'noop') {
    return {};
  }
  return {
    log: {
      ...{ path: textOfCf(logfile), keep: 0, compress: false, mode: LOG_MODE, shared: true },
      ...(logfilemax !== undefined && { asideAt: logfilemax }),
      marks: timestamp ?? NO_MARKS,
    },
  };
}

function runAs({ user, group }: RunAs = {}): { readonly user?: string; readonly group?: string } {
  return {
    ...(user !== undefined && { user: textOfCf(user) }),
    ...(group !== undefined && { group: textOfCf(group) }),
  };
}
