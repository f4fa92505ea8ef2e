/**
 * The messages of procServ, verbatim (spec/procserv.md 4.1, 6.1, 9, 10): clients and scripts parse these lines. If
 * versions differ: the wording of 2.7.0, or that of the newest if it says more.
 */
import { keyName } from '../../model/key-spec.ts';
import type { ExitStatus } from '../../model/process.ts';
import type { StartFailure } from '../../model/runner.ts';
import type { ProcServSettings } from './settings.ts';

export type RestartMode = 'ON' | 'OFF' | 'ONESHOT';

const RULE = '@@@ @@@ @@@ @@@ @@@\r\n';

/** The action after an end, by restart mode. */
const PROSPECT: Readonly<Record<RestartMode, string>> = {
  ON: 'a new one will be restarted shortly',
  OFF: 'auto restart is disabled',
  ONESHOT: 'oneshot mode: server will exit',
};

/** To a connection that is closed again at once. */
export const NO_DESCRIPTORS = '@@@ This server is out of descriptors: try again later\r\n';

/** Which keys work while the child is down; Ctrl-R and Ctrl-Q always do. */
export function helpLine({ killKey, logoutKey, quitHelp }: ProcServSettings): string {
  const restart = killKey === undefined ? '^R' : `^R or ${keyName(killKey)}`;
  const logout = logoutKey === undefined ? '' : `, ${keyName(logoutKey)} closes this connection`;
  return `@@@ ${restart} restarts the child, ^Q ${quitHelp}${logout}\r\n`;
}

export function childStarted({ name, child }: ProcServSettings, pid: string): string {
  const program = child.argv[0] as string;
  const as = program === name ? '' : `@@@    (as ${program})\r\n`;
  return `@@@ Restarting child "${name}"\r\n${as}@@@ The PID of new child "${name}" is: ${pid}\r\n${RULE}`;
}

/** On behalf of the child, which ended before exec. */
export function startFailed({ argv0, child }: ProcServSettings, { step, message }: StartFailure): string {
  const program = `${argv0}: child could not execute: ${child.argv[0]}, ${message}\r\n`;
  switch (step) {
    case 'exec':
      return program;
    case 'chdir':
      return `${argv0}: child could not chdir to ${child.cwd}, ${message}\r\n${program}`;
    default:
      return `${argv0}: child could not set its ${step}, ${message}\r\n${program}`;
  }
}

export function notStarted({ name }: ProcServSettings, error: Error): string {
  return `@@@ Cannot start child "${name}": ${error.message}\r\n`;
}

export function childEnded(
  settings: ProcServSettings,
  pid: number,
  status: ExitStatus,
  time: string,
  mode: RestartMode,
  told = false,
): string {
  const withServer = told && settings.whenStopped === undefined;
  const notice = withServer ? endedWithServer(pid, status) : endedByItself(pid, status);
  const prospect = told ? (settings.whenStopped ?? 'server will exit') : PROSPECT[mode];
  const help = withServer || mode === 'ONESHOT' ? '' : helpLine(settings);
  return `\r\n${notice}@@@ Current time: ${time}\r\n@@@ Child process is shutting down, ${prospect}\r\n${help}`;
}

/** The line by which scripts count crashes. */
function endedByItself(pid: number, { code, signal }: ExitStatus): string {
  // Neither is known for a child that outlived the holder that started it.
  const how =
    signal === null ? `Normal exit status = ${code ?? 'unknown'}` : `The process was killed by signal ${signal}`;
  return `${RULE}@@@ Received a sigChild for process ${pid}. ${how}\r\n`;
}

/** At the end of the server the original has no such line (spec/procserv.md 10); the end of the child is worth one. */
function endedWithServer(pid: number, { code, signal }: ExitStatus): string {
  return `@@@ The server ends: child process ${pid} ended ${signal === null ? `with status ${code}` : `by signal ${signal}`}\r\n`;
}

export function restartLimitReached({ name }: ProcServSettings, count: number, seconds: number): string {
  return `@@@ Child "${name}" was restarted ${count} times in ${seconds} s: no further restart without a key\r\n`;
}

