/**
 * The configuration of a host server (`holdfast.toml`, `conf.d/*.toml`): one source for the types, the JSON Schema and the
 * reference page. Descriptions are what that page says. Durations are seconds or texts like `500ms`, `5s`, `10m`, `2h`, `7d`;
 * sizes are bytes or texts like `10M`.
 */
import Type, { type Static } from 'typebox';

const Duration = (description: string) =>
  Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' })], { description });
const Size = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^\\d+(\\.\\d+)?[kKMG]?$' })], { description });
const Optional = Type.Optional;
const closed = { additionalProperties: false };

const Restart = Type.Object(
  {
    policy: Optional(
      Type.Union([Type.Literal('always'), Type.Literal('on-failure'), Type.Literal('never')], {
        description: 'Which ends are followed by a restart.',
      }),
    ),
    holdoff: Optional(Duration('Least time from one start to the next.')),
    backoff: Optional(
      Type.Object(
        {
          factor: Type.Number({ minimum: 1, description: 'Each further early death multiplies the holdoff by this.' }),
          max: Duration('The holdoff grows no further than this.'),
        },
        closed,
      ),
    ),
    limit: Optional(
      Type.Object(
        {
          count: Type.Integer({ minimum: 1, description: 'More automatic restarts than this...' }),
          within: Duration('...within this time make the console crash-looping: it waits for a person.'),
        },
        closed,
      ),
    ),
  },
  closed,
);

const StopStep = Type.Union([
  Type.Object({ send: Type.String({ description: 'Text typed into the terminal.' }) }, closed),
  Type.Object(
    { signal: Type.Union([Type.String(), Type.Integer()], { description: 'Signal to the group, by name or number.' }) },
    closed,
  ),
  Type.Object({ wait: Duration('How long the child is given before the next step.') }, closed),
]);

const Limit = Type.Union([
  Type.Integer({ minimum: 0 }),
  Type.String({ pattern: '^(unlimited|\\d+[kKMG]?)(:(unlimited|\\d+[kKMG]?))?$' }),
]);

const Log = Type.Object(
  {
    path: Optional(
      Type.String({ description: 'File; `{name}` stands for the console, relative to `server.log_dir`.' }),
    ),
    stamp: Optional(Type.String({ description: 'strftime format before every line (also %f, %3N); empty: none.' })),
    size: Optional(Size('Rotate when the file has grown to this.')),
    age: Optional(Duration('Rotate when the file is older than this.')),
    keep: Optional(Type.Integer({ minimum: 1, description: 'Rotated files to keep.' })),
    compress: Optional(Type.Boolean({ description: 'Compress rotated files (gzip).' })),
  },
  closed,
);

