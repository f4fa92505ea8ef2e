/**
 * The configuration of a host server (`holdfast.toml`, `conf.d/*.toml`): one source for the types, the checks, the
 * defaults, the JSON Schema and the reference page.
 */
import Type, { type Static } from 'typebox';
import {
  Address,
  CONSOLE_NAME,
  CONSOLE_NAME_PATTERN,
  closed,
  Duration,
  Mode,
  Path,
  Size,
  STEP,
  Texts,
  VARIABLE,
} from './config-forms.ts';
import { LimitValue, Quota } from './config-limits.ts';
import { ConserverSchema } from './conserver-schema.ts';
import { IsisTables } from './isis-schema.ts';
import { Log } from './log-schema.ts';

const Optional = Type.Optional;

const POLICIES = [Type.Literal('always'), Type.Literal('on-failure'), Type.Literal('never')] as const;

const Restart = Type.Object(
  {
    policy: Optional(
      Type.Union([...POLICIES], {
        description:
          'Which ends are followed by a restart. `on-failure`: an exit status other than 0, or a signal. A process that was stopped on request stays stopped.',
        default: 'always',
        examples: ['on-failure'],
      }),
    ),
    holdoff: Optional(
      Duration({ description: 'Minimum time from one start to the next.', default: '15s', examples: ['5s'] }),
    ),
    backoff: Optional(
      Type.Object(
        {
          factor: Type.Number({
            minimum: 1,
            description: 'Each further death before the holdoff is over multiplies the holdoff by this.',
            examples: [2],
          }),
          max: Duration({ description: 'Maximum of the holdoff.', examples: ['10m'] }),
        },
        {
          ...closed,
          description: 'Makes the holdoff grow as long as the process keeps ending early. Without it: no growth.',
        },
      ),
    ),
    limit: Optional(
      Type.Object(
        {
          count: Type.Integer({ minimum: 1, description: 'More automatic restarts than this...', examples: [10] }),
          within: Duration({
            description: '...within this time make the console `crash-looping`: it waits for a person.',
            examples: ['1h'],
          }),
        },
        { ...closed, description: 'When to give up restarting. Without it: never.' },
      ),
    ),
  },
  closed,
);

const StopStep = Type.Union(
  [
    Type.Object({ send: Type.String({ description: 'Text typed into the terminal.' }) }, closed),
    Type.Object(
      {
        signal: Type.Union([Type.String(), Type.Integer()], {
          title: 'a signal (a name such as "TERM", or a number)',
          description: 'Signal to the process group, by name or number.',
        }),
      },
      closed,
    ),
    Type.Object({ wait: Duration({ description: 'How long to wait for the child before the next step.' }) }, closed),
  ],
  { title: STEP },
);

const Ready = Type.Object(
  {
    pattern: Optional(
      Type.String({
        description:
          'JavaScript regular expression that has to match a line of the output as it appears on a screen: without colours, titles and overwritten text. If matching takes more than 0.5 s for a piece of output, it is given up, and an event says so.',
        examples: ['iocInit: All initialization complete|^epics>'],
      }),
    ),
    port: Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        description: 'TCP port on loopback that has to accept a connection. A pattern, if given, takes precedence.',
        examples: [5064],
      }),
    ),
    within: Optional(
      Duration({
        description:
          'A process that has not become ready by then counts as `running`, and nothing waits for it any longer.',
        default: '60s',
        examples: ['2m'],
      }),
    ),
  },
  {
    ...closed,
    description:
      'How to tell that a process is ready, for its state and for consoles that come `after` it. Without a pattern or port it is `running` at once.',
  },
);

const Keys = Type.Object(
  {
    kill: Optional(
      Type.String({
        description: 'Kills the process, or starts it if it is down. Empty: no such key.',
        default: '^X',
        examples: ['^K'],
      }),
    ),
    toggle: Optional(
      Type.String({
        description: 'Switches the automatic restart off and on. Empty: no such key.',
        default: '^T',
        examples: ['^R'],
      }),
    ),
    logout: Optional(
      Type.String({
        description: 'Closes the connection it comes from. Empty: no such key.',
        default: '',
        examples: ['^Q'],
      }),
    ),
  },
  {
    ...closed,
    description:
      'Keys of the procServ endpoints, each as `^X` or a character. Two more work when the process is down: `^R` starts it, `^Q` leaves it stopped. As `logout`, `^Q` only closes the connection.',
  },
);

