/** conserver.cf(5): the keywords that the grammar has readers for, each with what it is for. */
import { accessReaders } from '../../src/grammar/conserver/access.ts';
import { BAUDS, consoleReaders, PARITIES, TYPES } from '../../src/grammar/conserver/keywords.ts';
import { CONSOLE_OPTIONS, type ConserverEnvironment, type ConsoleOption } from '../../src/grammar/conserver/records.ts';
import { settingReaders } from '../../src/grammar/conserver/settings.ts';
import { BREAK_READERS, PREDEFINED_BREAKS, taskReaders } from '../../src/grammar/conserver/signals.ts';
import { fromMarkdown, heading, helpText, list } from './mdoc.ts';

/** Nothing is asked of it: only names are wanted. */
const NOWHERE: ConserverEnvironment = {
  isThisHost: () => false,
  servicePort: () => undefined,
  hasUser: () => false,
  hasGroup: () => false,
};

type Meanings = Readonly<Record<string, string>>;

const SUBST =
  '`X=t[n]f`, with commas between: the character `X` becomes the value `t`, at least `n` characters wide. `t` is `c` (console), `h` (host), `r` (replstring) or `b` (baud) with `f` = `s`, or `p` (port as given) or `P` (port that results) with `f` = `d`, `x`, `X`, `a` or `A` (base 10, 16, 36)';

const CONSOLE: Meanings = {
  type: `what the console is: ${TYPES.join(', ')}; required`,
  master: 'the host whose server has the console; required. It is ours if the name is an address of this host',
  aliases: 'other names of it (in `console` only)',
  include: 'takes over the values of this `default`, which stands above; lists add up',
  host: 'type `host`: where to connect to',
  port: 'its port: a number, or the name of a service',
  portbase: 'the port that results is `portbase` + `portinc` * `port` [0]',
  portinc: 'see `portbase` [1]',
  protocol: 'type `host`: `telnet` or `raw` [telnet]',
  exec: "type `exec`: the command, for `/bin/sh -ce`; empty: root's login shell",
  execrunas: 'type `exec`: `[user][:group]` that it runs as, where the server is root',
  execsubst: `what is replaced in \`exec\`: ${SUBST}`,
  uds: 'type `uds`: path of the unix socket',
  udssubst: 'what is replaced in `uds`, as for `execsubst`',
  device: 'type `device`: path of the serial line',
  devicesubst: 'what is replaced in `device`, as for `execsubst`',
  baud: `its speed: ${BAUDS.join(', ')}`,
  parity: `its parity: ${PARITIES.join(', ')}`,
  initcmd: 'a command that is connected to the console as soon as that is up; what users type is ignored meanwhile',
  initrunas: '`[user][:group]` that `initcmd` runs as',
  initsubst: 'what is replaced in `initcmd`, as for `execsubst`',
  initspinmax: 'so many starts, each within `initspintimer` of the last, force the console down [5]',
  initspintimer: 'seconds, see `initspinmax` [1]',
  logfile: 'path of the log; `&` is the name of the console. Empty: none',
  logfilemax: 'size from which on the log is renamed: `n`, `nk` or `nm` bytes, at least 2k',
  timestamp:
    'marks in the log: `[n[m|h|d|l]][a][b][t]`, every `n` minutes, hours, days or lines; `a` who comes and goes, `b` breaks, `t` tasks',
  break: 'the break that `^Ecl0` sends [1]',
  breaklist: 'breaks that may be sent: ids, `*` for all; empty: none [*]',
  tasklist: 'tasks that may be run: ids, `*` for all; empty: none [*]',
  motd: 'a line for whoever comes',
  idletimeout: 'after so much silence `idlestring` is sent: `n`, `ns`, `nm`, `nh`; 0: never [0]',
  idlestring: 'what is sent then, with the escapes of `string` below [`\\n`]',
  replstring: 'the value `r` of a substitution',
  options: 'words, each on, or off with `!` before it: below',
  rw: 'who may type',
  ro: 'who may look',
};

const OPTIONS: Readonly<Record<ConsoleOption, string>> = {
  hupcl: 'device: drop the line at the last close',
  cstopb: 'device: two stop bits',
  crtscts: 'device: flow control by RTS and CTS',
  ixon: 'flow control of output by `^S` and `^Q`; on for device and exec',
  ixany: 'any character continues output',
  ixoff: 'flow control of input; on for device',
  ondemand: 'up only while somebody is on it',
  reinitoncc: 'a console that is down is brought up when somebody comes',
  striphigh: 'seven bits',
  autoreinit: 'a console that went down is brought up again; on',
  unloved: 'what it says while nobody is on it is in the log of the server',
  login: 'people may come; on. `!login` shows them `motd` instead',
};

const BREAK: Meanings = {
  string:
    'what is sent: text with `\\a \\b \\f \\n \\r \\t \\v \\\\ \\^ \\ooo ^c ^?`, `\\d` for a pause and `\\z` for a break of the line',
  delay: 'how long a pause is, 0 to 999 ms [250]',
  confirm: 'whether the user is asked first [no]',
};

const TASK: Meanings = {
  cmd: 'the command, for `/bin/sh -ce`',
  description: 'what users see in place of it',
  confirm: 'whether the user is asked first [no]',
  runas: '`[user][:group]` that it runs as',
  subst: 'what is replaced in `cmd`, as for `execsubst`',
};

