/** `[isis.NAME]`: an ISIS message server, by its isis.ini or by keys of its own. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { CONSOLE_NAME, CONSOLE_NAME_PATTERN, closed, Duration, Path } from './config-forms.ts';
import { MOST_TTY_PORTS, MOST_UDP_PORTS, ROOM_TTY_PORTS, ROOM_UDP_PORTS } from './isis-config.ts';
import { TableOf } from './table-of.ts';

const Optional = Type.Optional;

const QUAD = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}';

export const IsisSchema = Type.Object(
  {
    ini: Optional(
      Path({
        description:
          "An isis.ini of OSU's server, which then replaces all other keys; a relative path is below the folder of this file. Its server listens on all addresses, as the original does, unless it has `Listen`.",
        examples: ['/home/dts/Config/isis.ini'],
      }),
    ),
    id: Optional(
      Type.String({
        pattern: '^[\\x21-\\x3d\\x3f-\\x7e]{1,8}$',
        title: "a name (1 to 8 printable characters without blank and '>')",
        description: 'Name of the server in messages.',
        default: 'IS',
        examples: ['XIS'],
      }),
    ),
    port: Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65535,
        description: 'UDP port; 0 is any free one.',
        default: 6600,
        examples: [6601],
      }),
    ),
    listen: Optional(
      Type.String({
        pattern: `^${QUAD}$`,
        title: 'an IPv4 address',
        description: 'Address to listen on; `0.0.0.0` is all of them.',
        default: '127.0.0.1',
        examples: ['192.168.139.130'],
      }),
    ),
    log: Optional(
      Type.Union([Type.Literal(false), Path({ description: 'Root of the log.' })], {
        title: 'a path or false',
        description:
          'Root of the message log, which is `ROOT.YYYYMMDD.log`; a relative path is below `server.log_dir`, `{name}` stands for the instance. `false`: none.',
        default: 'isis.{name}',
        examples: ['/home/Logs/ISIS/isis'],
      }),
    ),
    log_date: Optional(
      Type.Union([Type.Literal('obs'), Type.Literal('utc')], {
        description:
          'When the log changes its file: `obs`, at noon of local time, so that a night is one file; `utc`, at midnight UTC.',
        default: 'obs',
        examples: ['utc'],
      }),
    ),
    serial: Optional(
      Type.Array(Path({ description: 'A device.' }), {
        title: 'an array of at most `max_serial` devices, each followed by a blank and its speed if that is not 9600',
        description: 'Serial lines, 8N1, each with one or more hosts on it.',
        default: [],
        examples: [['/dev/ttyS0', '/dev/ttyUSB1 115200']],
      }),
    ),
    max_serial: Optional(
      Type.Integer({
        minimum: 1,
        maximum: ROOM_TTY_PORTS,
        description: 'Room for serial lines.',
        default: MOST_TTY_PORTS,
        examples: [ROOM_TTY_PORTS],
      }),
    ),
    max_presets: Optional(
      Type.Integer({
        minimum: 1,
        maximum: ROOM_UDP_PORTS,
        description: 'Room for presets.',
        default: MOST_UDP_PORTS,
        examples: [ROOM_UDP_PORTS],
      }),
    ),
    presets: Optional(
      Type.Array(Type.String({ pattern: `^${QUAD}:\\d{1,5}$`, title: 'an address (a.b.c.d:PORT)' }), {
        title: `an array of at most \`max_presets\` addresses (a.b.c.d:PORT)`,
        description: 'Hosts to PING at startup so that they register.',
        default: [],
        examples: [['127.0.0.1:10700', '127.0.0.1:10801']],
      }),
    ),
    handshake: Optional(
      Type.Boolean({
        description: 'Whether the serial lines and the presets are sent a PING at startup.',
        default: true,
        examples: [false],
      }),
    ),
    max_hosts: Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10000,
        description: 'Maximum number of known hosts.',
        default: 32,
        examples: [200],
      }),
    ),
    host_expiry: Optional(
      Duration({
        description: 'A host that is silent for longer is forgotten. 0: never.',
        default: 0,
        examples: ['2h'],
      }),
    ),
    allow: Optional(
      Type.Array(
        Type.String({ pattern: `^${QUAD}(/(3[0-2]|[12]?\\d))?$`, title: 'a network (a.b.c.d or a.b.c.d/BITS)' }),
        {
          description: 'Networks whose datagrams are accepted; others are dropped. Empty: all are allowed.',
          default: [],
          examples: [['127.0.0.1', '192.168.139.0/24']],
        },
      ),
    ),
    pins: Optional(
      TableOf(
        '^[\\x21-\\x3d\\x3f-\\x7e]{1,8}$',
        Type.String({ pattern: `^${QUAD}(:\\d{1,5})?$`, title: 'an address (a.b.c.d or a.b.c.d:PORT)' }),
        {
          ...closed,
          propertyNames: { title: "1 to 8 printable characters without blank and '>'" },
          title: 'a table of addresses (a.b.c.d or a.b.c.d:PORT)',
          description: 'Names that may only be used from this address, so that nobody else can receive their messages.',
          default: {},
          examples: [{ ICS: '192.168.139.130:10700', TCS: '10.0.0.9' }],
        },
      ),
    ),
    rate_limit: Optional(
      Type.Number({
        minimum: 0,
        description:
          'Messages per second that are accepted from a host at one address; the excess is dropped. 0: no limit.',
        default: 0,
        examples: [5000],
      }),
    ),
    extended_commands: Optional(
      Type.Boolean({
        description: 'Enables `EXEC: RESTART`, `+LOG` and `-LOG`, which the original does not know.',
        default: false,
        examples: [true],
      }),
    ),
    alias_all: Optional(
      Type.Boolean({
        description: '`ALL` is another word for `AL`, unless a host has that name.',
        default: false,
        examples: [true],
      }),
    ),
  },
  closed,
);

export const IsisTables = TableOf(CONSOLE_NAME_PATTERN, IsisSchema, {
  ...closed,
  ...CONSOLE_NAME,
  title: 'tables [isis.NAME]',
});

export type IsisTable = Static<typeof IsisSchema>;
