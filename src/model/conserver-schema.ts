/** `[conserver]`: all consoles of the host for console(1), by keys of its own or by an existing conserver.cf. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { CONSOLE_NAME, CONSOLE_NAME_PATTERN, closed, Duration, Path } from './config-forms.ts';
import { ANY_NAME, TableOf } from './table-of.ts';

const Optional = Type.Optional;

const BYTE = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const QUAD = `${BYTE}(\\.${BYTE}){3}`;
const Address = Type.String({ pattern: `^${QUAD}$`, title: 'an IPv4 address' });
const Network = Type.String({
  pattern: `^${QUAD}(/(3[0-2]|[12]?\\d))?$`,
  title: 'a network (a.b.c.d or a.b.c.d/BITS)',
});
const User = Type.String({
  pattern: '^!?@?[^\\s,!@][^\\s,]*$|^!?\\*$',
  title: 'a user (NAME, "@GROUP" of the system, "*" for everybody; "!" before it: not)',
});
const Pattern = Type.String({
  minLength: 1,
  title: 'a pattern of names ("vac-*"), or "@GROUP" of consoles',
});

const Port = (words: { description: string; default: number; minimum: number; examples: number[] }) =>
  Type.Integer({ maximum: 65535, ...words });
const Networks = (words: { description: string; default: string[]; examples: string[][] }) =>
  Type.Array(Network, words);
const Users = (words: { description: string; default: string[]; examples: string[][] }) => Type.Array(User, words);

const Rights = Type.Object(
  {
    write: Optional(Type.Array(User, { description: 'Who may type.', examples: [['@rf']] })),
    read: Optional(Type.Array(User, { description: 'Who may watch.', examples: [['*']] })),
  },
  { ...closed, description: 'Who may do what on the consoles of these names.' },
);

const Certificate = Type.Object(
  {
    cert: Path({
      description: 'PEM file with the certificate of this server and the intermediate ones up to its authority.',
      examples: ['/etc/holdfast/tls/host.pem'],
    }),
    key: Optional(
      Path({
        description: 'PEM file with its key. Without it: in the file of `cert`.',
        examples: ['/etc/holdfast/tls/host.key'],
      }),
    ),
    ca: Optional(
      Path({
        description: 'PEM file with authorities: clients must show a certificate of one of them.',
        examples: ['/etc/holdfast/tls/site-ca.pem'],
      }),
    ),
  },
  closed,
);

const Break = Type.Object(
  {
    send: Type.String({
      description:
        'What is sent: `\\z` is a break of the line itself, `\\d` a pause; `\\r`, `\\n`, `\\ooo`, `^x` and the like are as in a conserver.cf.',
      examples: ['\\r\\d~\\d^b'],
    }),
    delay: Optional(Duration({ description: 'A pause. Without it: 250ms.', examples: ['600ms'] })),
    confirm: Optional(
      Type.Boolean({ description: 'Whether the user is asked first. Without it: no.', examples: [true] }),
    ),
  },
  closed,
);

const Task = Type.Object(
  {
    command: Type.String({
      minLength: 1,
      description: 'A line for `/bin/sh -ce`, run by the server beside the console. `{name}` stands for the console.',
      examples: ['power-cycle {name}'],
    }),
    description: Optional(Type.String({ description: 'What `^Ec!?` lists in its place.', examples: ['power cycle'] })),
    confirm: Optional(
      Type.Boolean({ description: 'Whether the user is asked first. Without it: no.', examples: [true] }),
    ),
    user: Optional(
      Type.String({
        minLength: 1,
        description: 'Runs it as this user. Needs root. Without it: as the server runs.',
        examples: ['operator'],
      }),
    ),
    group: Optional(Type.String({ minLength: 1, description: 'Runs it with this group.', examples: ['operators'] })),
  },
  closed,
);

export const ConserverSchema = Type.Object(
  {
    cf: Optional(
      Path({
        description:
          'An existing conserver.cf. Its consoles become consoles of this host, and its access, users, rights, breaks, tasks, other masters and settings apply here. Besides it, only `listen`, `port`, `group_port`, `tls`, `password_file`, `consoles`, `write` and `read` may be given, and these take precedence. A relative path is below the folder of this file.',
        examples: ['/etc/conserver/conserver.cf'],
      }),
    ),
    listen: Optional(
      Type.Array(Address, {
        minItems: 1,
        description: 'Addresses to listen on; `0.0.0.0` is all of them.',
        default: ['127.0.0.1'],
        examples: [['127.0.0.1', '127.0.0.2']],
      }),
    ),
    port: Optional(
      Port({ minimum: 1, description: 'Port that clients connect to (`console -p`).', default: 3109, examples: [782] }),
    ),
    group_port: Optional(
      Port({
        minimum: 0,
        description: 'Second port, which carries the consoles; 0 is any free one.',
        default: 3110,
        examples: [0],
      }),
    ),
    tls: Optional(
      Type.Union([Type.Literal('none'), Type.Literal('legacy'), Certificate], {
        title: '"none", "legacy" or a table (cert, key, ca)',
        description:
          'Encryption: with a certificate; `legacy`, the anonymous one that clients of conserver expect without any configuration, which does not protect against a man in the middle; `none`: clients need `-E`. Without it: `none` on loopback; it is required for any other address.',
        examples: ['legacy', { cert: '/etc/holdfast/tls/host.pem', key: '/etc/holdfast/tls/host.key' }],
      }),
    ),
    tls_required: Optional(
      Type.Boolean({
        description: 'Whether clients without encryption are refused, if encryption is configured.',
        default: true,
        examples: [false],
      }),
    ),
    password_file: Optional(
      Path({
        description:
          'A conserver.passwd (`USER:HASH`, `USER:*passwd*`). Without it: the passwords of the system. A relative path is below the folder of this file.',
        examples: ['/etc/conserver/conserver.passwd'],
      }),
    ),
    rejected: Optional(
      Networks({
        description: 'Networks whose clients are refused, regardless of the next two.',
        default: [],
        examples: [['10.0.0.0/28']],
      }),
    ),
    trusted: Optional(
      Networks({
        description: 'Networks whose clients need no password: any user name that they give is believed.',
        default: [],
        examples: [['127.0.0.1']],
      }),
    ),
    allowed: Optional(
      Networks({
        description: 'Networks whose clients need a password. Clients from other networks are refused.',
        default: ['127.0.0.0/8'],
        examples: [['127.0.0.0/8', '10.0.0.0/16']],
      }),
    ),
    admin: Optional(
      Users({
        description: 'Users who may disconnect others and reload (`console -d`, `-z`).',
        default: [],
        examples: [['ann', '@controls']],
      }),
    ),
    limited: Optional(
      Users({
        description: 'Users who may not suspend, move to another console or run local commands.',
        default: [],
        examples: [['guest']],
      }),
    ),
    consoles: Optional(
      Type.Array(Pattern, {
        description: 'Consoles of the host that are served.',
        default: ['*'],
        examples: [['vac-*', '@rf']],
      }),
    ),
    write: Optional(
      Users({
        description: 'Users who may type, once they have access.',
        default: ['*'],
        examples: [['@controls', '!guest']],
      }),
    ),
    read: Optional(
      Users({ description: 'Users who may watch, once they have access.', default: ['*'], examples: [['*']] }),
    ),
    rights: Optional(
      TableOf(ANY_NAME, Rights, {
        title: 'a table of patterns of names, each with a table (write, read)',
        description:
          'Other rights for some consoles, `"rf-*" = { write = [...], read = [...] }`: the first pattern that matches decides; a list that is left out is the general one.',
        default: {},
        examples: [{ 'rf-01': { write: ['@rf'], read: ['*'] } }],
      }),
    ),
    aliases: Optional(
      TableOf(CONSOLE_NAME_PATTERN, Type.String({ minLength: 1 }), {
        ...closed,
        ...CONSOLE_NAME,
        title: 'a table of texts',
        description: 'Other names of consoles.',
        default: {},
        examples: [{ vacuum: 'gateway' }],
      }),
    ),
    remote: Optional(
      TableOf(ANY_NAME, Type.Array(Type.String({ minLength: 1 })), {
        title: 'a table of arrays of names',
        description:
          'Consoles of other hosts, by host: clients are redirected to that host, to the same port. The entry of this host itself is ignored, so all hosts can have the same table.',
        default: {},
        examples: [{ 'ioc-host-2': ['rf-01', 'rf-02'] }],
      }),
    ),
    breaks: Optional(
      TableOf('^[1-9a-z]$', Break, {
        ...closed,
        propertyNames: { title: 'a digit from 1 or a letter' },
        title: 'a table of keys, each with a table (send, delay, confirm)',
        description:
          'What `^Ecl` and the key send, `5 = { send = "..." }`; `^Ecl0` is key 1. Besides them, and unless they are given here, there are 1 (`\\z`), 2 (`\\r~^b`), 3 (`#.`) and 4 (`\\r\\d~\\d^b`).',
        default: {},
        examples: [{ 5: { send: 'reboot\\r', confirm: true } }],
      }),
    ),
    tasks: Optional(
      TableOf('^[0-9a-z]$', Task, {
        ...closed,
        propertyNames: { title: 'a digit or a letter' },
        title: 'a table of keys, each with a table (command, description, confirm, user, group)',
        description:
          'Commands that users start with `^Ec!` and the key; everybody on the console sees what they write, and one runs at a time.',
        default: {},
        examples: [{ p: { command: 'power-cycle {name}', description: 'power cycle', confirm: true } }],
      }),
    ),
    autocomplete: Optional(
      Type.Boolean({
        description: 'Whether the beginning of a name is enough if it is unambiguous.',
        default: true,
        examples: [false],
      }),
    ),
    host_names: Optional(
      Type.Boolean({
        description: 'Whether users are shown host names instead of addresses (`ann@ws-12`).',
        default: true,
        examples: [false],
      }),
    ),
  },
  closed,
);

export type ConserverTable = Static<typeof ConserverSchema>;
