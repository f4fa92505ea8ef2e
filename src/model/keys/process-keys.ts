/** Keys of a console that say how its process runs. */
import * as Type from 'typebox';
import { closed, Mode, Path, Size } from '../config-forms.ts';
import { didYouMean } from '../nearest-word.ts';
import { RESOURCE_LIMITS } from '../resource-limits.ts';
import { TableOf } from '../table-of.ts';
import { bytes, limitPair, UNLIMITED } from '../units.ts';
import { consoleKey, Defaulted } from './record.ts';

const Optional = Type.Optional;

const LIMIT = 'a limit (N for both, "SOFT:HARD", each a number such as 4096 or "64M", or "unlimited")';

/** One of setrlimit(2). */
const LimitValue = Type.Union(
  [Type.Integer({ minimum: 0 }), Type.String({ pattern: '^(unlimited|\\d+[kKMG]?)(:(unlimited|\\d+[kKMG]?))?$' })],
  { title: LIMIT },
);

/** Of the process and all its descendants together. */
const Quota = Type.Object(
  {
    memory: Optional(
      Size({
        description:
          'Memory that the process and everything it starts may use together, without swap. If they need more, the kernel kills one of them (`memory.max`).',
        examples: ['512M'],
      }),
    ),
    cpu: Optional(
      Type.Number({
        minimum: 0.01,
        description: 'Processors that they may use together: 1.5 is one and a half (`cpu.max`).',
        examples: [1.5],
      }),
    ),
  },
  {
    ...closed,
    description:
      'Takes effect if the holder has a cgroup (v2) for each console, as under systemd. `holdfast status NAME` says if it has none, and why.',
  },
);

/** Common to all records of this file. */
const OF_PROCESS = { only: 'run', change: 'process', sets: 'child' } as const;

export const PROCESS_KEYS = {
  user: consoleKey({
    ...OF_PROCESS,
    layers: 'nearest',
    kernel: true,
    schema: Optional(
      Type.String({
        minLength: 1,
        description: 'Run as this user, with all groups of the user. Needs root. Without it: as the holder runs.',
        examples: ['iocuser'],
      }),
    ),
    value: (name) => name,
  }),
  group: consoleKey({
    ...OF_PROCESS,
    layers: 'nearest',
    kernel: true,
    schema: Optional(
      Type.String({
        minLength: 1,
        description: 'Run with this primary group. Without it: the primary group of the user.',
        examples: ['iocgroup'],
      }),
    ),
    value: (name) => name,
  }),
  chdir: consoleKey({
    ...OF_PROCESS,
    layers: 'nearest',
    kernel: true,
    schema: Optional(
      Path({
        description:
          'Directory in which the process starts; a relative path is below the folder of this file. Without it: where the holder was started.',
        examples: ['/opt/iocs/{name}'],
      }),
    ),
    value: (path, at) => at.path('file', path),
    child: (cwd) => ({ cwd }),
  }),
  env: consoleKey({
    ...OF_PROCESS,
    layers: 'merged',
    kernel: true,
    schema: Defaulted(
      TableOf('^[A-Za-z_][A-Za-z0-9_]*$', Type.String({ writeOnly: true }), {
        ...closed,
        propertyNames: { title: 'letters, digits and _, the first not a digit' },
        writeOnly: true,
        title: 'a table of texts',
        description: 'Environment variables. Tables of the layers are merged, the nearer value wins.',
        default: {},
        examples: [{ EPICS_CA_ADDR_LIST: '10.0.255.255', IOC: '{name}' }],
      }),
    ),
    value: (variables, at): Readonly<Record<string, string>> =>
      Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, at.fill(text)])),
    elsewhere: {},
  }),
  env_file: consoleKey({
    ...OF_PROCESS,
    layers: 'nearest',
    kernel: true,
    schema: Defaulted(
      Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }))], {
        title: 'a path or an array of paths',
        description:
          'Files of `NAME=VALUE` lines, read at every start as `EnvironmentFile=` of systemd reads them: lines that are not assignments are skipped and listed in the history. A relative path is below the folder of this file. With `-` in front, the file may be missing or unusable. `env` takes precedence over them.',
        default: [],
        examples: [['/etc/epics/environment', '-/etc/epics/{name}.env']],
      }),
    ),
    value: (files, at): readonly { readonly path: string; readonly optional: boolean }[] =>
      (typeof files === 'string' ? [files] : files).map((text) => {
        const optional = text.startsWith('-');
        return { path: at.path('file', optional ? text.slice(1) : text), optional };
      }),
    elsewhere: [],
  }),
  umask: consoleKey({
    ...OF_PROCESS,
    layers: 'nearest',
    schema: Optional(
      Mode({ description: 'File mode creation mask. Without it: that of the holder.', examples: ['0022'] }),
    ),
    value: (mode) => Number.parseInt(mode, 8),
    child: (umask) => ({ umask }),
  }),
  limits: consoleKey({
    ...OF_PROCESS,
    layers: 'merged',
    schema: Defaulted(
      TableOf('^[a-z]+$', LimitValue, {
        ...closed,
        propertyNames: { title: 'lower-case letters' },
        title: 'a table of limits',
        description:
          'Resource limits by their name in setrlimit(2), lower case, without `RLIMIT_`. One value sets the soft and the hard limit.',
        default: {},
        examples: [{ core: 'unlimited', nofile: '4096:8192' }],
      }),
    ),
    check: (limits, tell) => {
      for (const [name, limit] of Object.entries(limits)) {
        const { soft, hard } = limitPair(limit);
        if (hard !== UNLIMITED && (soft === UNLIMITED || soft > hard)) {
          tell([name], `the soft limit of "${limit}" is above the hard one; write SOFT:HARD`);
        }
        if (!RESOURCE_LIMITS.includes(name)) {
          const meant = didYouMean(name, RESOURCE_LIMITS) || `; known are ${RESOURCE_LIMITS.join(', ')}`;
          tell([name], `unknown limit '${name}'${meant}`);
        }
      }
    },
    /** -1 is unlimited, null leaves that limit as it is. */
    value: (limits): Readonly<Record<string, { readonly soft: number | null; readonly hard: number | null }>> =>
      Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, limitPair(limit)])),
    elsewhere: {},
    child: (limits) => ({ limits }),
  }),
  quota: consoleKey({
    ...OF_PROCESS,
    layers: 'merged',
    schema: Optional(Quota),
    check: ({ memory }, tell) => {
      if (memory !== undefined && bytes(memory) === 0) {
        tell(['memory'], 'nothing runs without memory; without the key there is no quota');
      }
    },
    value: ({ memory, cpu }) =>
      memory === undefined && cpu === undefined
        ? undefined
        : { ...(memory !== undefined && { memoryBytes: bytes(memory) }), ...(cpu !== undefined && { cpu }) },
    child: (caps) => ({ caps }),
  }),
};
