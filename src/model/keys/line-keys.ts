/** Keys of a console that say when its source is open, and what is done to what passes through it; most were conserver's. */
import * as Type from 'typebox';
import { closed, Duration } from '../config-forms.ts';
import { milliseconds } from '../units.ts';
import { consoleKey } from './record.ts';

const Optional = Type.Optional;

const Init = Type.Object(
  {
    command: Optional(
      Type.String({
        minLength: 1,
        description: 'A line for `/bin/sh -ce`. `{name}` stands for the console.',
        examples: ['expect -f /etc/holdfast/login.exp'],
      }),
    ),
    user: Optional(
      Type.String({
        minLength: 1,
        description: 'Runs it as this user. Needs root. Without it: as the server runs.',
        examples: ['operator'],
      }),
    ),
    group: Optional(
      Type.String({
        minLength: 1,
        description: 'Runs it with this group. Without it: the primary group of the user.',
        examples: ['operators'],
      }),
    ),
  },
  closed,
);

const Idle = Type.Object(
  {
    after: Optional(Duration({ description: 'The time without input or output. 0: never.', examples: ['5m'] })),
    send: Optional(
      Type.String({
        description: 'Typed then, and after every further such time. Without it: a line feed.',
        examples: ['\r'],
      }),
    ),
  },
  closed,
);

export const LINE_KEYS = {
  open: consoleKey({
    layers: 'nearest',
    change: 'live',
    sets: 'start',
    schema: Optional(
      Type.Union([Type.Literal('always'), Type.Literal('on-entry'), Type.Literal('on-demand')], {
        description:
          'When the source is open. Without it: `always`. `on-entry`: a session that enters opens a source that is down. `on-demand`: the first session opens it, the last one closes it; it comes back by itself for those who are there, but an attempt that fails is repeated by the next session only.',
        examples: ['on-demand'],
      }),
    ),
    value: (when) => when,
  }),
  init: consoleKey({
    layers: 'merged',
    change: 'process',
    sets: 'init command',
    kernel: true,
    schema: Optional(
      Type.Union([Type.String(), Init], {
        title: 'a command for /bin/sh, or a table',
        description:
          'A command that prepares the source after each start, in the server. Until it ends it alone talks to the source: its standard input gets the output, what it writes is typed, and what users type goes nowhere. It gets SIGHUP if the source goes down. A text is short for `{ command = ... }`; an empty one: none.',
        examples: ['printf "\\r"; sleep 1; printf "admin\\r"'],
      }),
    ),
    long: (command) => (command === '' ? { command: undefined } : { command }),
    value: (
      { command, user, group },
      at,
    ): { readonly command: string; readonly user?: string; readonly group?: string } | undefined =>
      command === undefined
        ? undefined
        : { command: at.fill(command), ...(user !== undefined && { user }), ...(group !== undefined && { group }) },
  }),
  idle: consoleKey({
    layers: 'merged',
    change: 'live',
    sets: 'input',
    schema: Optional(
      Type.Union([Type.String({ pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' }), Idle], {
        title: 'a duration (a text such as "5m"), or a table',
        description:
          'Types something when nothing has come or gone for a while; everybody on the console is told. The server reads the output for it. A duration is short for `{ after = ... }`.',
        examples: ['10m'],
      }),
    ),
    long: (after) => ({ after }),
    check: (idle, tell) => {
      const after = typeof idle === 'string' ? idle : (idle.after ?? 0);
      if (milliseconds(after) > 0 && milliseconds(after) < 1000) {
        const path = typeof idle === 'string' ? [] : ['after'];
        tell(path, 'less than a second without input is nothing unusual; expected 1s or more, or 0');
      }
    },
    value: ({ after = 0, send = '\n' }): { readonly after: number; readonly send: string } | undefined =>
      milliseconds(after) === 0 ? undefined : { after: milliseconds(after), send },
  }),
  strip_high: consoleKey({
    layers: 'nearest',
    change: 'process',
    sets: 'output',
    schema: Optional(
      Type.Boolean({
        description:
          'Clears the high bit of every byte of output: for lines of seven bits with parity. Without it: no.',
        examples: [true],
      }),
    ),
    value: (on): true | undefined => on || undefined,
    child: () => ({ stripHigh: true }),
  }),
  unloved: consoleKey({
    layers: 'nearest',
    change: 'live',
    sets: 'shared output',
    schema: Optional(
      Type.Boolean({
        description:
          'Shows its output on standard output of the server, line by line with its name, while nobody has its keyboard. Without it: no.',
        examples: [true],
      }),
    ),
    value: (on): true | undefined => on || undefined,
  }),
};