const ACCESS: Meanings = {
  trusted: 'hosts that need no password',
  allowed: 'hosts that need one',
  rejected: 'hosts that may not connect',
  admin: 'users who may manage the server from there',
  limited: 'users without `^Ec;`, `^Ecz` and `^Ec|`: moving to another console, suspending, commands of their own',
  include: 'takes over the block of this name, which stands above',
};

const CONFIG: Meanings = {
  autocomplete: 'the beginning of a name is enough [yes]',
  daemonmode: 'as `-d` [no]',
  defaultaccess: 'for hosts that no `access` is about: `rejected`, `allowed` or `trusted` [rejected]',
  initdelay: 'read, and without effect',
  logfile: 'as `-L`',
  loghostnames: 'names of hosts, not addresses, in logs and lists [yes]',
  passwdfile: 'as `-P`',
  primaryport: 'as `-p`',
  redirect: 'a console of another server is looked up there [yes]',
  reinitcheck: 'how often consoles that are down are tried: minutes, or `10s`, `5m`',
  secondaryport: 'as `-b`',
  setproctitle: 'read, and without effect',
  sslcacertificatefile: 'authorities that certificates of clients are checked against',
  sslcredentials: 'certificate and key, as `-c`',
  sslrequired: 'clients must use TLS [yes]',
  sslreqclientcert: 'clients must have a certificate [no]',
  unifiedlog: 'as `-U`',
};

const GROUP: Meanings = { users: 'a list of users' };

interface BlockType {
  readonly title: string;
  readonly about: string;
  readonly keywords: readonly string[];
  readonly meanings: Meanings;
}

/** The types of blocks, with the keywords of the grammar. */
export const CF_BLOCKS: readonly BlockType[] = [
  {
    title: 'console NAME, default NAME',
    about:
      "A console, and values for those that include them. What 'default *' has holds for every console that follows. An empty value resets.",
    keywords: [...consoleReaders({ groups: new Map(), defaults: new Map(), environment: NOWHERE }).keys()],
    meanings: CONSOLE,
  },
  {
    title: 'access HOST',
    about:
      "Who may come in at the server on this host, or on any ('*'). Of all its entries, in their order, the first that matches a client decides; without one, defaultaccess does. An entry is a.b.c.d or a.b.c.d/BITS, where an address that ends in zeros stands for its whole network, or a part of a host's name.",
    keywords: [...accessReaders(new Map(), new Map()).keys()],
    meanings: ACCESS,
  },
  {
    title: 'group NAME',
    about: 'Users under one name, for rw, ro, admin and limited.',
    keywords: Object.keys(GROUP),
    meanings: GROUP,
  },
  {
    title: 'break ID',
    about: `ID is one of 1 to 9, a to z. ${PREDEFINED_BREAKS.map(([id]) => id).join(', ')} exist without being configured.`,
    keywords: [...BREAK_READERS.keys()],
    meanings: BREAK,
  },
  {
    title: 'task ID',
    about: 'A command on the host of the server, for users. ID is one of 0 to 9, a to z.',
    keywords: [...taskReaders(NOWHERE).keys()],
    meanings: TASK,
  },
  {
    title: 'config HOST',
    about: "The server on this host, or on any ('*'). The command line of conserver(8) comes before it.",
    keywords: [...settingReaders(NOWHERE).keys()],
    meanings: CONFIG,
  },
];

const SYNTAX = `The file is a sequence of blocks, \`TYPE NAME { KEYWORD VALUE; ... }\`. Case does not matter in types and keywords. Text in double
quotes keeps its braces, semicolons and #; outside of them a backslash takes the next character as it is, inside only a quote. A comment goes from \`#\` to the end of the line; \`#include FILE\` at
its beginning reads another file there. \`default\`, \`group\` and \`access\` stand above what names them.

Lists have commas or blanks between their items. In lists of users, \`@NAME\` is a group of the system, \`*\` is everybody, the name of a \`group\` is its users,
and \`!\` excludes.`;

const EXAMPLE = `\`\`\`
default ioc { type exec; logfile /var/log/consoles/&; timestamp 1hab; rw *; }
console vac-01 { master localhost; include ioc; exec /opt/iocs/vac-01/st.cmd; }
console ts-07 { master localhost; type host; host ts1; port 2007; rw operators; }
group operators { users vera, @controls; }
access * { trusted 127.0.0.1; allowed 10.1.0.0/16; }
\`\`\`
`;

export function conserverCfText(): string {
  return [
    heading('description', fromMarkdown(SYNTAX)),
    heading('blocks', CF_BLOCKS.map(blockText).join('')),
    heading('options of a console', list(CONSOLE_OPTIONS.map((name) => [`\`${name}\``, OPTIONS[name]]))),
    heading('examples', fromMarkdown(EXAMPLE)),
  ].join('');
}

function blockText({ title, about, keywords, meanings }: BlockType): string {
  const rows = keywords.map((keyword) => {
    const meaning = meanings[keyword];
    if (meaning === undefined) {
      throw new Error(`conserver.cf(5): nothing is said of '${keyword}' in ${title}`);
    }
    return [`\`${keyword}\``, meaning] as const;
  });
  return `.Ss ${title}\n${helpText(about)}${list(rows)}`;
}
