/** The `log` of a console. */
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { closed, Duration, Limit, Mode, Path } from '../config-forms.ts';
import { bytes, milliseconds } from '../units.ts';
import { consoleKey, Defaulted } from './record.ts';

const Optional = Type.Optional;

const MINUTE_MS = 60_000;

/** Sizes in bytes, times in milliseconds. */
export interface LogSettings {
  readonly path: string;
  /** strftime format before every line. */
  readonly stamp?: string;
  /** Absent: not rotated by size. */
  readonly size?: number;
  readonly age?: number;
  readonly keep: number;
  readonly compress: boolean;
  readonly mode: number;
  /** Made as programs make their files: less the umask, wherever it is, whoever owns it. */
  readonly shared?: true;
  /** Bytes: a larger file is moved aside under the time in its name, all but its last lines (conserver's `logfilemax`). */
  readonly asideAt?: number;
  /** Name or number. */
  readonly group?: string;
  /** Lines to the journal of systemd too. */
  readonly journal?: boolean;
  /** Lines in the log about it: a time mark, and who came and went, breaks, tasks. */
  readonly marks?: {
    readonly every?: { readonly unit: 'minutes' | 'lines'; readonly count: number };
    readonly activity: boolean;
    readonly breaks: boolean;
    readonly tasks: boolean;
  };
}

/** Nothing has a default here: that would be marks in every log. */
const Marks = Type.Object(
  {
    every: Optional(
      Duration({
        description:
          'A time mark (`[-- MARK -- ...]`) at whole multiples of this, in whole minutes, while the console is up.',
        examples: ['1h'],
      }),
    ),
    lines: Optional(
      Type.Integer({
        minimum: 1,
        description: 'In place of `every`: the time before the first byte after every so many lines.',
        examples: [100],
      }),
    ),
    activity: Optional(
      Type.Boolean({
        description: 'Who takes and leaves the keyboard, init commands, idle strings.',
        examples: [true],
      }),
    ),
    breaks: Optional(Type.Boolean({ description: 'Breaks that users send.', examples: [true] })),
    tasks: Optional(Type.Boolean({ description: 'Tasks that users start, and their ends.', examples: [true] })),
  },
  closed,
);

const Log = Type.Object(
  {
    path: Defaulted(
      Path({
        description: 'The file; a relative path is below `server.log_dir`. `{name}` stands for the console.',
        default: '{name}.log',
        examples: ['{name}/console.log'],
      }),
    ),
    stamp: Defaulted(
      Type.String({
        description:
          'strftime(3) format of the stamp before every line; also `%f` (microseconds), `%3N`, `%6N`. Empty: no stamp.',
        default: '',
        examples: ['%F %T.%3N '],
      }),
    ),
    size: Defaulted(
      Limit({
        description: 'Rotate when the file has grown to this. `"unlimited"`: not by size.',
        default: '100M',
        examples: ['10M', 'unlimited'],
      }),
    ),
    age: Optional(
      Duration({
        description: 'Rotate when the file is older than this, whatever its size. Without it: not by age.',
        examples: ['7d'],
      }),
    ),
    keep: Defaulted(Type.Integer({ minimum: 1, description: 'Rotated files to keep.', default: 5, examples: [20] })),
    compress: Defaulted(
      Type.Boolean({ description: 'Compress rotated files (gzip).', default: false, examples: [true] }),
    ),
    mode: Defaulted(
      Mode({
        description: 'Mode of the file, also if it already exists and is ours, and of rotated files.',
        default: '0640',
        examples: ['0644'],
      }),
    ),
    group: Optional(
      Type.String({
        minLength: 1,
        description: 'Group of the file. Without it: that of the holder.',
        examples: ['operators'],
      }),
    ),
    journal: Defaulted(
      Type.Boolean({
        description:
          'Lines also go to the journal of systemd, after the first 500 at most 20 per second: `journalctl HOLDFAST_CONSOLE=NAME`.',
        default: false,
        examples: [true],
      }),
    ),
    marks: Optional(
      Type.Union([Type.Literal(false), Marks], {
        description:
          'Lines of the server in the log that nobody sees on the console (`[-- ... --]`): when it comes up and goes down, notes of users (`^Ecn`), and what the keys of this table add. `false`: none.',
        examples: [{ every: '1h', activity: true, breaks: true, tasks: true }],
      }),
    ),
  },
  closed,
);

type Marks = NonNullable<LogSettings['marks']>;

function marksOf({ every, lines, activity = false, breaks = false, tasks = false }: Static<typeof Marks>): Marks {
  return {
    ...(every !== undefined && { every: { unit: 'minutes', count: milliseconds(every) / MINUTE_MS } }),
    ...(lines !== undefined && { every: { unit: 'lines', count: lines } }),
    ...{ activity, breaks, tasks },
  };
}

export const LOG_KEYS = {
  log: consoleKey({
    layers: 'merged',
    change: 'live',
    sets: 'log',
    schema: Optional(
      Type.Union([Type.Literal(false), Log], {
        description: 'The log of all output; `false`: none.',
        examples: [false],
      }),
    ),
    /** A zero is a mistake rather than a bound. */
    check: (log, tell) => {
      if (log === false) {
        return;
      }
      if (log.size !== undefined && log.size !== 'unlimited' && bytes(log.size) === 0) {
        tell(['size'], 'a log of no size would be rotated with every line; "unlimited" is for no limit');
      }
      if (log.age !== undefined && milliseconds(log.age) === 0) {
        tell(['age'], 'a log of no age would be rotated with every line; without the key it is not rotated by age');
      }
      const { every, lines } = log.marks || {};
      if (every !== undefined && (milliseconds(every) === 0 || milliseconds(every) % MINUTE_MS !== 0)) {
        tell(['marks', 'every'], 'marks come at whole minutes; expected 1m or a multiple of it');
      }
      if (every !== undefined && lines !== undefined) {
        tell(['marks', 'lines'], 'marks come by time or by lines; remove one of them');
      }
      if (log.mode !== undefined && (Number.parseInt(log.mode, 8) & 0o600) !== 0o600) {
        tell(['mode'], `"${log.mode}" does not let the holder itself read and write the log; 0600 is the least`);
      }
    },
    value: (log, at): LogSettings | undefined =>
      log === false
        ? undefined
        : {
            path: at.path('logDir', log.path),
            ...(log.stamp !== '' && { stamp: log.stamp }),
            ...(log.size !== 'unlimited' && { size: bytes(log.size) }),
            ...(log.age !== undefined && { age: milliseconds(log.age) }),
            keep: log.keep,
            compress: log.compress,
            mode: Number.parseInt(log.mode, 8),
            ...(log.group !== undefined && { group: log.group }),
            ...(log.journal && { journal: true }),
            ...(log.marks && { marks: marksOf(log.marks) }),
          },
  }),
};