export function startRefused(reason: string): string {
  return `\r\n@@@ Not started: ${reason}\r\n`;
}

export const KILL_COMMAND = '\r\n@@@ Got a kill command\r\n';

/** Clients that steer a process by these words match those of 2.7.0, which know two modes. */
export function toggled({ toggleCycle }: ProcServSettings, mode: RestartMode): string {
  return `\r\n@@@ Toggled auto restart ${toggleCycle.includes('oneshot') ? 'mode ' : ''}to ${mode}\r\n`;
}

export function keysIgnored(count: number): string {
  return `\r\n@@@ Too many keys at once: ${count} of them ignored\r\n`;
}

/** To one connection: what it typed, a key or the connection itself is refused. */
export function refused(reason: string): string {
  return `\r\n@@@ Refused: ${reason}\r\n`;
}

export const BOUND_CHANGED = '\r\n@@@ What may be done at this endpoint has changed: connect again\r\n';

/** To a peer that finds the endpoint full. */
export function refusedConnection(most: number): string {
  return `@@@ Refused: ${most} connections are open here, which is the limit. Try again later.\r\n`;
}

/** The state of an instance that a banner shows. */
export interface BannerFacts {
  readonly serverPid: number;
  readonly mode: RestartMode;
  readonly childPid: number | undefined;
  /** Times as text. */
  readonly serverStarted: string;
  readonly childStarted: string | undefined;
  /** Without the receiver. */
  readonly users: number;
  readonly loggers: number;
}

export function banner(settings: ProcServSettings, facts: BannerFacts, forLogger: boolean): string {
  const { name, command, logoutKey } = settings;
  const { childPid } = facts;
  const lines = [
    ...(forLogger ? [] : [`Welcome to procServ (${settings.version})`, keysLine(settings, facts.mode)]),
    ...(forLogger || logoutKey === undefined ? [] : [`Use ${keyName(logoutKey)} to logout from procServ server`]),
    `procServ server PID: ${facts.serverPid}`,
    `Server startup directory: ${settings.directory}`,
    `Child startup directory: ${settings.childDirectory}`,
    name === command ? `Child started as: ${command}` : `Child "${name}" started as: ${command}`,
    ...(settings.log ? [logLine(settings.log)] : []),
    `Child "${name}" ${childPid === undefined ? 'is SHUT DOWN' : `PID: ${childPid}`}`,
    `procServ server started at: ${facts.serverStarted}`,
    ...(facts.childStarted === undefined ? [] : [`Child "${name}" started at: ${facts.childStarted}`]),
    ...(forLogger ? [] : [`${facts.users} user(s) and ${facts.loggers} logger(s) connected (plus you)`]),
  ];
  const text = lines.map((line) => `@@@ ${line}\r\n`).join('');
  return childPid === undefined ? text + helpLine(settings) : text;
}

function logLine({ path, isOpen }: NonNullable<ProcServSettings['log']>): string {
  return isOpen() ? `Child log file: ${path}` : `unable to open log file ${path}`;
}

function keysLine({ killKey, toggleKey }: ProcServSettings, mode: RestartMode): string {
  const kill = killKey === undefined ? 'Kill command disabled' : `Use ${keyName(killKey)} to kill the child`;
  const toggle =
    toggleKey === undefined ? 'auto restart toggle disabled' : `use ${keyName(toggleKey)} to toggle auto restart`;
  return `${kill}, auto restart is ${mode}, ${toggle}`;
}

/** Marks around the history, so that the past is not taken for the present, nor two lives of the child for one. */
export const HISTORY = {
  before: (lines: number) => `@@@ --- the last ${lines === 1 ? 'line' : `${lines} lines`} before you came\r\n`,
  gap: '@@@ --- (messages of the server in between)\r\n',
  after: '@@@ --- from here on live\r\n',
} as const;

export function missedBytes(bytes: number): string {
  return `\r\n@@@ ${bytes} bytes of output are not shown here: this connection did not read them in time\r\n`;
}
