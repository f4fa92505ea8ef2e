/**
 * The shapes of model/api.ts as schemas: what the OpenAPI document says. test/unit/control-schemas.test.ts holds the two equal.
 */
import Type from 'typebox';
import { EVENT_MEANING, type EventType } from '../../model/events.ts';
import { ASSURANCES, CHANNELS } from '../../model/principal.ts';
import { PROCESS_STATES } from '../../model/process.ts';

const closed = { additionalProperties: false };
const Time = Type.String({ format: 'date-time', description: 'ISO 8601 with milliseconds, UTC.' });
const Count = Type.Integer({ minimum: 0 });

export const State = Type.Enum([...PROCESS_STATES]);

export const SessionSchema = Type.Object(
  {
    id: Type.Integer(),
    user: Type.String({ description: 'Login name, or `unknown`.' }),
    from: Type.String({ description: '`pid 4711`, `10.0.0.3:51234`.' }),
    via: Type.Enum(['attach', 'procserv', 'conserver']),
    mode: Type.Enum(['read', 'write']),
    since: Time,
  },
  closed,
);

export const PrincipalSchema = Type.Object(
  {
    user: Type.String({ description: 'Login name, `unknown` where nobody said.' }),
    groups: Type.Optional(Type.Array(Type.String())),
    channel: Type.Enum([...CHANNELS], { description: 'The way in.' }),
    from: Type.String({
      description: 'Host name or address; of a signal its name; of the server itself what made it act.',
    }),
    assurance: Type.Enum([...ASSURANCES], { description: 'How it is known who that is.' }),
    port: Type.Optional(Type.Integer()),
    pid: Type.Optional(Type.Integer()),
  },
  { ...closed, description: 'Who acts.' },
);

const Hold = Type.Object(
  {
    reason: Type.String(),
    by: Type.String(),
    since: Time,
    until: Type.Optional(Time),
    resume: Type.Optional(Type.Boolean({ description: 'Whether the release starts it again.' })),
  },
  closed,
);

const Wait = Type.Object(
  { kind: Type.Enum(['answer', 'turn']), what: Type.String(), since: Time },
  {
    ...closed,
    description:
      '`answer`: a pending lookup before the start, in a user directory or on a file server. `turn`: others start first.',
  },
);

const Silence = Type.Object(
  {
    pid: Type.Integer({ description: '0: there is none.' }),
    since: Time,
    state: Type.Optional(Type.String({ description: '`stopped`, `stuck in the kernel...`: if the kernel knows why.' })),
  },
  { ...closed, description: 'The holder does not answer: this is what the server last knew.' },
);

const LagMemory = Type.Object(
  {
    most: Count,
    used: Count,
    short: Type.Optional(
      Type.Object(
        { since: Time, last: Time, bytes: Count },
        { ...closed, description: 'Shortage: how much was dropped, from when to when.' },
      ),
    ),
  },
  { ...closed, description: 'Memory for output that waits for slow readers and logs. Bytes.' },
);

const summary = {
  name: Type.String(),
  kind: Type.Enum(['run', 'unix', 'tcp', 'telnet', 'serial', 'none']),
  state: State,
  since: Time,
  pid: Type.Optional(Type.Integer()),
  restarts: Type.Object({ hour: Count, total: Count }, { ...closed, description: 'Automatic restarts.' }),
  writer: Type.Optional(SessionSchema),
  sessions: Count,
  lastLine: Type.String(),
  groups: Type.Array(Type.String()),
  description: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  user: Type.Optional(
    Type.String({
      description: 'User that the process runs as; absent: that of the holder, or the source is not a process.',
    }),
  ),
  hold: Type.Optional(Hold),
  waitsFor: Type.Optional(Wait),
  log: Type.Optional(Type.String({ description: 'Path.' })),
  logTrouble: Type.Optional(
    Type.Object({ text: Type.String(), since: Time }, { ...closed, description: 'Why the log is not written.' }),
  ),
  holderSilent: Type.Optional(Silence),
};

export const SummarySchema = Type.Object(summary, closed);