/** What a console, the defaults and a template may say. */
export const ConsoleSchema = Type.Object(
  {
    template: Optional(Type.String({ description: 'Name of the `[template.NAME]` table that this one builds on.' })),
    run: Optional(
      Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
        description: 'Source: a process. An array is an argument vector, a text a line for /bin/sh.',
      }),
    ),
    unix: Optional(Type.String({ description: 'Source: a unix socket, such as that of an existing procServ.' })),
    tcp: Optional(Type.String({ description: 'Source: HOST:PORT, bytes as they come.' })),
    telnet: Optional(Type.String({ description: 'Source: HOST:PORT of a terminal server that speaks telnet.' })),
    serial: Optional(Type.String({ description: 'Source: a serial device.' })),
    baud: Optional(Type.Integer({ minimum: 50, description: 'Serial: bits per second.' })),
    data_bits: Optional(Type.Union([Type.Literal(5), Type.Literal(6), Type.Literal(7), Type.Literal(8)])),
    stop_bits: Optional(Type.Union([Type.Literal(1), Type.Literal(2)])),
    parity: Optional(
      Type.Union([Type.Literal('none'), Type.Literal('even'), Type.Literal('odd')], { description: 'Serial: parity.' }),
    ),
    flow: Optional(
      Type.Union([Type.Literal('none'), Type.Literal('hardware'), Type.Literal('software')], {
        description: 'Serial: flow control.',
      }),
    ),
    user: Optional(Type.String({ description: 'Run as this user, with all his groups.' })),
    group: Optional(Type.String({ description: 'Run with this primary group.' })),
    chdir: Optional(Type.String({ description: 'Directory in which the process starts.' })),
    env: Optional(Type.Record(Type.String(), Type.String(), { description: 'Environment variables.' })),
    env_file: Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description: 'Files of NAME=VALUE lines; `-` in front: may be missing.',
      }),
    ),
    umask: Optional(Type.String({ pattern: '^0?[0-7]{3}$', description: 'File mode creation mask, octal.' })),
    limits: Optional(
      Type.Record(Type.String(), Limit, {
        description: 'Resource limits by name (core, nofile, ...): N, SOFT:HARD, unlimited.',
      }),
    ),
    restart: Optional(
      Type.Union([Type.Literal('always'), Type.Literal('on-failure'), Type.Literal('never'), Restart], {
        description: 'When a process that ended is started again.',
      }),
    ),
    start: Optional(Type.Boolean({ description: 'Whether the process is started with the server.' })),
    stop: Optional(
      Type.Array(StopStep, { description: 'How the process is asked to end, step by step; KILL is the last.' }),
    ),
    ready: Optional(
      Type.Object(
        {
          pattern: Optional(Type.String({ description: 'Regular expression that a line of the output matches.' })),
          port: Optional(
            Type.Integer({ minimum: 1, maximum: 65535, description: 'TCP port on loopback that answers.' }),
          ),
          within: Optional(Duration('Later than this the process counts as running, not as ready.')),
        },
        closed,
      ),
    ),
    after: Optional(
      Type.Array(Type.String(), { description: 'Consoles that are to be up (ready, where they can be) first.' }),
    ),
    log: Optional(Type.Union([Type.Literal(false), Log], { description: 'The log; `false`: none.' })),
    history: Optional(Type.Integer({ minimum: 0, description: 'Lines of past output for who attaches.' })),
    ignore: Optional(Type.String({ description: 'Keys that never reach the source, as in `^C^D`.' })),
    keys: Optional(
      Type.Object(
        {
          kill: Optional(Type.String({ description: 'Kills the process, or starts it; empty: no such key.' })),
          toggle: Optional(Type.String({ description: 'Switches the automatic restart.' })),
          logout: Optional(Type.String({ description: 'Closes the connection it comes from.' })),
        },
        { ...closed, description: 'Keys of the procServ endpoints.' },
      ),
    ),
    endpoints: Optional(
      Type.Array(Type.String(), {
        description: 'procServ endpoints: PORT, ADDRESS:PORT, unix:PATH, unix:USER:GROUP:MODE:PATH.',
      }),
    ),
    groups: Optional(Type.Array(Type.String(), { description: 'Groups to select by.' })),
    description: Optional(Type.String({ description: 'One line for people.' })),
    labels: Optional(Type.Record(Type.String(), Type.String(), { description: 'Anything else worth knowing.' })),
  },
  closed,
);

const Discover = Type.Object(
  {
    dir: Type.String({ description: 'Directory to look in, such as /opt/iocs.' }),
    match: Optional(
      Type.String({ description: 'Names of its folders; the part under `*` names the console [e3-ioc-*].' }),
    ),
    file: Optional(Type.String({ description: 'File that a folder must have [st.cmd].' })),
    run: Optional(
      Type.Array(Type.String(), {
        description: 'Argument vector; {dir}, {name} and {file} are filled in [iocsh.bash {file}].',
      }),
    ),
    template: Optional(Type.String({ description: 'Template that the consoles build on.' })),
  },
  closed,
);

const Server = Type.Object(
  {
    runtime_dir: Optional(Type.String({ description: 'Sockets [/run/holdfast, or $XDG_RUNTIME_DIR/holdfast].' })),
    state_dir: Optional(
      Type.String({ description: 'Event history and holds [/var/lib/holdfast, or $XDG_STATE_HOME/holdfast].' }),
    ),
    log_dir: Optional(Type.String({ description: 'Console logs [/var/log/holdfast, or the state directory].' })),
    control_mode: Optional(Type.String({ pattern: '^0?[0-7]{3}$', description: 'Mode of the control socket [0660].' })),
    control_group: Optional(Type.String({ description: 'Group of the control socket.' })),
    start_at_once: Optional(
      Type.Integer({ minimum: 1, description: 'Processes that may be starting at the same time [10].' }),
    ),
    log_delay: Optional(Duration('Output is gathered at the most this long before it is written [50ms].')),
    log_sync: Optional(
      Type.Union([Type.Literal('never'), Type.Literal('always'), Duration('')], {
        description: 'fdatasync of the logs: never, always, or this long after a write [never].',
      }),
    ),
    events_keep: Optional(Size('Size of the event history [16M].')),
  },
  closed,
);

export const ConfigSchema = Type.Object(
  {
    server: Optional(Server),
    defaults: Optional(ConsoleSchema),
    template: Optional(Type.Record(Type.String(), ConsoleSchema)),
    console: Optional(Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.:@+-]*$' }), ConsoleSchema)),
    discover: Optional(Type.Record(Type.String(), Discover)),
  },
  closed,
);

/** A configuration file as written. */
export type ConfigFile = Static<typeof ConfigSchema>;
export type ConsoleTable = Static<typeof ConsoleSchema>;
export type DiscoverTable = Static<typeof Discover>;
export type ServerTable = Static<typeof Server>;
