/** Help texts of the client (spec/conserver.md 5.2: own words, every letter and word named). */

import type { CommandLine, LineOption } from '../../model/command-line.ts';

const ZAP = ['bringup', 'pid', 'quit', 'reconfig', 'reopen', 'version'];

const OPTIONS: readonly LineOption[] = [
  { short: '7', help: 'clear the eighth bit of what comes and goes' },
  { short: 'a', twin: 'A', help: 'join to write if nobody else does (A: show the last lines first)' },
  { short: 'b', twin: 'B', value: 'TEXT', help: 'say a text to everybody on all servers (B: on this server)' },
  { short: 'c', value: 'FILE', help: 'certificate and key of this client, PEM' },
  { short: 'C', value: 'FILE', help: 'read FILE in place of ~/.consolerc' },
  { short: 'd', value: 'WHO', help: 'throw [user][@console] out' },
  { short: 'D', help: 'say on stderr what is sent and received' },
  { short: 'e', value: 'ESC', help: 'escape characters, such as ^Ec' },
  { short: 'E', help: 'no encryption' },
  { short: 'f', twin: 'F', help: 'join and take the right to write (F: show the last lines first)' },
  { short: 'h', help: 'this text' },
  { short: 'i', twin: 'I', help: 'all that is known of the consoles, for programs (I: of this server)' },
  { short: 'k', help: 'give up if the console is not up' },
  { short: 'l', value: 'USER', help: 'log in as USER' },
  { short: 'M', value: 'HOST', words: 'nothing', help: 'server to ask first' },
  { short: 'n', help: 'leave the site-wide configuration out' },
  { short: 'p', value: 'PORT', help: 'port of the servers' },
  { short: 'P', help: 'process numbers of the servers' },
  { short: 'q', twin: 'Q', help: 'end the servers (Q: this server)' },
  { short: 'r', twin: 'R', help: 'versions of the servers (R: of this server)' },
  { short: 's', twin: 'S', help: 'join to watch (S: show the last lines first)' },
  { short: 't', value: 'WHO', help: 'say a text to [user][@console]' },
  { short: 'u', help: 'state and writer of each console' },
  { short: 'U', help: 'go on without encryption where a server has none' },
  { short: 'v', help: 'say more' },
  { short: 'V', help: 'version and defaults of this program' },
  { short: 'w', twin: 'W', help: 'who is on which console (W: of this server)' },
  { short: 'x', help: 'where the lines go' },
  {
    short: 'z',
    twin: 'Z',
    value: 'COMMAND',
    words: ZAP,
    help: 'send a command to the servers (Z: to this server); -z help lists them',
  },
  { name: 'strict-exit', help: 'true exit codes: 1 when a server refused, 69 when one could not be reached' },
];

const FORMS = [
  '[options] [-aAfFsS] [-e esc] console',
  '[options] [-iIuwWx] [console]',
  '[options] [-hPqQrRV] [-b text] [-B text] [-d who] [-t who text] [-z command] [-Z command]',
];

export const CONSOLE: CommandLine = {
  name: 'console',
  usage: FORMS,
  summary: 'client of conserver: join a console, or ask its servers',
  help: 'Joins a console of a conserver, or of Holdfast with [conserver]; ^Ec. leaves it, ^Ec? lists its keys.',
  options: OPTIONS,
  operands: ['conserver'],
};

export function usage(program: string): string {
  const forms = FORMS.map((form) => `${program} ${form}\n`).join('       ');
  return `usage: ${forms}
       options: [-7DEknUv] [-c file] [-C file] [-l user] [-M host] [-p port] [--strict-exit]
       who:     [user][@console]
`;
}

export function help(program: string): string {
  const lines = OPTIONS.map(({ name, short, twin, value, help }) => {
    const label =
      name === undefined ? `${short}${twin ? `, ${twin}` : value ? ` ${value}` : ''}`.padEnd(8) : `--${name}  `;
    return `       ${label}${help}\n`;
  });
  return `${usage(program)}\n${lines.join('')}`;
}

export function zapHelp(): string {
  return `
       bringup, SIGUSR1   open again every console that is down
       help               this list
       pid                process numbers of the servers
       quit, SIGTERM      end the server
       reconfig, SIGHUP   read the configuration again, then as reopen
       reopen, SIGUSR2    open all log files again, then as bringup
       version            versions of the servers
`;
}
