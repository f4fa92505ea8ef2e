/** The keys of `[server]`, in records as those of a console. */
import type { TSchema } from 'typebox';
import * as Type from 'typebox';
import { Duration, Mode, Path, Size } from '../config-forms.ts';
import type { Directories } from '../config-input.ts';
import { bytes, milliseconds } from '../units.ts';
import { Defaulted, type Given } from './record.ts';

const Optional = Type.Optional;

/** When a change takes effect: at once; with the next start of the server, which stops no process; of the holder, which stops all. */
export type ServerEffect = 'live' | 'server' | 'holder';

/** The property that a key sets; `server-keys.test.ts` checks that it changes. */
export type ServerTarget =
  | 'folders'
  | 'control socket'
  /** How many start at a time. */
  | 'start slots'
  /** When logs are written, and synchronised. */
  | 'log writing'
  | 'shared output'
  | 'lag memory'
  | 'event history';

export interface ServerKey<S extends TSchema = TSchema, V = unknown> {
  readonly schema: S;
  readonly change: ServerEffect;
  readonly sets: ServerTarget;
  /** `path` makes absolute what is below the folder of the file that gives the key. */
  value(given: Given<S>, path: (path: string) => string): V;
  /** The value where no file gives the key; `before`: what the keys above have resolved to. */
  missing?(directories: Directories, before: { readonly stateDir?: string }): V;
}

/** For the types. */
function serverKey<S extends TSchema, V>(record: ServerKey<S, V>): ServerKey<S, V> {
  return record;
}

function folderKey<M>(words: Parameters<typeof Path>[0], change: ServerEffect, missing: M) {
  const value = (given: string, path: (path: string) => string) => path(given);
  return { schema: Optional(Path(words)), change, sets: 'folders' as const, value, missing };
}

export const SERVER_KEYS = {
  runtime_dir: folderKey(
    {
      description:
        'Sockets. Without it: `/run/holdfast` for root, otherwise `$XDG_RUNTIME_DIR/holdfast`, or `run` in the state directory if that variable is not set.',
      examples: ['/run/holdfast'],
    },
    'holder',
    ({ runtimeDir }: Directories) => runtimeDir,
  ),
  state_dir: folderKey(
    {
      description:
        'Event history and holds. Without it: `/var/lib/holdfast` for root, otherwise `$XDG_STATE_HOME/holdfast` (`~/.local/state/holdfast`).',
      examples: ['/var/lib/holdfast'],
    },
    'server',
    ({ stateDir }: Directories) => stateDir,
  ),
  log_dir: folderKey(
    {
      description:
        'Console logs. Without it: `/var/log/holdfast` for root, otherwise `log` in the state directory. It is created with mode 0750 if it is missing.',
      examples: ['/var/log/holdfast'],
    },
    'server',
    ({ logDir }: Directories, { stateDir }: { readonly stateDir?: string }) => logDir ?? `${stateDir}/log`,
  ),
  control_mode: serverKey({
    change: 'server',
    sets: 'control socket',
    schema: Defaulted(Mode({ description: 'Mode of the control socket.', default: '0660', examples: ['0600'] })),
    value: (mode) => Number.parseInt(mode, 8),
  }),
  control_group: serverKey({
    change: 'server',
    sets: 'control socket',
    schema: Optional(
      Type.String({
        minLength: 1,
        description: 'Group of the control socket. Without it: the group of the server.',
        examples: ['operators'],
      }),
    ),
    value: (name) => name,
  }),
  start_at_once: serverKey({
    change: 'live',
    sets: 'start slots',
    schema: Defaulted(
      Type.Integer({
        minimum: 1,
        description:
          'Processes that may be starting at the same time on their own, for example after a power cut. As many again may be starting on request, and as many links connecting: none of these waits for another kind.',
        default: 10,
        examples: [50],
      }),
    ),
    value: (count) => count,
  }),
  log_delay: serverKey({
    change: 'server',
    sets: 'log writing',
    schema: Defaulted(
      Duration({
        description: 'Output is collected for at most this long before it is written to the logs. 0: written at once.',
        default: '50ms',
        examples: [0],
      }),
    ),
    value: milliseconds,
  }),
  lag_memory: serverKey({
    change: 'server',
    sets: 'lag memory',
    schema: Optional(
      Size({
        description:
          'Memory for data that waits for something slow, for all consoles together: output for readers that lag, and for logs whose disk does not keep up. The holder and the server have this much each. It is shared fairly: when it is used up, the consoles that use the most give some back, and those that need little get it. Without it: a sixteenth of the memory of the machine, between 64M and 1G.',
        examples: ['256M'],
      }),
    ),
    value: bytes,
  }),
  log_sync: serverKey({
    change: 'server',
    sets: 'log writing',
    schema: Defaulted(
      Type.Union([Type.Literal('never'), Type.Literal('always'), Duration({ description: 'After a write.' })], {
        title: '"never", "always" or a duration',
        description:
          'fdatasync(2) of the logs: never, with every write, or at most this long after a write. With any setting, the end of the server or of a process loses nothing, and that of the holder at most what was being collected (`log_delay`). A power cut loses with "never" what the kernel had not yet written (some 30 s), with a duration at most that much, with "always" nothing that was written.',
        default: 'never',
        examples: ['5s'],
      }),
    ),
    /** Milliseconds after a write, 0: always; absent: never. */
    value: (sync) => (sync === 'never' ? undefined : sync === 'always' ? 0 : milliseconds(sync)),
  }),
  unified_log: serverKey({
    change: 'live',
    sets: 'shared output',
    schema: Optional(
      Path({
        description:
          'A file for the output of all consoles, each line with the name of its console, and with a `*` where somebody has the keyboard. A relative path is below the folder of this file. It is not rotated: logrotate may move it. The server writes it, so what comes while none runs is not in it. Without it: none.',
        examples: ['/var/log/holdfast/all'],
      }),
    ),
    value: (given, path) => path(given),
  }),
  events_keep: serverKey({
    change: 'live',
    sets: 'event history',
    schema: Defaulted(
      Size({
        description: 'Maximum size of the event history. A quarter of it is for sessions that came and went.',
        default: '16M',
        examples: ['64M'],
      }),
    ),
    value: bytes,
  }),
};