/** Keys of a console, the defaults and a template. */
export const ConsoleSchema = Type.Object(
  {
    template: Optional(
      Type.String({
        description:
          'Name of the `[template.NAME]` table that this one builds on. Templates may build on templates. In `[defaults]`: the template of consoles that name none.',
        examples: ['ioc'],
      }),
    ),
    run: Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String(), { minItems: 1 })], {
        title: 'a command (an array of words, or a line for /bin/sh)',
        description:
          'Source: a process in a terminal. An array is an argument vector, a text a line for `/bin/sh -c`. `{name}` stands for the console.',
        examples: [['/opt/epics/bin/iocsh.bash', '/opt/iocs/{name}/st.cmd'], 'exec ./st.cmd 2>&1'],
      }),
    ),
    unix: Optional(
      Path({
        description:
          'Source: a unix socket, such as that of an existing procServ; a relative path is below `server.runtime_dir`.',
        examples: ['/run/procServ/{name}/control'],
      }),
    ),
    tcp: Optional(Address({ description: 'Source: a TCP host, bytes as they come.', examples: ['plc-3.lab:4001'] })),
    telnet: Optional(
      Address({ description: 'Source: a terminal server that speaks telnet.', examples: ['10.0.0.7:2003'] }),
    ),
    serial: Optional(Path({ description: 'Source: a serial device.', examples: ['/dev/ttyUSB0'] })),
    baud: Optional(
      Type.Integer({ minimum: 50, description: 'Serial: bits per second.', default: 9600, examples: [115200] }),
    ),
    data_bits: Optional(
      Type.Union([Type.Literal(5), Type.Literal(6), Type.Literal(7), Type.Literal(8)], {
        description: 'Serial: bits of a character.',
        default: 8,
        examples: [7],
      }),
    ),
    stop_bits: Optional(
      Type.Union([Type.Literal(1), Type.Literal(2)], { description: 'Serial: stop bits.', default: 1, examples: [2] }),
    ),
    parity: Optional(
      Type.Union([Type.Literal('none'), Type.Literal('even'), Type.Literal('odd')], {
        description: 'Serial: parity.',
        default: 'none',
        examples: ['even'],
      }),
    ),
    flow: Optional(
      Type.Union([Type.Literal('none'), Type.Literal('hardware'), Type.Literal('software')], {
        description: 'Serial: flow control (`hardware`: RTS/CTS, `software`: XON/XOFF).',
        default: 'none',
        examples: ['hardware'],
      }),
    ),
    user: Optional(
      Type.String({
        minLength: 1,
        description: 'Run as this user, with all groups of the user. Needs root. Without it: as the holder runs.',
        examples: ['iocuser'],
      }),
    ),
    group: Optional(
      Type.String({
        minLength: 1,
        description: 'Run with this primary group. Without it: the primary group of the user.',
        examples: ['iocgroup'],
      }),
    ),
    chdir: Optional(
      Path({
        description:
          'Directory in which the process starts; a relative path is below the folder of this file. Without it: where the holder was started.',
        examples: ['/opt/iocs/{name}'],
      }),
    ),
    env: Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), Type.String({ writeOnly: true }), {
        ...closed,
        ...VARIABLE,
        writeOnly: true,
        title: 'a table of texts',
        description: 'Environment variables. Tables of the layers are merged, the nearer value wins.',
        default: {},
        examples: [{ EPICS_CA_ADDR_LIST: '10.0.255.255', IOC: '{name}' }],
      }),
    ),
    env_file: Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }))], {
        title: 'a path or an array of paths',
        description:
          'Files of `NAME=VALUE` lines, read at every start as `EnvironmentFile=` of systemd reads them: lines that are not assignments are skipped and listed in the history. A relative path is below the folder of this file. With `-` in front, the file may be missing or unusable. `env` takes precedence over them.',
        default: [],
        examples: [['/etc/epics/environment', '-/etc/epics/{name}.env']],
      }),
    ),
    umask: Optional(
      Mode({ description: 'File mode creation mask. Without it: that of the holder.', examples: ['0022'] }),
    ),
    limits: Optional(
      Type.Record(Type.String({ pattern: '^[a-z]+$' }), LimitValue, {
        ...closed,
        propertyNames: { title: 'lower-case letters' },
        title: 'a table of limits',
        description:
          'Resource limits by their name in setrlimit(2), lower case, without `RLIMIT_`. One value sets the soft and the hard limit.',
        default: {},
        examples: [{ core: 'unlimited', nofile: '4096:8192' }],
      }),
    ),
    quota: Optional(Quota),
    restart: Optional(
      Type.Union([...POLICIES, Restart], {
        description: 'When a process that has ended is started again. A text is short for `{ policy = ... }`.',
        examples: ['on-failure'],
      }),
    ),
    start: Optional(
      Type.Boolean({
        description: 'Whether the console is started (or connected) with the server.',
        default: true,
        examples: [false],
      }),
    ),
    stop: Optional(
      Type.Array(StopStep, {
        minItems: 1,
        title: 'a recipe (an array of { send = "text" }, { signal = "NAME" } and { wait = "5s" })',
        description:
          'How the process is asked to end, step by step, until it has ended. If the last step is not KILL, KILL follows.',
        default: [{ signal: 'TERM' }, { wait: '10s' }, { signal: 'KILL' }],
        examples: [[{ send: 'exit\n' }, { wait: '5s' }, { signal: 'TERM' }, { wait: '10s' }, { signal: 'KILL' }]],
      }),
    ),
    ready: Optional(Ready),
    after: Optional(
      Texts({
        description: 'Consoles that have to be up (ready, if they have a readiness check) before this one is started.',
        default: [],
        examples: [['gateway']],
      }),
    ),
    log: Optional(
      Type.Union([Type.Literal(false), Log], {
        description: 'The log of all output; `false`: none.',
        examples: [false],
      }),
    ),
    history: Optional(
      Type.Integer({
        minimum: 0,
        description:
          'Lines of earlier output that the endpoints send on connect. `holdfast attach` and `console` show as many as they ask for, regardless of this.',
        default: 0,
        examples: [200],
      }),
    ),
    ignore: Optional(
      Type.String({
        description: 'Keys that never reach the source: `^C` for control codes, other characters as they are.',
        default: '',
        examples: ['^C^D'],
      }),
    ),
    keys: Optional(Keys),
    endpoints: Optional(
      Texts({
        description:
          'Where telnet, socat and other clients of procServ reach this console: `PORT` (on loopback), `ADDRESS:PORT`, `unix:PATH`, `unix:USER:GROUP:MODE:PATH`. A relative path is below `server.runtime_dir`. An endpoint that another program uses is opened as soon as it is free; until then `reload`, `status` and `doctor` name it. Each accepts 500 connections.',
        default: [],
        examples: [['20001', 'unix:{name}.sock']],
      }),
    ),
    groups: Optional(Texts({ description: 'Groups to select by.', default: [], examples: [['vacuum', 'sector-3']] })),
    description: Optional(
      Type.String({ description: 'One line for people.', default: '', examples: ['Vacuum gauges of sector 3'] }),
    ),
    labels: Optional(
      Type.Record(Type.String(), Type.String(), {
        title: 'a table of texts',
        description: 'Anything else worth knowing. Tables of the layers are merged, the nearer value wins.',
        default: {},
        examples: [{ rack: 'R17', phone: '4711' }],
      }),
    ),
  },
  closed,
);

