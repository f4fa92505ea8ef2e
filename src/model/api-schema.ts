/** The shapes of the control API. The types of api.ts (`npm run generate`) and the OpenAPI document are made of them. */
import * as Type from 'typebox';
import { EVENT_MEANING, type EventType } from './events.ts';
import { ASSURANCES, CHANNELS } from './principal.ts';
import { PROCESS_STATES } from './process.ts';
import { ReadinessSchema, StoppingSchema } from './progress-schema.ts';
import { ResourcesSchema } from './resources-api-schema.ts';
import { RIGHT_NAMES } from './rights.ts';
import { ANY_NAME, TableOf } from './table-of.ts';

export const closed = { additionalProperties: false };
export const Time = Type.String({ format: 'date-time', description: 'ISO 8601 with milliseconds, UTC.' });
const Count = Type.Integer({ minimum: 0 });

export const State = Type.Enum([...PROCESS_STATES]);

const Behind = Type.String({
  description: 'The person who logged in, if that is another than `user`: by sudo or su.',
});

export const SessionSchema = Type.Object(
  {
    id: Type.Integer(),
    user: Type.String({ description: 'Login name, or `unknown`.' }),
    behind: Type.Optional(Behind),
    from: Type.String({ description: 'From where: `pid 4711`, `10.0.0.3:51234`.' }),
    via: Type.Enum(['attach', 'procserv', 'conserver']),
    mode: Type.Enum(['read', 'write']),
    since: Time,
  },
  { ...closed, description: 'One principal on one console.' },
);

export const RightSchema = Type.Enum([...RIGHT_NAMES], { description: 'A right of a principal.' });

export const PrincipalSchema = Type.Object(
  {
    user: Type.String({
      description: 'Login name; `uid 1234` where the system has none; `unknown` if nothing is known.',
    }),
    groups: Type.Optional(
      Type.Array(Type.String(), { description: 'Those known to the listener that admitted this principal.' }),
    ),
    channel: Type.Enum([...CHANNELS], { description: 'The way in.' }),
    from: Type.String({
      description: 'Host name or address; of a signal its name; of the server itself what made it act.',
    }),
    assurance: Type.Enum([...ASSURANCES], { description: 'How the identity of the user is known, strongest first.' }),
    port: Type.Optional(Type.Integer({ description: 'TCP port at `from`.' })),
    pid: Type.Optional(Type.Integer({ description: 'Process at the other end, on this machine.' })),
    uid: Type.Optional(Type.Integer({ description: 'Of that process, from the kernel.' })),
    behind: Type.Optional(Behind),
    bound: Type.Optional(
      Type.Array(RightSchema, {
        description: 'The most rights that the way in leaves to this principal: of a token, of an endpoint.',
      }),
    ),
    boundOn: Type.Optional(
      Type.Array(Type.String(), { description: 'The only consoles that it is for: names, patterns, `@group`.' }),
    ),
    reason: Type.Optional(Type.String({ description: 'Why the action was asked for, in the words of the principal.' })),
  },
  { ...closed, description: 'The author of an action.' },
);

export const HoldSchema = Type.Object(
  {
    reason: Type.String(),
    by: Type.String(),
    since: Time,
    until: Type.Optional(Time),
    resume: Type.Optional(
      Type.Boolean({
        description: 'Whether it was wanted up before: then the release starts it. Absent: the configuration decides.',
      }),
    ),
  },
  { ...closed, description: 'A console that is down on purpose.' },
);

export const WaitSchema = Type.Object(
  {
    kind: Type.Enum(['answer', 'turn'], {
      description:
        '`answer`: a pending lookup before the start, in a user directory or on a file server. `turn`: others start first.',
    }),
    what: Type.String({ description: '`environment file /mnt/iocs/env`, `a start slot behind vac-01, vac-02`.' }),
    since: Time,
  },
  { ...closed, description: 'The consoles that the start of a console waits for.' },
);

export const SilenceSchema = Type.Object(
  {
    pid: Type.Integer({ description: '0: there is none.' }),
    since: Time,
    state: Type.Optional(
      Type.String({ description: 'As the kernel has it, if that explains it: `stopped`, `stuck in the kernel`.' }),
    ),
  },
  { ...closed, description: 'A holder that does not answer, or is gone, as the server sees it.' },
);

