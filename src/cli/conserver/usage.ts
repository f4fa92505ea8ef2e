import type { CommandLine, LineOption } from '../../model/command-line.ts';

const OPTIONS: readonly LineOption[] = [
  { short: '7', help: 'clear the eighth bit of every console' },
  {
    short: 'a',
    value: 'TYPE',
    words: ['r', 'a', 't'],
    help: 'what hosts may do that no rule names: r (rejected), a (allowed), t (trusted)',
  },
  { short: 'b', value: 'PORT', help: 'port that the consoles are served on' },
  { short: 'c', value: 'FILE', help: 'certificate and key, PEM' },
  { short: 'C', value: 'FILE', help: 'configuration in place of /etc/conserver/conserver.cf' },
  { short: 'd', help: 'go into the background' },
  { short: 'D', help: 'debugging output (accepted, without effect)' },
  { short: 'E', help: 'encryption is not required of clients' },
  { short: 'F', help: 'do not bring consoles back by themselves' },
  { short: 'h', help: 'this text' },
  { short: 'i', help: 'open consoles when somebody connects' },
  { short: 'L', value: 'FILE', help: "write the server's log there" },
  { short: 'm', value: 'MAX', help: 'consoles of one group (accepted: there is one group)' },
  { short: 'M', value: 'ADDR', help: 'address to listen on' },
  { short: 'n', help: '(accepted, without effect)' },
  { short: 'o', help: 'open consoles that are down when somebody connects' },
  { short: 'O', value: 'MIN', help: 'try consoles that are down every so many minutes' },
  { short: 'p', value: 'PORT', help: 'port of the master' },
  { short: 'P', value: 'FILE', help: 'passwords in place of /etc/conserver/conserver.passwd' },
  { short: 'R', help: 'send nobody on to other servers' },
  { short: 'S', help: 'check the configuration and end; twice: show the consoles' },
  { short: 'u', help: 'print what consoles say while nobody writes' },
  { short: 'U', value: 'FILE', help: 'write what all consoles say into one log' },
  { short: 'v', help: 'say more' },
  { short: 'V', help: 'version and defaults' },
  {
    name: 'control',
    value: 'PATH',
    help: "control socket for `holdfast ps', `why', `attach'... [$HOLDFAST_CONTROL]",
  },
];

const USAGE = [
  '[-7dDEFinoRSuvV] [-a type] [-b port] [-c cred] [-C config] [-L logfile] [-m max] [-M addr]',
  '[-O min] [-p port] [-P passwd] [-U logfile]',
];

export const CONSERVER: CommandLine = {
  name: 'conserver',
  usage: [USAGE.join(' ')],
  summary: 'server of consoles',
  help: 'Serves the consoles of a conserver.cf to console and other clients of the conserver protocol.',
  options: OPTIONS,
  operands: ['nothing'],
};

/** Help text of the server (spec/conserver.md 7.3: own words, every letter named). */
export function help(program: string): string {
  const lines = OPTIONS.map(({ name, short, value, help }) => {
    const label = `${short ?? `--${name}`}${value === undefined ? '' : ` ${value}`}`;
    return `       ${label.length > 10 ? `${label}\n${' '.repeat(18)}` : label.padEnd(11)}${help}\n`;
  });
  return `usage: ${program} ${USAGE.join('\n       ')}\n\n${lines.join('')}`;
}