const Death = Type.Object(
  {
    time: Time,
    pid: Type.Integer(),
    uptimeSeconds: Type.Number(),
    code: Type.Union([Type.Integer(), Type.Null()]),
    signal: Type.Union([Type.String(), Type.Null()]),
    coreDumped: Type.Boolean(),
    outOfMemory: Type.Boolean(),
    asked: Type.Optional(
      Type.String({
        description: '`askedBy` and `askedSignal` in short, `vera (SIGKILL)`; absent: nobody asked for it.',
      }),
    ),
    askedBy: Type.Optional(PrincipalSchema),
    askedSignal: Type.Optional(Type.String({ description: 'The signal that was asked for, where it was one.' })),
    maxRssKib: Type.Number(),
    lastLines: Type.Array(Type.String()),
  },
  closed,
);

export const ResourcesSchema = Type.Object(
  {
    missing: Type.Optional(Type.String({ description: 'Why figures are missing.' })),
    processes: Type.Optional(Count),
    cpuSeconds: Type.Optional(Type.Number({ description: 'Since the start, of all processes.' })),
    memoryBytes: Type.Optional(Count),
    memoryPeakBytes: Type.Optional(Count),
    memoryMaxBytes: Type.Optional(Count),
    cpuMax: Type.Optional(Type.Number({ description: 'Number of processors that they may use.' })),
  },
  { ...closed, description: 'Resources that its processes use, if there are any.' },
);

const unopened = { endpoint: Type.String(), reason: Type.String() };

export const DetailSchema = Type.Object(
  {
    ...summary,
    command: Type.Optional(Type.Array(Type.String())),
    address: Type.Optional(Type.String()),
    chdir: Type.Optional(Type.String()),
    restartMode: Type.Enum(['always', 'on-failure', 'never', 'oneshot']),
    endpoints: Type.Array(Type.String()),
    unopened: Type.Optional(
      Type.Array(Type.Object(unopened, closed), {
        description: 'Endpoints that are not open; opening them is retried.',
      }),
    ),
    sessionList: Type.Array(SessionSchema),
    deaths: Type.Array(Death, { description: 'Newest first.' }),
    historySince: Type.Optional(
      Type.String({ format: 'date-time', description: 'No death since then is missing; older ones may be.' }),
    ),
    resources: Type.Optional(ResourcesSchema),
  },
  closed,
);

const PlanStep = Type.Union([
  Type.Object({ action: Type.Literal('add'), console: Type.String() }, closed),
  Type.Object({ action: Type.Literal('remove'), console: Type.String() }, closed),
  Type.Object(
    {
      action: Type.Literal('change'),
      console: Type.String(),
      keys: Type.Array(Type.String()),
      effect: Type.Enum(['live', 'restart']),
    },
    closed,
  ),
]);

const FailedStep = Type.Object(
  { action: Type.Enum(['add', 'remove', 'change']), console: Type.String(), reason: Type.String() },
  closed,
);