export const LagMemorySchema = Type.Object(
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
  kind: Type.Enum(['run', 'unix', 'tcp', 'telnet', 'serial', 'none'], { description: 'The kind of its source.' }),
  state: State,
  since: Time,
  pid: Type.Optional(Type.Integer()),
  restarts: Type.Object(
    { hour: Count, total: Count },
    {
      ...closed,
      description:
        'Automatic restarts after an unrequested end: within the last hour, and in total as far as the holder or the history knows.',
    },
  ),
  flapping: Type.Optional(
    Type.Boolean({
      description: 'It is up, but was restarted by its policy within the last ten minutes. Absent: it is not so.',
    }),
  ),
  writer: Type.Optional(SessionSchema),
  sessions: Count,
  lastLine: Type.String({ description: 'Without control characters, at most 200 characters.' }),
  groups: Type.Array(Type.String()),
  description: Type.String(),
  labels: TableOf(ANY_NAME, Type.String()),
  user: Type.Optional(
    Type.String({
      description: 'User that the process runs as; absent: that of the holder, or the source is not a process.',
    }),
  ),
  hold: Type.Optional(HoldSchema),
  waitsFor: Type.Optional(WaitSchema),
  stopping: Type.Optional(StoppingSchema),
  readiness: Type.Optional(ReadinessSchema),
  startTrouble: Type.Optional(
    Type.Object(
      { text: Type.String(), since: Time },
      { ...closed, description: 'Why it could not be connected or started the last time, and since when that is so.' },
    ),
  ),
  log: Type.Optional(Type.String({ description: 'Path of the log.' })),
  logTrouble: Type.Optional(
    Type.Object(
      { text: Type.String(), since: Time },
      { ...closed, description: 'A problem of the log, in one sentence that names it.' },
    ),
  ),
  holderSilent: Type.Optional(SilenceSchema),
};

export const SummarySchema = Type.Object(summary, { ...closed, description: 'One row of `holdfast ps`.' });

export const DeathSchema = Type.Object(
  {
    time: Time,
    pid: Type.Integer({ description: '0: it was a link.' }),
    uptimeSeconds: Type.Number(),
    code: Type.Union([Type.Integer(), Type.Null()]),
    signal: Type.Union([Type.String(), Type.Null()], { description: '`SIGSEGV`.' }),
    coreDumped: Type.Boolean(),
    outOfMemory: Type.Boolean(),
    asked: Type.Optional(
      Type.String({
        description: '`askedBy` and `askedSignal` in short, `vera (SIGKILL)`; absent: nobody asked for it.',
      }),
    ),
    askedBy: Type.Optional(PrincipalSchema),
    askedSignal: Type.Optional(Type.String({ description: 'The signal that was asked for, where it was one.' })),
    maxRssKib: Type.Number({
      description: 'Peak resident set; 0: unknown, since it was less than that of the holder.',
    }),
    lastLines: Type.Array(Type.String(), { description: 'Of its output before the end.' }),
  },
  { ...closed, description: 'How a process or link ended: what `holdfast why` tells.' },
);

const unopened = { endpoint: Type.String(), reason: Type.String() };

export const UnopenedSchema = Type.Object(unopened, {
  ...closed,
  description: 'An endpoint that could not be opened; opening it is retried.',
});

export const DetailSchema = Type.Object(
  {
    ...summary,
    command: Type.Optional(Type.Array(Type.String())),
    address: Type.Optional(Type.String()),
    chdir: Type.Optional(Type.String()),
    restartMode: Type.Enum(['always', 'on-failure', 'never', 'oneshot']),
    readyPattern: Type.Optional(
      Type.String({ description: 'Regular expression of the line by which it is ready; absent: it has none.' }),
    ),
    endpoints: Type.Array(Type.String()),
    unopened: Type.Optional(
      Type.Array(UnopenedSchema, { description: 'Those of `endpoints` that are not open; absent: none.' }),
    ),
    bounded: Type.Optional(
      TableOf(ANY_NAME, Type.Array(Type.String()), {
        description: 'Those of `endpoints` where nobody may do more than this; absent: none.',
      }),
    ),
    sessionList: Type.Array(SessionSchema),
    deaths: Type.Array(DeathSchema, { description: 'Newest first.' }),
    historySince: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'No death since then is missing; older ones may be. Absent: not known yet.',
      }),
    ),
    resources: Type.Optional(ResourcesSchema),
  },
  { ...closed, description: 'One console in full.' },
);

export const PlanStepSchema = Type.Union(
  [
    Type.Object({ action: Type.Literal('add'), console: Type.String() }, closed),
    Type.Object({ action: Type.Literal('remove'), console: Type.String() }, closed),
    Type.Object(
      {
        action: Type.Literal('change'),
        console: Type.String(),
        keys: Type.Array(Type.String(), { description: 'The keys that differ.' }),
        effect: Type.Enum(['live', 'restart'], { description: 'At once, or with the next start of the process.' }),
      },
      closed,
    ),
  ],
  {
    description:
      'The effect of applying a configuration on one console, on the ISIS server `isis.NAME`, or on the listener `[conserver]`.',
  },
);

export const FailedStepSchema = Type.Object(
  { action: Type.Enum(['add', 'remove', 'change']), console: Type.String(), reason: Type.String() },
  { ...closed, description: 'A step that could not be done. It is still in the plan.' },
);

export const EventTypeSchema = Type.Enum(Object.keys(EVENT_MEANING) as EventType[], {
  description: 'The subject of an event.',
});

