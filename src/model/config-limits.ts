/** The parts of the configuration schema about what a process may use. */
import Type from 'typebox';
import { closed, LIMIT, Size } from './config-forms.ts';

const Optional = Type.Optional;

/** One of setrlimit(2). */
export const LimitValue = Type.Union(
  [Type.Integer({ minimum: 0 }), Type.String({ pattern: '^(unlimited|\\d+[kKMG]?)(:(unlimited|\\d+[kKMG]?))?$' })],
  { title: LIMIT },
);

/** Of the process and all its descendants together. */
export const Quota = Type.Object(
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
