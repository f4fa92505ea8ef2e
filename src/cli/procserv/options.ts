/** The options of procServ (spec/procserv.md 1.1), and ours besides: name, argument and help of each in one record. */
import type { OptionSpec } from '../../grammar/text/getopt.ts';
import type { CommandLine } from '../../model/command-line.ts';

export interface ProcServOption extends OptionSpec {
  /** What `--help` calls the argument. */
  readonly value?: string;
  readonly help: string;
}

export const OPTIONS: readonly ProcServOption[] = [
  { name: 'allow', argument: 'none', help: 'let control endpoints listen beyond 127.0.0.1 (see --allow-from)' },
  { name: 'autorestartcmd', argument: 'required', value: 'KEY', help: 'key that switches the auto restart [^T]' },
  {
    name: 'coresize',
    argument: 'required',
    value: 'BYTES',
    help: 'soft limit for the size of core files of the child',
  },
  { name: 'chdir', short: 'c', argument: 'required', value: 'DIR', help: 'directory in which the child starts' },
  { name: 'debug', short: 'd', argument: 'none', help: 'stay in the foreground and show the console on stdout' },
  {
    name: 'exec',
    short: 'e',
    argument: 'required',
    value: 'FILE',
    help: 'run FILE, with the command as its first argument',
  },
  {
    name: 'foreground',
    short: 'f',
    argument: 'none',
    help: 'stay in the foreground; standard input is one more client',
  },
  { name: 'help', short: 'h', argument: 'none', help: 'show this text' },
  { name: 'holdoff', argument: 'required', value: 'SECONDS', help: 'least time from one start to the next [15]' },
  { name: 'ignore', short: 'i', argument: 'required', value: 'KEYS', help: 'keys that never reach the child' },
  { name: 'info-file', short: 'I', argument: 'required', value: 'FILE', help: 'file to tell our pid and endpoints' },
  {
    name: 'killcmd',
    short: 'k',
    argument: 'required',
    value: 'KEY',
    help: 'key that kills the child, or starts it [^X]',
  },
  { name: 'killsig', argument: 'required', value: 'SIGNAL', help: 'signal of that key, a number or a name [KILL]' },
  { name: 'logport', short: 'l', argument: 'required', value: 'ENDPOINT', help: 'endpoint for clients that only read' },
  { name: 'logfile', short: 'L', argument: 'required', value: 'FILE', help: 'log of the console; - is stdout' },
  {
    name: 'logstamp',
    argument: 'optional',
    value: 'FORMAT',
    help: 'time before every line of the log (strftime, %f, %3N)',
  },
  { name: 'name', short: 'n', argument: 'required', value: 'NAME', help: 'name in messages [the command]' },
  { name: 'noautorestart', argument: 'none', help: 'do not restart the child when it ends' },
  { name: 'oneshot', short: 'o', argument: 'none', help: 'end with the child, with its exit status (128 + signal)' },
  { name: 'pidfile', short: 'p', argument: 'required', value: 'FILE', help: 'file for our pid [$PROCSERV_PID]' },
  { name: 'port', short: 'P', argument: 'required', value: 'ENDPOINT', help: 'control endpoint; may be given again' },
  { name: 'quiet', short: 'q', argument: 'none', help: 'say nothing at the start, errors excepted' },
  { name: 'restrict', argument: 'none', help: 'log endpoint on 127.0.0.1 only' },
  { name: 'timefmt', argument: 'required', value: 'FORMAT', help: 'times in messages (strftime) [%c]' },
  { name: 'version', short: 'V', argument: 'none', help: 'show the version' },
  { name: 'wait', short: 'w', argument: 'none', help: 'do not start the child until a key says so' },
  {
    name: 'logoutcmd',
    short: 'x',
    argument: 'required',
    value: 'KEY',
    help: 'key that closes the connection it comes from',
  },
  {
    name: 'allow-from',
    argument: 'required',
    value: 'NET,...',
    added: true,
    help: 'with --allow: only these networks (10.0.0.0/8)',
  },
  {
    name: 'backoff',
    argument: 'required',
    value: 'FACTOR/MAX',
    added: true,
    help: 'early deaths multiply the holdoff, up to MAX s',
  },
  {
    name: 'grace-period',
    short: 'g',
    argument: 'required',
    value: 'SECONDS',
    added: true,
    help: 'at the end: from --killsig to KILL [3]',
  },
  {
    name: 'history',
    argument: 'required',
    value: 'LINES',
    added: true,
    help: 'lines of past output sent on connect [0]',
  },
  { name: 'logkeep', argument: 'required', value: 'N', added: true, help: 'rotated logs to keep [5]' },
  { name: 'logsize', argument: 'required', value: 'BYTES', added: true, help: 'rotate the log at this size (k, M, G)' },
  {
    name: 'logsync',
    argument: 'required',
    value: 'WHEN',
    added: true,
    help: 'to the disk: never, always, or after SECONDS [1]',
  },
  {
    name: 'restart-limit',
    argument: 'required',
    value: 'N/SECONDS',
    added: true,
    help: 'stop restarting after N restarts in SECONDS',
  },
  { name: 'savelog', argument: 'none', added: true, help: 'begin a new log, and keep the old one as FILE_DATE_TIME' },
];

const FORMS = [
  '[OPTION]... ENDPOINT COMMAND [ARGUMENT]...',
  '[OPTION]... -P ENDPOINT [-P ENDPOINT]... COMMAND [ARGUMENT]...',
];

/** Printed after a wrong command line. */
export const USAGE = `Usage: procServ ${FORMS.join('\n       procServ ')}
       procServ --help    (lists the options)
`;

const PURPOSE = `
Runs COMMAND in a terminal of its own, restarts it when it ends, and lets people reach it by telnet or socat.
`;

/** For completion and the man page. */
export const PROC_SERV: CommandLine = {
  name: 'procServ',
  usage: FORMS,
  summary: 'run a program in a terminal that people can reach, and restart it',
  help: PURPOSE.trim(),
  options: OPTIONS.map(({ name, short, argument, value, help }) => ({
    ...{ name, help },
    ...(short === undefined ? {} : { short }),
    ...(value === undefined ? {} : { value }),
    ...(argument === 'optional' ? { joined: 'optional' as const } : {}),
  })),
  operands: ['nothing', 'program', 'file'],
  lastOption: 1,
};

const NOTES = `
ENDPOINT: PORT, ADDRESS:PORT, [ADDRESS]:PORT (IPv6), unix:PATH, unix:USER:GROUP:MODE:PATH, or unix:@NAME (abstract)
KEY:      a character, or ^A to ^_, ^@ and ^? for control keys; ^^ is a caret; an empty word switches the key off
`;

/** The whole text of `--help`. */
export function helpText(): string {
  const of = (added: boolean) =>
    OPTIONS.filter((option) => (option.added ?? false) === added)
      .map(optionLine)
      .join('');
  return `${USAGE}${PURPOSE}\nOptions of procServ:\n${of(false)}\nOptions that Holdfast adds:\n${of(true)}${NOTES}`;
}

function optionLine({ name, short, argument, value, help }: ProcServOption): string {
  const shown = argument === 'none' ? '' : argument === 'optional' ? `[=${value}]` : ` ${value}`;
  const words = `${short === undefined ? '    ' : `-${short}, `}--${name}${shown}`;
  return `  ${words.padEnd(30)} ${help}\n`;
}