export const EventSchema = Type.Object(
  {
    seq: Type.Integer(),
    time: Time,
    console: Type.Optional(Type.String({ description: 'Absent: the server itself. `isis.NAME`: an ISIS server.' })),
    type: EventTypeSchema,
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
    pid: Type.Optional(
      Type.Integer({ description: 'Of `started`, 0: a link; of a server that is up; of an init command.' }),
    ),
    failure: Type.Optional(Type.String({ description: 'Of `started`: what went wrong at once.' })),
    reason: Type.Optional(
      Type.String({ description: 'Of `notStarted`; of an init command that has ended; of a login that was refused.' }),
    ),
    death: Type.Optional(DeathSchema),
    session: Type.Optional(
      Type.Integer({ description: 'Number of the session that came, left, or has the keyboard.' }),
    ),
    before: Type.Optional(PrincipalSchema),
    name: Type.Optional(Type.String({ description: 'Of a break: its key.' })),
    sequence: Type.Optional(Type.String({ description: 'Of a break: what it is.' })),
    mode: Type.Optional(Type.String({ description: 'Of a switched restart policy.' })),
    steps: Type.Optional(Type.Array(PlanStepSchema, { description: 'Of a configuration that was applied.' })),
    failed: Type.Optional(Type.Array(FailedStepSchema, { description: 'Of a configuration: what was not applied.' })),
    host: Type.Optional(Type.String({ description: 'Of `isis`: to whom `message` was sent.' })),
    message: Type.Optional(Type.String()),
    version: Type.Optional(Type.String({ description: 'Of a server that is up.' })),
    consoles: Type.Optional(Type.Integer({ description: 'Of a server that is up.' })),
    all: Type.Optional(Type.Boolean({ description: 'Of a server that goes down: with holder and children.' })),
    living: Type.Optional(Type.Integer({ description: 'Of a holder that was found: processes that live on.' })),
    ended: Type.Optional(
      Type.Integer({ description: 'Of a holder that was found: processes that ended with the last.' }),
    ),
    silence: Type.Optional(SilenceSchema),
    afterSeconds: Type.Optional(Type.Integer({ description: 'Of a holder that answers again: how long it did not.' })),
    method: Type.Optional(Type.String({ description: 'Of a login: `password`, `token`, `certificate`.' })),
    token: Type.Optional(Type.String({ description: 'Id of a token that was made or revoked.' })),
    user: Type.Optional(Type.String({ description: 'The user of the token.' })),
    until: Type.Optional(Time),
  },
  {
    ...closed,
    description:
      'One entry of the history, and a line of `events.jsonl`. Further properties depend on `type` and `what`.',
  },
);

export const ConfigProblemSchema = Type.Object(
  {
    file: Type.String(),
    line: Type.Integer(),
    column: Type.Optional(Type.Integer({ description: 'If known.' })),
    key: Type.String({ description: 'Dotted, as in `console.vac-01.restart.holdoff`.' }),
    message: Type.String(),
  },
  { ...closed, description: 'A mistake; a configuration with any is not applied at all.' },
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
        silent: Type.Optional(SilenceSchema),
        lagMemory: Type.Optional(LagMemorySchema),
      },
      closed,
    ),
    lagMemory: Type.Optional(LagMemorySchema),
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
    network: Type.Optional(
      Type.Object(
        {
          gateway: Type.Boolean({ description: 'The gateway runs, and answers.' }),
          listens: Type.Array(Type.String(), { description: 'Addresses, with ports.' }),
          failed: Type.Array(Type.Object({ at: Type.String(), reason: Type.String() }, closed), {
            description: 'Addresses at which it cannot listen.',
          }),
          until: Type.Optional({ ...Time, description: 'End of the certificate that is served.' }),
          trouble: Type.Optional(Type.String({ description: 'A problem of its configuration, or of its files.' })),
          lacksPam: Type.Optional(
            Type.Boolean({ description: 'Passwords are a way to log in, and PAM has no service `holdfast`.' }),
          ),
        },
        { ...closed, description: 'The door to the network. Absent: nothing listens there.' },
      ),
    ),
    config: Type.Object(
      {
        files: Type.Array(Type.String()),
        changedOnDisk: Type.Boolean(),
        leftOut: Type.Optional(
          Type.Array(ConfigProblemSchema, {
            description: 'The parts left out when it was applied; absent: none.',
          }),
        ),
      },
      closed,
    ),
  },
  { ...closed, description: 'The server and its holder.' },
);

export const SearchItemSchema = Type.Union(
  [
    Type.Object(
      {
        kind: Type.Literal('line'),
        console: Type.String(),
        time: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
          description: 'Its own time, or that of a line shortly before it; null: unknown.',
        }),
        line: Type.String(),
        context: Type.Boolean({ description: 'A line near a match.' }),
        gap: Type.Boolean({ description: 'With context or `tail`: lines before this one are omitted.' }),
      },
      closed,
    ),
    Type.Object({ kind: Type.Literal('unsearched'), console: Type.String(), reason: Type.String() }, closed),
    Type.Object(
      { kind: Type.Literal('progress'), done: Type.Number(), all: Type.Number() },
      { ...closed, description: 'Bytes, of so many in the logs opened so far.' },
    ),
    Type.Object({ kind: Type.Literal('failed'), reason: Type.String() }, closed),
  ],
  { description: 'One line of the answer to a search. Lines come merged by time.' },
);

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'Of the catalogue.' }),
    problems: Type.Optional(Type.Array(ConfigProblemSchema, { description: 'With HF_BAD_CONFIG.' })),
  },
  { description: 'An error (RFC 9457).' },
);
