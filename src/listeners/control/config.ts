/** `GET /v1/config`: what is in force; `POST /v1/plan`: how another configuration differs from it. */
import * as Type from 'typebox';
import type { HostConfig } from '../../model/config.ts';
import { RunningConfigSchema } from '../../model/config-api-schema.ts';
import { HoldfastError } from '../../model/errors.ts';
import { fromPlain } from '../../model/plain.ts';
import { PlanSchema } from '../../model/plan-api-schema.ts';
import { route } from './route.ts';
import { accepted } from './server.ts';

const NAME_CHARACTERS = 1024;

export const configuration = route({
  method: 'GET',
  path: '/v1/config',
  id: 'configuration',
  summary: 'The configuration that is in force for all consoles, or one, with the file and line of each key.',
  query: Type.Object(
    {
      console: Type.Optional(
        Type.String({ minLength: 1, maxLength: NAME_CHARACTERS, description: 'Only this one; absent: all of them.' }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: { status: 200, schema: RunningConfigSchema },
  handle: ({ host, query }) => host.configuration(query.console),
});

const LARGEST_BYTES = 16 << 20;
const Named = Type.Object({ name: Type.String() });

export const planInstead = route({
  method: 'POST',
  path: '/v1/plan',
  id: 'planInstead',
  summary:
    'What applying another configuration would change: for `holdfast plan -c`, which reads the files with the rights of its user.',
  body: Type.Object(
    {
      config: Type.Object(
        {
          server: Type.Object({}),
          consoles: Type.Array(Type.Object({ name: Type.String(), source: Type.Object({ kind: Type.String() }) })),
          isis: Type.Array(Named),
          files: Type.Array(Type.String()),
          unread: Type.Array(Type.String()),
        },
        {
          description:
            'As a program of the version of the server has it once it is read. Its form is not for others, and may change.',
        },
      ),
    },
    { additionalProperties: false },
  ),
  large: { bytes: LARGEST_BYTES, verb: 'plan' },
  answer: { status: 200, schema: PlanSchema },
  async handle({ host, body: { config } }) {
    try {
      return accepted(await host.plan(fromPlain(config) as HostConfig));
    } catch (error) {
      throw error instanceof TypeError || error instanceof RangeError
        ? new HoldfastError('HF_BAD_REQUEST', `body.config: it is not a configuration: ${error.message}`)
        : error;
    }
  },
});