export const EventSchema = Type.Object(
  {
    seq: Type.Integer(),
    time: Time,
    console: Type.Optional(Type.String({ description: 'Absent: the server itself. `isis.NAME`: an ISIS server.' })),
    type: Type.Enum(Object.keys(EVENT_MEANING) as EventType[]),
    what: Type.Optional(
      Type.String({
        description: 'Which of several things of this type; absent: there is but one, or only `text` says it.',
      }),
    ),
    text: Type.String({ description: 'One line for people.' }),
    by: Type.Optional(PrincipalSchema),
    from: Type.Optional(State),
    to: Type.Optional(State),
    cause: Type.Optional(Type.String({ description: 'Of `state`: the event of the process that caused it.' })),
    pid: Type.Optional(Type.Integer({ description: 'Of `started`, 0: a link; of a server that is up.' })),
    failure: Type.Optional(Type.String({ description: 'Of `started`: what went wrong at once.' })),
    reason: Type.Optional(Type.String({ description: 'Of `notStarted`.' })),
    death: Type.Optional(Death),
    session: Type.Optional(
      Type.Integer({ description: 'Number of the session that came, left, or has the keyboard.' }),
    ),
    name: Type.Optional(Type.String({ description: 'Of a break: its key.' })),
    sequence: Type.Optional(Type.String({ description: 'Of a break: what it is.' })),
    mode: Type.Optional(Type.String({ description: 'Of a switched restart policy.' })),
    steps: Type.Optional(Type.Array(PlanStep, { description: 'Of a configuration that was applied.' })),
    failed: Type.Optional(Type.Array(FailedStep, { description: 'Of a configuration: what was not applied.' })),
    host: Type.Optional(Type.String({ description: 'Of `isis`: to whom `message` was sent.' })),
    message: Type.Optional(Type.String()),
    version: Type.Optional(Type.String({ description: 'Of a server that is up.' })),
    consoles: Type.Optional(Type.Integer({ description: 'Of a server that is up.' })),
    all: Type.Optional(Type.Boolean({ description: 'Of a server that goes down: with holder and children.' })),
    living: Type.Optional(Type.Integer({ description: 'Of a holder that was found: processes that live on.' })),
    ended: Type.Optional(
      Type.Integer({ description: 'Of a holder that was found: processes that ended with the last.' }),
    ),
    silence: Type.Optional(Silence),
    afterSeconds: Type.Optional(Type.Integer({ description: 'Of a holder that answers again.' })),
  },
  closed,
);

export const VersionSchema = Type.Object(
  {
    version: Type.String(),
    pid: Type.Integer(),
    startedAt: Time,
    node: Type.String(),
    holder: Type.Object(
      {
        pid: Type.Integer(),
        version: Type.String(),
        protocol: Type.Integer(),
        startedAt: Time,
        silent: Type.Optional(Silence),
        lagMemory: Type.Optional(LagMemory),
      },
      closed,
    ),
    lagMemory: Type.Optional(LagMemory),
    consoles: Count,
    service: Type.Optional(
      Type.Object(
        { unit: Type.String(), user: Type.Boolean(), socket: Type.Boolean() },
        { ...closed, description: 'Unit of systemd that the server is; `socket`: the control socket is a unit too.' },
      ),
    ),
    descriptors: Type.Optional(
      Type.Object(
        {
          limit: Type.Integer(),
          used: Count,
          short: Type.Optional(
            Type.Object(
              { since: Time, refused: Count },
              { ...closed, description: 'Connections have been refused since then; how many so far.' },
            ),
          ),
        },
        { ...closed, description: 'Of the server.' },
      ),
    ),
    config: Type.Object({ files: Type.Array(Type.String()), changedOnDisk: Type.Boolean() }, closed),
  },
  closed,
);

export const ConfigProblemSchema = Type.Object(
  {
    ...{ file: Type.String(), line: Type.Integer(), column: Type.Optional(Type.Integer()) },
    ...{ key: Type.String(), message: Type.String() },
  },
  closed,
);

const ServerChange = Type.Object(
  {
    key: Type.String({ description: 'Of `[server]`.' }),
    effect: Type.Enum(['live', 'server', 'holder'], {
      description: 'At once, or with the next start of the server (no process is touched) or of the holder (all stop).',
    }),
  },
  closed,
);

export const PlanSchema = Type.Object(
  {
    steps: Type.Array(PlanStep),
    failed: Type.Optional(
      Type.Array(FailedStep, {
        description:
          'Of an apply: the steps that could not be done. They are in the plan still; `steps` are those that were done.',
      }),
    ),
    server: Type.Array(ServerChange),
    problems: Type.Array(ConfigProblemSchema),
    warnings: Type.Optional(
      Type.Array(ConfigProblemSchema, {
        description:
          'About what is left out: folders of consoles that cannot be read, or whose name a console cannot have.',
      }),
    ),
    unopened: Type.Optional(
      Type.Array(Type.Object({ console: Type.String(), ...unopened }, closed), {
        description: 'Endpoints of existing consoles that could not be opened; opening them is retried.',
      }),
    ),
  },
  closed,
);

export const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  problems: Type.Optional(Type.Array(ConfigProblemSchema, { description: 'With HF_BAD_CONFIG.' })),
});