const Discover = Type.Object(
  {
    dir: Path({
      description:
        'Directory to look in; a relative path is below the folder of this file. If it cannot be read, or if a folder has a name that a console cannot have, everything else still starts: a warning names them, running processes go on, and what can be read later is picked up then.',
      examples: ['/opt/iocs'],
    }),
    match: Optional(
      Type.String({
        pattern: '^[^*/]*\\*[^*/]*$',
        title: 'a name with one *',
        description: 'Names of its folders; the part that `*` matches names the console.',
        default: 'e3-ioc-*',
        examples: ['ioc-*'],
      }),
    ),
    file: Optional(
      Type.String({
        pattern: '^[^/\\0]+$',
        title: 'a name of a file',
        description: 'File that a folder must have; other folders are skipped.',
        default: 'st.cmd',
        examples: ['startup.iocsh'],
      }),
    ),
    run: Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: 'Argument vector; `{dir}`, `{name}` and `{file}` are filled in. The process starts in `{dir}`.',
        default: ['iocsh.bash', '{file}'],
        examples: [['/opt/epics/bin/iocsh.bash', '{file}']],
      }),
    ),
    template: Optional(
      Type.String({
        description:
          'Template that the consoles build on; its `run` and `chdir`, if any, take precedence over those here.',
        examples: ['ioc'],
      }),
    ),
  },
  closed,
);

