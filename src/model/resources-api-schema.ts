/** Current and past resource use of consoles, as the API reports it. */
import * as Type from 'typebox';

const closed = { additionalProperties: false };
const Count = Type.Integer({ minimum: 0 });

export const ResourcesSchema = Type.Object(
  {
    missing: Type.Optional(Type.String({ description: 'Why there are no figures, or no memory figures.' })),
    processes: Type.Optional(Count),
    cpuSeconds: Type.Optional(Type.Number({ description: 'Since the start, of all processes.' })),
    memoryBytes: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Charged to them now, page cache included; the peak since the start; the limit.',
      }),
    ),
    memoryPeakBytes: Type.Optional(Count),
    memoryMaxBytes: Type.Optional(Count),
    cpuMax: Type.Optional(Type.Number({ description: 'Processors that they may use: 1.5 is one and a half.' })),
  },
  {
    ...closed,
    description:
      'Resource use of the processes of a console, and their limits, as accounted in their cgroup; without one, the use of all processes of its session, memory that is resident, and no limits.',
  },
);

export const PastResourcesSchema = Type.Object(
  {
    since: Type.String({
      format: 'date-time',
      description: 'When this server started to sample; nothing is known from before.',
    }),
    spans: Type.Array(
      Type.Object(
        {
          time: Type.String({ format: 'date-time', description: 'When it begins.' }),
          seconds: Type.Integer({ description: '60 within the last hour, 900 before that.' }),
          memoryBytes: Type.Optional(
            Type.Number({ description: 'Peak in this span, sampled once a minute. To seven digits.' }),
          ),
          cpu: Type.Optional(Type.Number({ description: 'Mean number of processors: 0.25 is a quarter of one.' })),
        },
        closed,
      ),
      { description: 'Of the last day, oldest first; spans without data are omitted.' },
    ),
  },
  { ...closed, description: 'Past resource use of a console.' },
);
