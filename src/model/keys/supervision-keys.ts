/** Keys of a console that say when its process starts, ends and counts as ready. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { closed, Duration, Texts } from '../config-forms.ts';
import { didYouMean } from '../nearest-word.ts';
import { SIGKILL, SIGNALS, signalNumber } from '../signals.ts';
import type { StopStep } from '../stop-recipe.ts';
import type { RestartPolicy } from '../supervision.ts';
import { milliseconds } from '../units.ts';
import { consoleKey, Defaulted } from './record.ts';

const Optional = Type.Optional;

const POLICIES = [Type.Literal('always'), Type.Literal('on-failure'), Type.Literal('never')] as const;

const Restart = Type.Object(
  {
    policy: Defaulted(
      Type.Union([...POLICIES], {
        description:
          'Which ends are followed by a restart. `on-failure`: an exit status other than 0, or a signal. A process that was stopped on request stays stopped. A link is always opened again, and a console with one refuses another policy.',
        default: 'always',
        examples: ['on-failure'],
      }),
    ),
    holdoff: Defaulted(
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

const Step = Type.Union(
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
  { title: 'a step ({ send = "text" }, { signal = "NAME" } or { wait = "5s" })' },
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
    within: Defaulted(
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

function stopStep(step: Static<typeof Step>): StopStep {
  if ('signal' in step) {
    return { signal: signalNumber(step.signal) as number };
  }
  return 'wait' in step ? { wait: milliseconds(step.wait) } : { send: step.send };
}

export const SUPERVISION_KEYS = {
  restart: consoleKey({
    layers: 'merged',
    change: 'live',
    sets: 'restart policy',
    schema: Optional(
      Type.Union([...POLICIES, Restart], {
        description: 'When a process that has ended is started again. A text is short for `{ policy = ... }`.',
        examples: ['on-failure'],
      }),
    ),
    long: (policy) => ({ policy }),
    check: (restart, tell, source = 'run') => {
      const policy = typeof restart === 'string' ? restart : (restart.policy ?? 'always');
      if (source !== 'run' && policy !== 'always') {
        const path = typeof restart === 'string' ? [] : ['policy'];
        tell(
          path,
          `only a console with 'run' has this; a link is always opened again, and the source here is '${source}'`,
        );
      }
      if (typeof restart === 'object' && restart.limit && restart.limit.within === 0) {
        tell(['limit', 'within'], 'a limit within no time never counts anything; expected more than 0');
      }
    },
    value: ({ policy, holdoff, backoff, limit }): RestartPolicy & { readonly mode: typeof policy } => ({
      mode: policy,
      holdoff: milliseconds(holdoff),
      ...(backoff && { backoff: { factor: backoff.factor, most: milliseconds(backoff.max) } }),
      ...(limit && { limit: { count: limit.count, within: milliseconds(limit.within) } }),
    }),
  }),
  start: consoleKey({
    layers: 'nearest',
    change: 'live',
    sets: 'start',
    schema: Defaulted(
      Type.Boolean({
        description: 'Whether the console is started (or connected) with the server.',
        default: true,
        examples: [false],
      }),
    ),
    value: (start) => start,
  }),
  stop: consoleKey({
    only: 'run',
    layers: 'nearest',
    change: 'live',
    sets: 'stop recipe',
    schema: Defaulted(
      Type.Array(Step, {
        minItems: 1,
        title: 'a recipe (an array of { send = "text" }, { signal = "NAME" } and { wait = "5s" })',
        description:
          'How the process is asked to end, step by step, until it has ended. If the last step is not KILL, KILL follows.',
        default: [{ signal: 'TERM' }, { wait: '10s' }, { signal: 'KILL' }],
        examples: [[{ send: 'exit\n' }, { wait: '5s' }, { signal: 'TERM' }, { wait: '10s' }, { signal: 'KILL' }]],
      }),
    ),
    check: (steps, tell) => {
      for (const [index, step] of steps.entries()) {
        if ('signal' in step && signalNumber(step.signal) === undefined) {
          const meant = didYouMean(String(step.signal).replace(/^SIG/i, ''), Object.keys(SIGNALS));
          tell([index, 'signal'], `unknown signal '${step.signal}'${meant || '; a name such as TERM, or 1 to 31'}`);
        }
      }
    },
    value: (given): readonly StopStep[] => {
      const steps = given.map(stopStep);
      const last = steps.at(-1);
      return last && 'signal' in last && last.signal === SIGKILL ? steps : [...steps, { signal: SIGKILL }];
    },
    elsewhere: [],
  }),
  ready: consoleKey({
    layers: 'merged',
    change: 'live',
    sets: 'readiness',
    schema: Optional(Ready),
    check: (ready, tell) => {
      if (ready.pattern && ready.port !== undefined) {
        tell(['port'], 'a process is ready by its pattern or by its port; remove one of them');
      }
      try {
        new RegExp(ready.pattern ?? '');
      } catch (error) {
        const reason = (error as Error).message.replace(/^Invalid regular expression: /, '');
        tell(['pattern'], `no regular expression: ${reason}`);
      }
    },
    /** An empty pattern removes a template's. */
    value: ({ pattern, port, within }) =>
      pattern || port !== undefined
        ? { ...(pattern && { pattern }), ...(port !== undefined && { port }), within: milliseconds(within) }
        : undefined,
  }),
  after: consoleKey({
    layers: 'nearest',
    change: 'live',
    sets: 'start',
    unordered: true,
    schema: Defaulted(
      Texts({
        description: 'Consoles that have to be up (ready, if they have a readiness check) before this one is started.',
        default: [],
        examples: [['gateway']],
      }),
    ),
    value: (names): readonly string[] => [...new Set(names)],
  }),
};