const Server = Type.Object(
  {
    runtime_dir: Optional(
      Path({
        description:
          'Sockets. Without it: `/run/holdfast` for root, otherwise `$XDG_RUNTIME_DIR/holdfast`, or `run` in the state directory if that variable is not set.',
        examples: ['/run/holdfast'],
      }),
    ),
    state_dir: Optional(
      Path({
        description:
          'Event history and holds. Without it: `/var/lib/holdfast` for root, otherwise `$XDG_STATE_HOME/holdfast` (`~/.local/state/holdfast`).',
        examples: ['/var/lib/holdfast'],
      }),
    ),
    log_dir: Optional(
      Path({
        description:
          'Console logs. Without it: `/var/log/holdfast` for root, otherwise `log` in the state directory. It is created with mode 0750 if it is missing.',
        examples: ['/var/log/holdfast'],
      }),
    ),
    control_mode: Optional(Mode({ description: 'Mode of the control socket.', default: '0660', examples: ['0600'] })),
    control_group: Optional(
      Type.String({
        minLength: 1,
        description: 'Group of the control socket. Without it: the group of the server.',
        examples: ['operators'],
      }),
    ),
    start_at_once: Optional(
      Type.Integer({
        minimum: 1,
        description:
          'Processes that may be starting at the same time on their own, for example after a power cut. As many again may be starting on request, and as many links connecting: none of these waits for another kind.',
        default: 10,
        examples: [50],
      }),
    ),
    log_delay: Optional(
      Duration({
        description: 'Output is collected for at most this long before it is written to the logs. 0: written at once.',
        default: '50ms',
        examples: [0],
      }),
    ),
    lag_memory: Optional(
      Size({
        description:
          'Memory for data that waits for something slow, for all consoles together: output for readers that lag, and for logs whose disk does not keep up. The holder and the server have this much each. It is shared fairly: when it is used up, the consoles that use the most give some back, and those that need little get it. Without it: a sixteenth of the memory of the machine, between 64M and 1G.',
        examples: ['256M'],
      }),
    ),
    log_sync: Optional(
      Type.Union([Type.Literal('never'), Type.Literal('always'), Duration({ description: 'After a write.' })], {
        title: '"never", "always" or a duration',
        description:
          'fdatasync(2) of the logs: never, with every write, or at most this long after a write. With any setting, the end of the server or of a process loses nothing, and that of the holder at most what was being collected (`log_delay`). A power cut loses with "never" what the kernel had not yet written (some 30 s), with a duration at most that much, with "always" nothing that was written.',
        default: 'never',
        examples: ['5s'],
      }),
    ),
    events_keep: Optional(
      Size({
        description: 'Maximum size of the event history. A quarter of it is for sessions that came and went.',
        default: '16M',
        examples: ['64M'],
      }),
    ),
  },
  closed,
);

export const ConfigSchema = Type.Object(
  {
    server: Optional(Server),
    defaults: Optional(ConsoleSchema),
    template: Optional(Type.Record(Type.String(), ConsoleSchema, { title: 'tables [template.NAME]' })),
    console: Optional(
      Type.Record(Type.String({ pattern: CONSOLE_NAME_PATTERN }), ConsoleSchema, {
        ...closed,
        ...CONSOLE_NAME,
        title: 'tables [console.NAME]',
      }),
    ),
    discover: Optional(Type.Record(Type.String(), Discover, { title: 'tables [discover.NAME]' })),
    isis: Optional(IsisTables),
    conserver: Optional(ConserverSchema),
  },
  closed,
);

/** A configuration file as written. */
export type ConfigFile = Static<typeof ConfigSchema>;
export type ConsoleTable = Static<typeof ConsoleSchema>;
export type DiscoverTable = Static<typeof Discover>;
export type ServerTable = Static<typeof Server>;
